/*
 * The simulated machine's clocks: an oscillator that is never right, and the
 * kernel's clock that counts it.  True time t is in nanoseconds since the
 * start of the run; what a clock is wrong by are doubles, so that nothing is
 * rounded before somebody reads it.
 */
#ifndef SIM_MACHINE_H
#define SIM_MACHINE_H

#include <sys/timex.h>

#include <stdint.h>

#include "tests/sim/rng.h"
#include "tests/sim/scenario.h"

#define RAW_START_NS	INT64_C(1000000000000) /* raw time at t = 0 */
#define FLICKER_OCTAVES 20
#define TICK_US		10000 /* nominal, at 100 Hz */

struct machine {
	const struct oscillator_model *model;
	struct rng walk_rng;
	struct rng white_rng;
	struct rng flicker_rng;
	/* The raw clock is ahead by error_ns at t_ns, and gains by freq. */
	int64_t t_ns;
	double error_ns;
	double freq;
	double walk;
	double flicker[FLICKER_OCTAVES];
	double flicker_sum;
	uint64_t seconds;
	/* CLOCK_REALTIME less raw, both from where they began, at t_ns. */
	double real_ns;
	double rate; /* how fast the kernel makes it grow against raw time */
	int64_t utc_start_ns;
	int64_t leap_ns; /* what leap seconds have done to UTC */
	int64_t suspended_ns;
	int64_t rtc_ns; /* the real-time clock less UTC */
	struct timex tx;
	int time_state;	    /* TIME_OK and so on */
	int64_t leap_at_ns; /* by CLOCK_REALTIME */
	uint64_t steps;
	uint64_t adjustments;
};

void machine_init(struct machine *m, const struct scenario *sc, uint64_t seed);

/* Let true time come to t, within the second that has begun. */
void machine_pass(struct machine *m, int64_t t_ns);

/* A second is over: the oscillator's frequency goes on, the kernel's second
 * has passed. */
void machine_second(struct machine *m);

/* What the clocks show now, in nanoseconds. */
int64_t machine_raw_ns(const struct machine *m);
int64_t machine_real_ns(const struct machine *m);

/* UTC now. */
int64_t machine_utc_ns(const struct machine *m);

/* What the real-time clock shows, which goes on when the machine is paused. */
int64_t machine_rtc_s(const struct machine *m);

/* By how much CLOCK_REALTIME is ahead of UTC, and gains (a fraction). */
double machine_error_ns(const struct machine *m);
double machine_gain(const struct machine *m);

/* True time when this much raw time will have passed, or a bit later. */
int64_t machine_after_ns(const struct machine *m, int64_t raw_ns);

/* The clock is stepped, by whomever. */
void machine_step(struct machine *m, double by_ns);

/* The machine slept (no clock but UTC went on, the kernel made up for it with
 * an error), or, a virtual one, was not run and knows nothing of it. */
void machine_slept(struct machine *m, int64_t for_ns, double error_ns);
void machine_paused(struct machine *m, int64_t for_ns);

/* As clock_adjtime(2) for CLOCK_REALTIME: 0 or more, or -1 with errno. */
int machine_adjust(struct machine *m, struct timex *tx);

#endif
