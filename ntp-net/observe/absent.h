/*
 * What ntp-observe knows by itself, of ntpd and ntp-clock, for who asks when
 * ntp-net is not there.  Pure.
 */
#ifndef OBSERVE_ABSENT_H
#define OBSERVE_ABSENT_H

#include "common/attr.h"
#include "common/clock.h"
#include "ntp-net/observe/facts.h"

/*
 * For how long a program has run, or has been gone if it does not run, ns; 0
 * where ntpd has not told.  now_ns is CLOCK_MONOTONIC.
 */
int64_t absent_process_ns(
    const struct facts *f, uint32_t child, int64_t now_ns);

/*
 * Somebody wants to know of the clock: now is what *page says of it, or NULL, and
 * the time.  What is newer is kept, and how old it is noted.
 */
void absent_see_clock(struct facts *f, const struct msg_clock_state *page,
    const struct clock_pair *now);

/*
 * Has ntp-clock, which runs, not come round for longer than it ever waits, as its
 * page shows, or has ntpd said that it does not respond?
 */
MUST_CHECK bool absent_clock_hangs(const struct facts *f);

/*
 * A status in the place of ntp-net's: that the time is not measured, why and for
 * how long, and whether the clock is in holdover.  All of *m is set.
 */
void absent_status(const struct facts *f, enum net_lack lack, int64_t now_ns,
    struct msg_status *m);

#endif
