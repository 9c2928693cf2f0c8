/*
 * Leap seconds on the raw time line: when an announced one happens, UTC - raw
 * changes by a second.  Run by ntp-net and ntp-clock.  Pure.
 */
#ifndef CORE_LEAP_H
#define CORE_LEAP_H

#include "core/types.h"

/* Measurements and steering pause for this long on both sides of it. */
#define LEAP_QUIET_NS (5 * NS_PER_S)
/* Longer than LEAP_QUIET_NS, and than the longest wait between two looks. */
#define LEAP_NEAR_NS  (64 * NS_PER_S)
/* Two leap seconds are never closer than this: five months. */
#define LEAP_APART_NS (150 * 86400 * NS_PER_S)

struct leap_watch {
	enum leap armed;    /* LEAP_NONE, LEAP_INSERT or LEAP_DELETE */
	struct wall when;   /* end of the month of the next or last; or 0 */
	struct wall before; /* end of the month of the last one applied, or 0 */
};

/*
 * All zero is the start.
 *
 * Tell what the sources announce, at a UTC moment.  An announcement counts only
 * on the last day of a month (RFC 8633 section 3.7): June and December, which
 * ITU-R TF.460 prefers and which have had all so far; March and September only
 * if the leap file lists it.  It does not count soon after another leap second.
 * Once armed it stays so until it has happened, or is withdrawn more than a
 * minute before.
 */
void leap_announce(
    struct leap_watch *w, enum leap leap, struct wall utc, bool listed);

/*
 * Is the end of this month in a list of UTC moments, ns, with `count` entries?
 */
bool leap_listed(const int64_t *list_ns, int count, struct wall utc);

/* True close to an armed leap second and just after it: do not measure. */
bool leap_quiet(const struct leap_watch *w, struct wall utc);

/* True within LEAP_NEAR_NS of one: look often. */
bool leap_near(const struct leap_watch *w, struct wall utc);

/*
 * When the armed leap second happens, in UTC without it; INT64_MAX: none is
 * armed.
 */
struct wall leap_moment(const struct leap_watch *w);

/*
 * Call this often, with utc as if the armed leap second had not happened.  If
 * it has passed by now, returns the change of UTC - raw, ns (-1 s for an
 * inserted second, +1 s for a deleted one), and disarms; otherwise 0.
 */
int64_t leap_passed(struct leap_watch *w, struct wall utc);

#endif
