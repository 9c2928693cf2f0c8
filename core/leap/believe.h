/*
 * What is believed of leap seconds: a list of them (leapfile.h, which ntpd reads)
 * decides over the sources' majority, as long as it is valid.  Pure.
 */
#ifndef CORE_BELIEVE_H
#define CORE_BELIEVE_H

#include "core/leap/leap.h"
#include "core/leap/smear.h"

#define LEAP_LIST_MAX 8

/* Zeros: there is no list. */
struct leap_list {
	struct wall expiry; /* nothing is known of leap seconds after it */
	uint32_t count;
	struct leap_entry {
		struct wall at; /* the end of a month */
		enum leap kind; /* LEAP_INSERT or LEAP_DELETE */
	} entries[LEAP_LIST_MAX];
};

/* True for values in range and order. */
bool leap_list_ok(const struct leap_list *l);

/* True while the list says something of the leap seconds to come. */
bool leap_list_valid(const struct leap_list *l, struct wall utc);

/*
 * What is to be believed of the leap second at the end of this day: the list's
 * word while it is valid, whatever the sources say, and the majority's without
 * one (LEAP_UNKNOWN: it has not spoken).
 */
enum leap leap_believed(
    const struct leap_list *l, enum leap majority, struct wall utc);

/* Does a valid list have a leap second at the end of this month? */
bool leap_list_has(const struct leap_list *l, struct wall utc);

/*
 * The leap second of the list that is near, to be smeared over length_s: the
 * one whose window runs, or the next; kind is LEAP_NONE where there is none.
 * utc is from a line that has made the leaps that the watch says.
 */
struct smear leap_smear(const struct leap_list *l,
    const struct leap_watch *watch, struct wall utc, uint32_t length_s);

#endif
