/*
 * Tells others what was decided: samples go to ntp-clock, the page to
 * ntp-serve, and the state of the agreement to ntpd.
 */
#ifndef POLL_PUBLISH_H
#define POLL_PUBLISH_H

#include "ntp-net/poll/known.h"

#define LOCAL_REFID UINT32_C(0x7f7f0101) /* 127.127.1.1, local clock */

/*
 * Convert an agreed line to a sample for ntp-clock: integers, rounded so that
 * an error never shrinks.  A slope beyond OSCILLATOR_MAX is clamped to it.  If
 * the oscillator is unusable (too_fast), the root dispersion is RFC 5905's
 * MAXDISP: the clock may be stepped by such a sample, but never counts as
 * synchronized.  Returns false, and zeros, if a value is not a number or out of
 * range.
 */
MUST_CHECK bool publish_make_sample(const struct select_output *o,
    enum leap leap, bool too_fast, struct msg_sample *m);

/* Send the current agreement as a sample to ntp-clock, if it is running. */
void publish_sample(struct net *n);

/*
 * Write the currently known time to the page of served time, if there is one.
 */
void publish_page(struct net *n, struct mono now);

/* Send the state to ntpd if it has changed. */
void publish_state(struct net *n);

#endif
