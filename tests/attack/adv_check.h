/*
 * What is promised, checked at every moment with arithmetic of its own: doubles
 * and exact times, where ntp-clock counts in integers and parts of a period.
 *
 *  - What moves the clock beyond the band around the anchor adds up to no more
 *    than the budget, in any window of one period.
 *  - In all, the clock moves by no more than what was allowed at the start, by
 *    an operator and for a pause, a budget for each period begun, and the band.
 *  - The first anchor lies in the band, and walks by 1 ppm a day afterwards.
 *  - Once frozen, there is no step and no leap second, and the rate stays that at
 *    rest, until an operator says otherwise, whoever is started anew.
 *  - A step is no larger than its limit; one is free after a boot.
 *
 * The tolerance: TOLERANCE_NS, for an anchor that is used up to two seconds
 * before it is reported, and what a time without ntp-clock costs: it has been
 * charged for when it is over, so at most one such time is in excess; but for
 * those that are lost.
 */
#ifndef TESTS_ATTACK_ADV_CHECK_H
#define TESTS_ATTACK_ADV_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "common/msg.h"

#define TOLERANCE_NS 1e6

void check_begin(void);

/* The machine: time has passed, a step or a leap second is about to be made. */
void check_passed(int64_t ns);
void check_step(int64_t by_ns);
void check_leap(int64_t by_ns, int64_t at_ns);
/* The rate was set. */
void check_set(void);

/* ntp-clock reads its configuration, as a new process or not; a release. */
void check_config(const struct msg_clock_config *m, bool first);
void check_release(const struct msg_clock_release *m);
/* It reports; what ntpd has kept of that. */
void check_report(const struct msg_clock_state *m);
void check_kept(const char *frozen);
/* ntp-clock is gone, by a kill or not; it is there, but late. */
void check_gone(bool killed);
void check_late(bool late);
/* The machine was paused. */
void check_pause(int64_t for_ns);

#endif
