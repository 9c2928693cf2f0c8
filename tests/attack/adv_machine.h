/*
 * The machine in which the adversary's ntp-clock runs: the kernel's clock and
 * what clock_adjtime(2) does to it, leap seconds, the RTC, suspends and pauses.
 * Integers only, so that what the clock does is known to the nanosecond.
 */
#ifndef TESTS_ATTACK_ADV_MACHINE_H
#define TESTS_ATTACK_ADV_MACHINE_H

#include <sys/timex.h>

#include <stdint.h>

#include "tests/attack/adv_state.h"

void machine_begin(struct machine *m, int64_t raw_ns, int64_t real_ns);

int64_t machine_real_ns(const struct machine *m);
int64_t machine_rtc_s(const struct machine *m);

/* Time passes, in pieces that the world is told of (adv_check.h). */
void machine_pass(struct machine *m, int64_t until_raw_ns);

/* A suspend, which the kernel knows of; a pause, which only the RTC shows. */
void machine_suspend(struct machine *m, int64_t for_ns);
void machine_pause(struct machine *m, int64_t for_ns);

/* clock_adjtime(2). */
int machine_adjust(struct machine *m, struct timex *tx);

#endif
