/*
 * What ntpd says of leap seconds (leap file, leap smear in ntpd.conf), and who
 * is told: the page of served time, and the log.  What is believed of it is in
 * core/leap/believe.h.
 */
#ifndef POLL_LEAPS_H
#define POLL_LEAPS_H

#include "common/msg.h"
#include "common/page.h"
#include "core/leap/believe.h"

/* Starts from zeros: there is no file. */
struct leaps {
	struct leap_list list; /* of the file, checked */
	uint32_t smear_s; /* clients get leap seconds smeared over it; 0: no */
	bool said_expired;
};

/* ntpd has read the file.  Returns -1, and changes nothing, for bad values. */
MUST_CHECK int leaps_take(struct leaps *l, const struct msg_leaps *m);

/* What ntp-serve has to know of that; utc: by the line of the page. */
void leaps_fill_page(const struct leaps *l, const struct leap_watch *watch,
    struct wall utc, struct page_time *t);

/* Warn, once, of a file that has expired. */
void leaps_say(struct leaps *l, struct wall utc);

#endif
