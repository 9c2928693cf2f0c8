/*
 * The state of synchronization, see standing.h.  Part of ntpctl.  It must never
 * claim more than is known, nor hide that it is old.
 */
#include "ntp-net/ctl/standing.h"

#include <stdio.h>
#include <string.h>

#include "ntp-net/ctl/text.h"

static bool
is_controlled(const struct report *r)
{
	return r->clock_known ? (r->clock.flags & CLOCK_STATE_CONTROLLED) != 0
			      : (r->status.flags & STATUS_CONTROLLED) != 0;
}

/* The program if it does not run, but should; else NULL. */
static const struct msg_process *
find_down(const struct report *r, enum proc p)
{
	for (uint32_t i = 0; i < r->process_count; i++) {
		const struct msg_process *m = &r->processes[i];

		if (m->child == (uint32_t)p && m->pid == 0)
			return m;
	}
	return NULL;
}

bool
standing_is_down(const struct report *r, enum proc p, int64_t *ns)
{
	const struct msg_process *m = find_down(r, p);

	if (m != NULL)
		*ns = m->age_ns;
	return m != NULL;
}

bool
standing_responds(const struct msg_process *p)
{
	return p->pid != 0 && p->silent == 0;
}

/* ntp-clock, if it should steer the clock but does not run; else NULL. */
static const struct msg_process *
clock_is_left(const struct report *r)
{
	return is_controlled(r) ? find_down(r, PROC_CLOCK) : NULL;
}

static bool
clock_holds(const struct report *r)
{
	return r->clock_known && is_controlled(r) &&
	    (r->clock.flags & CLOCK_STATE_HOLDOVER) != 0;
}

enum standing
standing_of(const struct report *r)
{
	uint32_t flags = r->status.flags;

	if ((flags & STATUS_SYNCED) == 0)
		return (flags & STATUS_UNMEASURED) != 0 ? STANDING_UNMEASURED
							: STANDING_UNSYNCED;
	return (flags & STATUS_HOLDOVER) != 0 || clock_is_left(r) != NULL ||
		clock_holds(r)
	    ? STANDING_HOLDOVER
	    : STANDING_SYNCED;
}

const char *
standing_name(enum standing s)
{
	switch (s) {
	case STANDING_SYNCED:
		return "synchronized";
	case STANDING_HOLDOVER:
		return "holdover";
	case STANDING_UNSYNCED:
		return "unsynchronized";
	case STANDING_UNMEASURED:
		return "unmeasured";
	}
	return "?";
}

void
standing_holdover(const struct report *r, struct holdover *h)
{
	const struct msg_status *s = &r->status;
	const struct msg_process *down;

	h->age_ns = s->age_ns;
	h->since_ns = s->since_ns;
	h->bound_ns = s->bound_ns;
	if ((s->flags & STATUS_HOLDOVER) != 0) {
		escape_text(h->why, sizeof(h->why), s->why);
		return;
	}
	down = clock_is_left(r);
	if (down != NULL) {
		h->age_ns = down->age_ns;
		h->since_ns = down->since_ns;
		(void)snprintf(h->why, sizeof(h->why),
		    "ntp-clock is down: the clock goes on at its last rate");
		return;
	}
	h->age_ns = -1;
	h->since_ns = 0;
	h->bound_ns = r->clock.error_ns;
	(void)snprintf(h->why, sizeof(h->why),
	    "ntp-clock has taken no sample for long: see ntpctl log");
}

/* "holdover since ... (2 min 10 s), error at most 12.1 ms: why" */
static void
holdover_text(const struct report *r, char *text, size_t size)
{
	char since[TEXT_SHORT] = "", age[TEXT_SHORT], bound[TEXT_SHORT];
	struct holdover h;

	standing_holdover(r, &h);
	text_duration(age, sizeof(age), h.age_ns);
	if (h.age_ns < 0)
		(void)snprintf(age, sizeof(age), "a while");
	if (h.since_ns > 0)
		text_wall_second(since, sizeof(since), h.since_ns);
	text_time(bound, sizeof(bound), h.bound_ns, false);
	if (h.bound_ns < 0)
		(void)snprintf(bound, sizeof(bound), "what is not known");
	(void)snprintf(text, size, "holdover %s%s%s%s%s, error at most %s: %s",
	    since[0] != '\0' ? "since " : "for ", since,
	    since[0] != '\0' ? " (" : "", age, since[0] != '\0' ? ")" : "",
	    bound, h.why);
}

static bool
is_frozen(const struct report *r)
{
	return (r->clock_known && (r->clock.flags & CLOCK_STATE_FROZEN) != 0) ||
	    (r->status.flags & STATUS_FROZEN) != 0;
}

/* The clock was set, if it is to be set at all. */
static bool
is_set(const struct report *r)
{
	return !r->clock_known || !is_controlled(r) ||
	    (r->clock.flags & CLOCK_STATE_IN_SYNC) != 0;
}

static bool
holds(const struct report *r)
{
	return !is_frozen(r) && is_set(r) &&
	    standing_of(r) == STANDING_HOLDOVER;
}

bool
standing_in_sync(const struct report *r, char *why, size_t size)
{
	char reason[REASON_LEN * 4 + 1];

	why[0] = '\0';
	if (is_frozen(r)) {
		escape_text(reason, sizeof(reason),
		    r->clock_known && r->clock.frozen[0] != '\0'
			? r->clock.frozen
			: "a limit was passed");
		(void)snprintf(why, size, "the clock is frozen: %s", reason);
	} else if ((r->status.flags & STATUS_SYNCED) == 0) {
		escape_text(reason, sizeof(reason),
		    r->status.why[0] != '\0' ? r->status.why
					     : "no agreement on the time yet");
		(void)snprintf(why, size, "not synchronized: %s", reason);
	} else if (!is_set(r)) {
		(void)snprintf(why, size, "the clock has not been set yet");
	} else if (holds(r)) {
		holdover_text(r, why, size);
	}
	return why[0] == '\0';
}

bool
standing_awaits(const struct report *r, char *text, size_t size)
{
	const struct msg_status *s = &r->status;
	char endpoint[TEXT_SHORT], more[TEXT_SHORT] = "";

	text_endpoint(
	    endpoint, sizeof(endpoint), &s->awaited_addr, s->awaited_port);
	if (s->awaited > 1)
		(void)snprintf(more, sizeof(more), " and %u more address%s",
		    s->awaited - 1, s->awaited == 2 ? "" : "es");
	(void)snprintf(text, size, "cannot listen on %s%s yet", endpoint, more);
	return s->awaited > 0;
}

/* The same, without the addresses. */
static bool
serves(const struct report *r, char *how, size_t size)
{
	if (standing_in_sync(r, how, size)) {
		(void)snprintf(how, size, "%s",
		    is_controlled(r)
			? "in sync"
			: "in sync; the clock of this machine is not touched");
		return true;
	}
	if (holds(r))
		return true; /* how says it */
	if (is_frozen(r) || (r->status.flags & STATUS_LOCAL) == 0)
		return false;
	(void)snprintf(how, size, "serving its own time: local stratum");
	return true;
}

bool
standing_serves(const struct report *r, char *how, size_t size)
{
	bool good = serves(r, how, size);
	char awaits[TEXT_SHORT * 3];
	size_t len = strlen(how);

	if (!standing_awaits(r, awaits, sizeof(awaits)))
		return good;
	/* It should only serve its own time, but no client can ask for it. */
	if (!good && !is_frozen(r) && (r->status.flags & STATUS_UNSERVED) != 0)
		(void)snprintf(how, size,
		    "not serving its own time (local stratum): %s", awaits);
	else
		(void)snprintf(how + len, size - len, "; %s", awaits);
	return good;
}
