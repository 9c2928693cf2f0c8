/*
 * Leap seconds on the raw time line: when an announced one happens, UTC - raw
 * moves by a second.  Pure.
 */
#ifndef CORE_LEAP_H
#define CORE_LEAP_H

#include "core/types.h"

/* Measurements and steering pause this long on both sides of it. */
#define LEAP_QUIET_NS (5 * NS_PER_S)
/* Longer than that, and than anybody waits between two looks. */
#define LEAP_NEAR_NS  (64 * NS_PER_S)
/* Two are never closer to each other: five months. */
#define LEAP_APART_NS (150 * 86400 * NS_PER_S)

struct leap_watch {
	enum leap armed; /* LEAP_NONE, LEAP_INSERT or LEAP_DELETE */
	struct wall
	    when; /* end of the month at which it happens or has; or 0 */
	struct wall before; /* end of the month of the last one made, or 0 */
};

/*
 * The struct starts from zeros.
 *
 * Tell what the sources announce, at a UTC moment.  An announcement counts on
 * the last day of a month only (RFC 8633 section 3.7): of June and December,
 * which ITU-R TF.460 prefers and which have had all so far, and of March and
 * September where the leap file lists it; and not soon after another one.
 * Once armed it stays until it has happened or is taken back while more than a
 * minute remains.
 */
void leap_announce(
    struct leap_watch *w, enum leap leap, struct wall utc, bool listed);

/* Is the end of this month in a list of so many UTC moments in nanoseconds? */
bool leap_listed(const int64_t *list_ns, int count, struct wall utc);

/* True close to an armed leap second, and just after: do not measure. */
bool leap_quiet(const struct leap_watch *w, struct wall utc);

/* Less than LEAP_NEAR_NS from one: look often. */
bool leap_near(const struct leap_watch *w, struct wall utc);

/*
 * To be called often.  If the armed leap second has passed by now (utc counts
 * as if it had not happened), returns by how much UTC - raw has moved,
 * -1 s for an inserted second, +1 s for a deleted one, and disarms; else 0.
 */
int64_t leap_passed(struct leap_watch *w, struct wall utc);

#endif
