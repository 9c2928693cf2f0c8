/*
 * The machine in which the adversary's ntp-clock runs: the kernel's clock and
 * what clock_adjtime(2) does to it, leap seconds, the RTC, suspends and pauses.
 * Integers only, so that what the clock does is known to the nanosecond.
 */
#ifndef TESTS_ATTACK_ADV_MACHINE_H
#define TESTS_ATTACK_ADV_MACHINE_H

#include <sys/timex.h>

#include <stdbool.h>
#include <stdint.h>

#define TICK_US	  10000
#define PPM_SPPM  65536
#define DAY_NS	  (86400 * INT64_C(1000000000))
#define SPPM_UNIT (INT64_C(65536) * 1000000) /* 100 % as a rate */

struct machine {
	int64_t raw_ns; /* raw time, suspended time included */
	int64_t suspended_ns;
	int64_t moved_ns;   /* CLOCK_REALTIME less raw time, */
	int64_t moved_part; /* and parts of a nanosecond, 1/SPPM_UNIT */
	int64_t rate_sppm;  /* in force */
	struct timex tx;
	bool nano; /* STA_NANO */
	int time_state;
	int64_t leap_at_ns;
	int64_t second; /* of CLOCK_REALTIME, the last one that began */
	int64_t seconds;
	bool has_rtc;
	int64_t rtc_ns;	   /* RTC less raw time, */
	int64_t rtc_at_ns; /* at this raw time, */
	int64_t rtc_ppb;   /* and how fast it runs */
};

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
