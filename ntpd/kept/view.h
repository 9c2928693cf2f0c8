/*
 * What ntpd observes of the clock without messages: the page where ntp-clock
 * keeps its state; a notice when CLOCK_REALTIME is set; and a real-time clock,
 * by which ntp-clock sees pauses of a virtual machine.
 */
#ifndef NTPD_VIEW_H
#define NTPD_VIEW_H

#include <stdbool.h>

#include "common/msg.h"
#include "common/page.h"
#include "ntpd/sockets/memory.h"

struct clock_view {
	int set_fd;		 /* readable when the clock was set, -1: none */
	struct memory memory;	 /* of the page */
	const struct page *page; /* NULL: none */
	int rtc_fd;		 /* the seconds of the RTC, -1: none */
	int64_t rtc_behind_ns;	 /* UTC minus its reading */
};

/*
 * Make the page, open the clock and start to watch CLOCK_REALTIME; whatever
 * fails is left out.
 */
void view_open(struct clock_view *v);

/* set_fd is readable: was the clock set, or the machine suspended? */
bool view_was_set(const struct clock_view *v);

/* Read the page; false if it is empty.  The values are not checked. */
MUST_CHECK bool view_clock(
    const struct clock_view *v, struct msg_clock_state *m);

#endif
