/*
 * What ntp-observe knows by itself, of ntpd and ntp-clock, for who asks when
 * ntp-net is not there.  Pure.
 */
#ifndef OBSERVE_ABSENT_H
#define OBSERVE_ABSENT_H

#include "client.h"

/*
 * For how long a program has run, or has been gone if it does not run, ns; 0
 * where ntpd has not told.  now_ns is CLOCK_MONOTONIC.
 */
int64_t absent_process_ns(
    const struct facts *f, uint32_t child, int64_t now_ns);

/*
 * A status in the place of ntp-net's: that the time is not measured, why and for
 * how long, and whether the clock is in holdover.  All of *m is set.
 */
void absent_status(const struct facts *f, enum net_lack lack, int64_t now_ns,
    struct msg_status *m);

#endif
