/*
 * What ntp-observe itself knows of ntpd and ntp-clock, to answer questions
 * while ntp-net does not run.  Pure.
 */
#ifndef OBSERVE_ABSENT_H
#define OBSERVE_ABSENT_H

#include "common/attr.h"
#include "common/clock.h"
#include "ntp-net/observe/facts.h"

/*
 * For how long a program has run, or has been down if it does not run, in ns; 0
 * if ntpd has not reported it.  now_ns is CLOCK_MONOTONIC.
 */
int64_t absent_process_ns(
    const struct facts *f, uint32_t child, int64_t now_ns);

/*
 * Update the clock's state before it is shown: *page is ntp-clock's state, or
 * NULL; now is the time.  Keeps the newer state, and computes its age.
 */
void absent_see_clock(struct facts *f, const struct msg_clock_state *page,
    const struct clock_pair *now);

/*
 * Does ntp-clock run, but hang?  True if its page was not updated for longer
 * than it ever waits, or if ntpd has reported that it does not respond.
 */
MUST_CHECK bool absent_clock_hangs(const struct facts *f);

/*
 * A status in place of ntp-net's: the time is not measured, why, for how long,
 * and whether the clock is in holdover.  Sets all of *m.
 */
void absent_status(const struct facts *f, enum net_lack lack, int64_t now_ns,
    struct msg_status *m);

#endif
