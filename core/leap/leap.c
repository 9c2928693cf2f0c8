/*
 * Leap seconds, see leap.h.  Run by ntp-net and ntp-clock.  A leap second must
 * never happen twice, nor anywhere but at the end of a UTC month.
 */
#include "core/leap/leap.h"

#include "core/packet/timestamp.h"
#include "core/saturate.h"

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

/* June and December; March and September, too, if the leap file has them. */
static bool
is_possible(struct wall end, bool listed)
{
	int month = wall_date((struct wall){ end.ns - NS_PER_S }).month;

	return month % (listed ? 3 : 6) == 0;
}

/* In either direction, since UTC may have been estimated too late. */
static bool
is_soon_after(struct wall end, struct wall before)
{
	int64_t apart_ns = sat_sub(end.ns, before.ns);

	return before.ns != 0 && sat_abs(apart_ns) < LEAP_APART_NS;
}

void
leap_announce(
    struct leap_watch *w, enum leap leap, struct wall utc, bool listed)
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
	if (leap == LEAP_NONE || !month_end || !is_possible(end, listed))
		return;
	/* Just after an inserted second, its month ends a second time. */
	if (end.ns == w->when.ns || is_soon_after(end, w->before))
		return;
	w->armed = leap;
	w->when = end;
}

bool
leap_listed(const int64_t *list_ns, int count, struct wall utc)
{
	struct wall end;

	if (!wall_month_end(utc, &end))
		return false;
	for (int i = 0; i < count; i++)
		if (list_ns[i] == end.ns)
			return true;
	return false;
}

/* Is a leap second within this distance, before or after? */
static bool
is_within(const struct leap_watch *w, struct wall utc, int64_t limit_ns)
{
	int64_t away_ns = sat_sub(utc.ns, w->when.ns);

	return w->when.ns != 0 && sat_abs(away_ns) <= limit_ns;
}

bool
leap_quiet(const struct leap_watch *w, struct wall utc)
{
	return is_within(w, utc, LEAP_QUIET_NS);
}

bool
leap_near(const struct leap_watch *w, struct wall utc)
{
	return is_within(w, utc, LEAP_NEAR_NS);
}

struct wall
leap_moment(const struct leap_watch *w)
{
	if (!is_armed(w))
		return (struct wall){ INT64_MAX };
	/* A deleted second is 23:59:59. */
	return (struct wall){ w->when.ns -
		(w->armed == LEAP_DELETE ? NS_PER_S : 0) };
}

int64_t
leap_passed(struct leap_watch *w, struct wall utc)
{
	enum leap leap = w->armed;

	if (!is_armed(w) || utc.ns < leap_moment(w).ns)
		return 0;
	w->armed = LEAP_NONE;
	w->before = w->when;
	return leap == LEAP_DELETE ? NS_PER_S : -NS_PER_S;
}
