/*
 * The latest reports of the programs: of the clock, and of network time.  Pure.
 */
#ifndef NTPD_HEARD_H
#define NTPD_HEARD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/msg.h"
#include "ntpd/kept/state.h"

struct heard {
	struct msg_clock_state clock; /* ntp-clock's last state */
	bool clock_known;
	struct msg_net_state net; /* ntp-net's last state */
	bool net_known;
	int64_t slope_q32; /* the last slope that ntp-clock followed, 2^-32, */
	int64_t slope_sigma_q32; /* its uncertainty, 2^-32, */
	bool slope_known;	 /* and whether there is one */
	bool startup_done;	 /* the first correction was made */
	struct msg_clock_event events[EVENTS_KEPT]; /* a ring */
	uint32_t event_count;			    /* in total */
};

/* The last state of ntp-clock; NULL: none. */
const struct msg_clock_state *heard_clock(const struct heard *h);

/*
 * The slope of this machine's oscillator and its uncertainty, 2^-32: the last
 * one that ntp-clock followed, or else the saved one.  Returns false, with
 * zeros, if there is none.
 */
bool heard_slope(const struct heard *h, const struct state *saved,
    int64_t *slope, int64_t *sigma);

/* Record a state of ntp-clock, or an event. */
void heard_clock_state(struct heard *h, const struct msg_clock_state *m);
void heard_event(struct heard *h, const struct msg_clock_event *m);

#endif
