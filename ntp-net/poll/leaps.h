/*
 * What a file says of leap seconds (leap file, leap smear in ntpd.conf), and
 * what follows: it decides over the sources' majority, clients may get a leap
 * second smeared, and sources that serve smeared time are known and not used.
 */
#ifndef POLL_LEAPS_H
#define POLL_LEAPS_H

#include "common/msg.h"
#include "common/page.h"
#include "core/leap/leap.h"
#include "core/leap/smear.h"

struct net;

/* Starts from zeros: there is no file. */
struct leaps {
	struct msg_leaps told; /* by ntpd, checked */
	bool said_expired;     /* of that */
};

/* ntpd has read the file.  Returns -1, and changes nothing, for bad values. */
MUST_CHECK int leaps_take(struct leaps *l, const struct msg_leaps *m);

/*
 * What is to be believed of the leap second at the end of this day: the file's
 * word while it is valid, whatever the sources say, and the majority's without
 * one (LEAP_UNKNOWN: it has not spoken).
 */
enum leap leaps_announced(
    const struct leaps *l, enum leap majority, struct wall utc);

/* Does a valid file list a leap second at the end of this month? */
bool leaps_listed(const struct leaps *l, struct wall utc);

/*
 * The leap second of the file that is near, to be smeared over length_s: the
 * one whose window runs, or the next; kind is LEAP_NONE where there is none.
 * utc is from a line that has made the leaps that the watch says.
 */
struct smear leaps_smear(const struct leaps *l, const struct leap_watch *watch,
    struct wall utc, uint32_t length_s);

/* What ntp-serve has to know of that; utc: by the line of the page. */
void leaps_fill_page(const struct net *n, struct wall utc, struct page_time *t);

/*
 * After new measurements: which sources serve smeared time?  They say so by
 * their reference ID, or follow the curve of a leap second that the file has,
 * farther from the agreed line than the way to them explains.
 */
void leaps_note_sources(struct net *n);

/* Warn, once, of a file that has expired. */
void leaps_say(struct leaps *l, struct wall utc);

#endif
