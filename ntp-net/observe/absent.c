/*
 * The status without ntp-net, see absent.h.  Run by ntp-observe.  It must never
 * report a time that nobody measures.
 */
#include "ntp-net/observe/absent.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/status.h"
#include "core/saturate.h"
#include "core/types.h"

/* ntp-clock waits for at most STEER_REST_MS, and may be late. */
#define ROUND_NS (45 * NS_PER_S)

int64_t
absent_process_ns(const struct facts *f, uint32_t child, int64_t now_ns)
{
	int64_t age_ns = f->processes[child].age_ns, more_ns;

	if (!f->process_known[child] || age_ns < 0)
		return 0;
	more_ns = now_ns - f->process_at_ns[child];
	if (more_ns < 0 || age_ns > INT64_MAX - more_ns)
		return age_ns;
	return age_ns + more_ns;
}

static bool
is_down(const struct facts *f, uint32_t child)
{
	return f->process_known[child] && f->processes[child].pid == 0;
}

void
absent_see_clock(struct facts *f, const struct msg_clock_state *page,
    const struct clock_pair *now)
{
	if (f->clock_known && page != NULL &&
	    msg_text_ok(page->frozen, REASON_LEN) &&
	    page->raw_ns > f->clock.raw_ns)
		f->clock = *page;
	if (f->clock.raw_ns != f->clock_seen_ns)
		f->clock_slept_ns = 0;
	f->clock_seen_ns = f->clock.raw_ns;
	/* May count sleep from before the sample: it only makes it younger. */
	f->clock_slept_ns = sat_add(f->clock_slept_ns, now->suspended_ns);
	f->clock_age_ns =
	    sat_sub(sat_sub(now->raw_ns, f->clock.raw_ns), f->clock_slept_ns);
}

bool
absent_clock_hangs(const struct facts *f)
{
	if (!f->process_known[PROC_CLOCK] || is_down(f, PROC_CLOCK))
		return false;
	return f->processes[PROC_CLOCK].silent != 0 ||
	    (f->clock_known && f->clock_age_ns > ROUND_NS);
}

static void
why_unmeasured(const struct facts *f, enum net_lack lack, int64_t now_ns,
    char why[REASON_LEN])
{
	int64_t age_s = absent_process_ns(f, PROC_NET, now_ns) / NS_PER_S;

	if (is_down(f, PROC_NET))
		(void)snprintf(why, REASON_LEN,
		    "time is not being measured: ntp-net is down for %" PRId64
		    " s",
		    age_s);
	else if (!f->process_known[PROC_NET])
		(void)snprintf(why, REASON_LEN,
		    "time is not being measured yet: ntp-net has not been "
		    "started");
	else if (lack == NET_SILENT)
		(void)snprintf(why, REASON_LEN,
		    "time is not being measured: ntp-net (pid %u) does not "
		    "answer",
		    f->processes[PROC_NET].pid);
	else
		(void)snprintf(why, REASON_LEN,
		    "time is not being measured: ntp-net is just starting or "
		    "ending");
}

/* The clock is steered, by the last sample that it got. */
static bool
clock_holds(const struct facts *f)
{
	const uint32_t all =
	    CLOCK_STATE_CONTROLLED | CLOCK_STATE_HAS_LINE | CLOCK_STATE_IN_SYNC;

	return f->clock_known && !is_down(f, PROC_CLOCK) &&
	    !absent_clock_hangs(f) && (f->clock.flags & all) == all &&
	    (f->clock.flags & CLOCK_STATE_FROZEN) == 0;
}

void
absent_status(const struct facts *f, enum net_lack lack, int64_t now_ns,
    struct msg_status *m)
{
	memset(m, 0, sizeof(*m));
	m->flags = STATUS_UNMEASURED;
	m->stratum = STRATUM_NONE;
	m->leap = LEAP_UNKNOWN;
	m->uptime_ns = absent_process_ns(f, PROC_NTPD, now_ns);
	m->age_ns =
	    is_down(f, PROC_NET) ? absent_process_ns(f, PROC_NET, now_ns) : -1;
	m->since_ns =
	    is_down(f, PROC_NET) ? f->processes[PROC_NET].since_ns : 0;
	m->bound_ns = -1;
	why_unmeasured(f, lack, now_ns, m->why);
	if (!f->clock_known)
		return;
	status_add_clock(m, &f->clock);
	if (clock_holds(f) && f->clock.error_ns >= 0) {
		m->flags |= STATUS_SYNCED | STATUS_HOLDOVER;
		m->bound_ns = f->clock.error_ns;
	}
}
