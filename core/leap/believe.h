/*
 * Which leap seconds are believed: a valid list (leapfile.h, which ntpd reads)
 * overrides the sources' majority.  Run by ntp-net.  Pure.
 */
#ifndef CORE_BELIEVE_H
#define CORE_BELIEVE_H

#include "core/leap/leap.h"
#include "core/leap/smear.h"

/* All zero: there is no list. */
struct leap_list {
	struct wall expiry; /* no leap second after it is known */
	uint32_t count;
	struct leap_entry {
		struct wall at; /* the end of a month */
		enum leap kind; /* LEAP_INSERT or LEAP_DELETE */
	} entries[LEAPS_MAX];
};

/* True if all values are in range and in order. */
bool leap_list_ok(const struct leap_list *l);

/* True while the list is valid for the leap seconds to come. */
bool leap_list_valid(const struct leap_list *l, struct wall utc);

/*
 * The leap second to believe in at the end of this day: the list's, while it is
 * valid, whatever the sources say; otherwise the majority's (LEAP_UNKNOWN:
 * there is no majority).
 */
enum leap leap_believed(
    const struct leap_list *l, enum leap majority, struct wall utc);

/* Does a valid list have a leap second at the end of this month? */
bool leap_list_has(const struct leap_list *l, struct wall utc);

/*
 * The leap second in the list that is near, to be smeared over length_s: the
 * one whose window is running, or the next. kind is LEAP_NONE if there is none.
 * utc must be from a line to which the leap seconds known to the watch are
 * applied.
 */
struct smear leap_smear(const struct leap_list *l,
    const struct leap_watch *watch, struct wall utc, uint32_t length_s);

#endif
