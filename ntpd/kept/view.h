/*
 * What ntpd sees of the clock without a message: the page on which ntp-clock
 * keeps its state, whether CLOCK_REALTIME was set, and a real-time clock for
 * ntp-clock to see the pauses of a virtual machine by.
 */
#ifndef NTPD_VIEW_H
#define NTPD_VIEW_H

#include <stdbool.h>

#include "common/msg.h"
#include "common/page.h"
#include "ntpd/sockets/memory.h"

struct clock_view {
	int set_fd; /* tells that the clock was set, -1: nothing does */
	struct memory memory;	 /* of the page */
	const struct page *page; /* NULL: there is none */
	int rtc_fd;		 /* the seconds of the RTC, -1: none */
	int64_t rtc_behind_ns;	 /* UTC less what it shows */
};

/*
 * Make the page, open what there is to open, and begin to watch CLOCK_REALTIME;
 * what fails is left out.
 */
void view_open(struct clock_view *v);

/* set_fd can be read: was the clock set, or the machine suspended? */
bool view_was_set(const struct clock_view *v);

/* What is on the page; false if there is nothing.  The values are not checked. */
MUST_CHECK bool view_clock(
    const struct clock_view *v, struct msg_clock_state *m);

#endif
