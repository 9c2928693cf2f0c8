/*
 * Leap seconds.  Run by ntp-net and ntp-clock; it must never let one happen
 * twice, nor at another time than the end of a UTC month.
 */
#include "leap.h"

#include "saturate.h"
#include "timestamp.h"

#define TAKE_BACK_NS (60 * NS_PER_S)

static bool
is_armed(const struct leap_watch *w)
{
	return w->armed == LEAP_INSERT || w->armed == LEAP_DELETE;
}

static void
disarm(struct leap_watch *w)
{
	w->armed = LEAP_NONE;
	w->when.ns = 0;
}

void
leap_announce(struct leap_watch *w, enum leap leap, struct wall utc)
{
	struct wall end;
	bool month_end = wall_month_end(utc, &end);

	if (leap == LEAP_UNKNOWN)
		return;
	if (is_armed(w)) {
		if (utc.ns >= w->when.ns - TAKE_BACK_NS)
			return;
		if (leap == w->armed && month_end && end.ns == w->when.ns)
			return;
		disarm(w);
	}
	if (leap == LEAP_NONE || !month_end)
		return;
	/* Just after an inserted second its month ends once more. */
	if (end.ns == w->when.ns)
		return;
	w->armed = leap;
	w->when = end;
}

bool
leap_quiet(const struct leap_watch *w, struct wall utc)
{
	int64_t away_ns = sat_sub(utc.ns, w->when.ns);

	return w->when.ns != 0 && away_ns >= -LEAP_QUIET_NS &&
	    away_ns <= LEAP_QUIET_NS;
}

int64_t
leap_passed(struct leap_watch *w, struct wall utc)
{
	enum leap leap = w->armed;

	if (!is_armed(w))
		return 0;
	/* 23:59:59 is the second that a deletion leaves out. */
	if (leap == LEAP_DELETE && utc.ns >= w->when.ns - NS_PER_S) {
		w->armed = LEAP_NONE;
		return NS_PER_S;
	}
	if (leap == LEAP_INSERT && utc.ns >= w->when.ns) {
		w->armed = LEAP_NONE;
		return -NS_PER_S;
	}
	return 0;
}
