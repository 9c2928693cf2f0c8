/*
 * What ntpd tells of leap seconds (leap file and leap smear in ntpd.conf), and
 * how it reaches the page of served time and the log.  core/leap/believe.h
 * decides what is believed.
 */
#ifndef POLL_LEAPS_H
#define POLL_LEAPS_H

#include "common/msg.h"
#include "common/page.h"
#include "core/leap/believe.h"

/* Initialize to zeros: no file. */
struct leaps {
	struct leap_list list; /* the file's list, checked */
	uint32_t smear_s;      /* length of the smear for clients; 0: none */
	bool said_expired;
};

/*
 * ntpd has read the file.  Returns -1 and changes nothing if a value is
 * invalid.
 */
MUST_CHECK int leaps_take(struct leaps *l, const struct msg_leaps *m);

/*
 * Fill in what ntp-serve needs to know about leap seconds.  utc is the time by
 * the page's line.
 */
void leaps_fill_page(const struct leaps *l, const struct leap_watch *watch,
    struct wall utc, struct page_time *t);

/* Log a warning, once, if the file has expired. */
void leaps_say(struct leaps *l, struct wall utc);

#endif
