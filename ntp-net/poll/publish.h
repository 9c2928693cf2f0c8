/*
 * Telling others what was decided: ntp-clock gets samples, ntp-serve gets the
 * page, ntpd gets to know whether there is agreement.
 */
#ifndef POLL_PUBLISH_H
#define POLL_PUBLISH_H

#include "ntp-net/poll/known.h"

#define LOCAL_REFID UINT32_C(0x7f7f0101) /* 127.127.1.1, local clock */

/*
 * Put an agreed line into a sample for ntp-clock: integers, rounded so that an
 * error never gets smaller.  A slope beyond OSCILLATOR_MAX is cut to that.  Where
 * the oscillator is no clock (too_fast), the root dispersion is MAXDISP of RFC
 * 5905: the clock may be stepped after it, but not be called right.  Returns
 * false, and zeros, where a number is not one or is beyond all reason.
 */
MUST_CHECK bool publish_make_sample(const struct select_output *o,
    enum leap leap, bool too_fast, struct msg_sample *m);

/* A sample of the agreement that there is now, to ntp-clock if that is there. */
void publish_sample(struct net *n);

/* The time as it is known now, to the page of served time if there is one. */
void publish_page(struct net *n, struct mono now);

/* To ntpd, if it does not know it already. */
void publish_state(struct net *n);

#endif
