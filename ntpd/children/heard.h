/*
 * What the programs have said last: of the clock, and of the time that the network
 * tells.  Pure.
 */
#ifndef NTPD_HEARD_H
#define NTPD_HEARD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/msg.h"

struct heard {
	struct msg_clock_state clock; /* the last that ntp-clock said */
	bool clock_known;
	struct msg_net_state net; /* the last that ntp-net said */
	bool net_known;
	int64_t slope;	     /* the last that ntp-clock followed, 2^-32, */
	int64_t slope_sigma; /* how sure it was, */
	bool slope_known;    /* and whether there is one */
	bool startup_done;   /* the first correction was made */
	struct msg_clock_event events[EVENTS_KEPT]; /* a ring */
	uint32_t event_count;			    /* ever */
};

/* The last that ntp-clock said; NULL: nothing. */
const struct msg_clock_state *heard_clock(const struct heard *h);

/* It has said this, or an event. */
void heard_clock_state(struct heard *h, const struct msg_clock_state *m);
void heard_event(struct heard *h, const struct msg_clock_event *m);

#endif
