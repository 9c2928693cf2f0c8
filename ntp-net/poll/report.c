/*
 * Answers ntp-observe, see report.h.  Run by ntp-net.  Must never change
 * anything: it only reports.
 */
#include "ntp-net/poll/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/status.h"
#include "core/fmath.h"
#include "core/saturate.h"
#include "ntp-net/poll/exchange.h"
#include "ntp-net/poll/known.h"
#include "ntp-net/poll/lookup.h"
#include "ntp-net/poll/why.h"

#define MESSAGES_MAX (SOURCES_MAX * 2 + 2) /* maximum length of an answer */

static void
fill_line(const struct net *n, struct msg_status *m)
{
	const struct decision *d = &n->decision;
	const struct clock_pair *pair = &n->clocks.pair;
	struct mono now = { pair->raw_ns };
	struct estimate e;

	if (!known_line(n, now, &e))
		return;
	m->flags |= STATUS_KNOWN;
	m->bound_ns = known_bound_ns(d, now);
	m->age_ns = sat_sub(now.ns, d->measured_at.ns);
	m->since_ns = d->measured_utc.ns;
	m->offset_ns =
	    sat_sub(e.theta_ns, sat_sub(pair->real_ns, pair->raw_ns));
	m->offset_error_ns =
	    sat_add(fmath_to_int64(fmath_ceil(e.sigma_ns)), pair->error_ns);
	m->slope = known_slope(e.slope);
	m->slope_error = known_slope_sigma(e.slope_sigma);
	m->root_delay_ns = d->agreement.last.root_delay_ns;
	m->root_dispersion_ns = known_dispersion_ns(d, m->bound_ns);
}

static void
fill_status(const struct net *n, uint32_t id, struct msg_status *m)
{
	const struct decision *d = &n->decision;

	memset(m, 0, sizeof(*m));
	m->id = id;
	m->age_ns = m->bound_ns = -1;
	m->stratum = STRATUM_NONE;
	m->leap = LEAP_UNKNOWN;
	m->sources = table_sources(&n->table);
	m->selected = d->agreement.now.agreed ? d->agreement.now.selected : 0;
	m->needed = d->agreement.now.needed;
	m->agreeing = d->agreement.now.agreeing;
	m->counted = table_configured(&n->table);
	m->uptime_ns = sat_sub(n->clocks.pair.raw_ns, n->started.ns);
	m->samples = d->samples;
	m->max_distance_ns = n->table.config.max_distance_ns;
	fill_line(n, m);
	if (!known_serves(d) && n->table.config.local_stratum != 0)
		m->flags |= n->page != NULL ? STATUS_LOCAL : STATUS_UNSERVED;
	if (why_synced(n, m->offset_ns, m->why)) {
		m->flags |= STATUS_SYNCED;
		if (known_holdover(n))
			m->flags |= STATUS_HOLDOVER;
		m->stratum = d->agreement.last.stratum;
		m->leap = (uint32_t)d->leap.armed;
		m->refid = d->refid;
	}
	if (n->clock_known)
		status_add_clock(m, &n->clock_state);
}

/* --- sources -------------------------------------------------------------- */

static void
why_silent(const struct slot *slot, char why[REASON_LEN])
{
	const struct source *s = &slot->source;

	if (slot->error != 0)
		(void)snprintf(
		    why, REASON_LEN, "%s", exchange_error_str(slot->error));
	else if (s->last_reject != VERDICT_USED)
		(void)snprintf(why, REASON_LEN, "its answers are not used: %s",
		    verdict_str(s->last_reject));
	else if (s->received == 0)
		(void)snprintf(why, REASON_LEN, "it has not answered yet");
	else
		(void)snprintf(why, REASON_LEN,
		    "it has not answered the last %u queries", s->unanswered);
}

/* Some servers do not answer at all if they lack the key of a query. */
static bool
why_unsigned(const struct net *n, const struct slot *s, char why[REASON_LEN])
{
	uint32_t key_id = n->table.entries[s->entry].key_id;

	if (key_id == 0 || s->source.received != 0 || s->error != 0 ||
	    s->source.last_reject != VERDICT_USED)
		return false;
	(void)snprintf(why, REASON_LEN,
	    "it has not answered a query that is signed with key %u: it may "
	    "have another key of that number, or none",
	    key_id);
	return true;
}

static void
why_candidate(const struct net *n, const struct source *s, char why[REASON_LEN])
{
	uint32_t count = estimator_count(&s->estimator);

	if (count < SOURCE_TRUST)
		(void)snprintf(why, REASON_LEN,
		    "%u of %d measurements have been made", count,
		    SOURCE_TRUST);
	else
		(void)snprintf(why, REASON_LEN,
		    "too few sources agree: %u must, %u %s",
		    n->decision.agreement.now.needed,
		    n->decision.agreement.now.agreeing,
		    n->decision.agreement.now.agreeing == 1 ? "does" : "do");
}

static void
why_too_far(const struct net *n, const struct source *s, char why[REASON_LEN])
{
	struct mono now = { n->clocks.pair.raw_ns };
	char is[WHY_SECONDS_LEN], most[WHY_SECONDS_LEN];

	(void)snprintf(why, REASON_LEN,
	    "its root distance is %s, the maximum is %s",
	    why_seconds(is, source_root_distance_ns(s, now)),
	    why_seconds(most, n->table.config.max_distance_ns));
}

void
report_why(const struct net *n, const struct slot *s, char why[REASON_LEN])
{
	const char *text = "";

	switch (s->status) {
	case SLOT_UNREACHABLE:
	case SLOT_UNAUTHENTICATED:
		if (!why_unsigned(n, s, why))
			why_silent(s, why);
		return;
	case SLOT_CANDIDATE:
		why_candidate(n, &s->source, why);
		return;
	case SLOT_TOO_FAR:
		why_too_far(n, &s->source, why);
		return;
	case SLOT_UNSYNCHRONIZED:
		text = "it says that it is not synchronized";
		break;
	case SLOT_DENIED:
		text = "it denies us its service";
		break;
	case SLOT_SELF:
		text = "it is this machine itself and is left out";
		break;
	case SLOT_FALSETICKER:
		text = "it disagrees with the majority";
		break;
	case SLOT_SMEARED:
		text = "it serves smeared time";
		break;
	case SLOT_OUTLIER:
		text = "it is farther from the others than they scatter";
		break;
	case SLOT_SELECTED:
		break;
	}
	(void)snprintf(why, REASON_LEN, "%s", text);
}

static void
fill_estimate(
    const struct net *n, const struct source *s, struct msg_source_status *m)
{
	const struct clock_pair *pair = &n->clocks.pair;
	struct estimate e;

	if (!source_estimate(s, (struct mono){ pair->raw_ns }, &e))
		return;
	m->flags |= STATUS_MEASURED;
	m->offset_ns =
	    sat_sub(e.theta_ns, sat_sub(pair->real_ns, pair->raw_ns));
	m->error_ns = fmath_to_int64(fmath_ceil(e.sigma_ns));
	m->delay_ns = s->delay_ns;
	m->distance_ns =
	    source_root_distance_ns(s, (struct mono){ pair->raw_ns });
	m->jitter_ns = fmath_to_int64(estimator_jitter_ns(&s->estimator));
}

static void
fill_slot(
    const struct net *n, const struct slot *slot, struct msg_source_status *m)
{
	const struct source *s = &slot->source;

	m->state = (uint32_t)table_state(slot->status);
	m->reach = s->reach;
	m->stratum = s->stratum;
	m->poll_log2 = s->poll.now_log2;
	m->version = s->version;
	m->refid = s->refid;
	m->sent = s->sent;
	m->received = s->received;
	m->rejected = s->rejected;
	m->addr = slot->addr;
	if (s->version != 0) /* from an answer that was used */
		m->flags |= STATUS_ANSWERED;
	if (s->was_interleaved)
		m->flags |= STATUS_INTERLEAVED;
	fill_estimate(n, s, m);
	report_why(n, slot, m->why);
}

/* Report an entry without an address. */
static void
fill_nameless(
    const struct net *n, const struct entry *e, struct msg_source_status *m)
{
	char why[NAME_WHY_LEN];

	lookup_why(e, why);
	m->state = STATE_RESOLVING;
	m->poll_log2 = e->poll_min_log2;
	if (e->literal)
		(void)snprintf(
		    m->why, REASON_LEN, "the same server is configured twice");
	else if (e->lookup.error != 0)
		(void)snprintf(m->why, REASON_LEN, "%s", why);
	else if (n->resolve.fd == -1)
		(void)snprintf(m->why, REASON_LEN,
		    "ntp-resolve is not there to look up the name");
	else if (e->addr_count != 0)
		(void)snprintf(m->why, REASON_LEN,
		    "all its addresses are in use or were bad");
	else
		(void)snprintf(
		    m->why, REASON_LEN, "the name is being looked up");
}

/* --- sending -------------------------------------------------------------- */

void
report_ask(struct report *r, uint32_t id)
{
	if (r->ask_count < ASKS_MAX)
		r->asks[r->ask_count++] = id;
}

void
report_forget(struct report *r)
{
	memset(r, 0, sizeof(*r));
}

bool
report_waiting(const struct report *r)
{
	return r->ask_count != 0;
}

/* The entry at this place of the configuration, or NULL after the last one. */
static const struct entry *
entry_at(const struct table *t, uint32_t order)
{
	for (uint32_t i = 0; i < SOURCES_MAX; i++)
		if (t->entries[i].used && t->entries[i].order == order)
			return &t->entries[i];
	return NULL;
}

/* The next slot of an entry, or SOURCES_MAX if there is none. */
static uint32_t
next_slot(const struct table *t, uint32_t entry, uint32_t from)
{
	while (from < SOURCES_MAX &&
	    (!t->slots[from].used || t->slots[from].entry != entry))
		from++;
	return from;
}

static int
send_source(struct net *n, const struct entry *e, uint32_t slot)
{
	struct msg_source_status m = { .id = n->report.asks[0],
		.port = e->port,
		.auth = e->key_id != 0 ? SOURCE_AUTH_MAC : SOURCE_AUTH_NONE };

	memcpy(m.name, e->name, sizeof(m.name));
	if (slot < SOURCES_MAX)
		fill_slot(n, &n->table.slots[slot], &m);
	else
		fill_nameless(n, e, &m);
	return msg_send(&n->observe, MSG_SOURCE_STATUS, &m, -1);
}

/*
 * Send the message at the cursor and advance.  Returns -1 if it could not be
 * sent.
 */
static int
send_at_cursor(struct net *n, const struct entry *e)
{
	struct report *r = &n->report;
	uint32_t index = (uint32_t)(e - n->table.entries);
	uint32_t slot = next_slot(&n->table, index, r->slot);

	if (slot < SOURCES_MAX || r->slot == 0) {
		if (send_source(n, e, slot) == -1)
			return -1;
	}
	if (slot < SOURCES_MAX) {
		r->slot = slot + 1;
	} else {
		r->slot = 0;
		r->order++;
	}
	return 0;
}

static int
send_head(struct net *n)
{
	struct msg_status m;

	fill_status(n, n->report.asks[0], &m);
	if (msg_send(&n->observe, MSG_STATUS, &m, -1) == -1)
		return -1;
	n->report.head_sent = true;
	return 0;
}

static int
send_end(struct net *n)
{
	struct report *r = &n->report;
	struct msg_status_end m = { .id = r->asks[0] };

	if (msg_send(&n->observe, MSG_STATUS_END, &m, -1) == -1)
		return -1;
	r->ask_count--;
	memmove(r->asks, r->asks + 1, r->ask_count * sizeof(r->asks[0]));
	r->head_sent = false;
	r->order = 0;
	r->slot = 0;
	return 0;
}

void
report_step(struct net *n)
{
	struct report *r = &n->report;

	if (n->observe.fd == -1)
		report_forget(r);
	/* After this many messages the sources get their turn again. */
	for (int i = 0; i < MESSAGES_MAX && r->ask_count != 0; i++) {
		const struct entry *e = entry_at(&n->table, r->order);
		int rc;

		if (!r->head_sent)
			rc = send_head(n);
		else if (e != NULL)
			rc = send_at_cursor(n, e);
		else
			rc = send_end(n);
		if (rc == -1)
			return;
	}
}
