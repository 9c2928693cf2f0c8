/*
 * The simulated machine's clocks: an imperfect oscillator, and the kernel's
 * clock, which counts it.  True time t is in nanoseconds since the start of the
 * run.  Clock errors are doubles, so that they are rounded only when a clock is
 * read.
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
	double wander; /* its random walk, as in the model at first */
	double flicker[FLICKER_OCTAVES];
	double flicker_sum;
	uint64_t seconds;
	/* CLOCK_REALTIME minus raw time, both since the start, at t_ns. */
	double real_ns;
	double rate; /* its growth against raw time, set by the kernel */
	int64_t utc_start_ns;
	int64_t leap_ns; /* sum of the leap seconds so far */
	int64_t suspended_ns;
	int64_t rtc_ns; /* real-time clock minus UTC */
	struct timex tx;
	int time_state;	    /* TIME_OK and so on */
	int64_t leap_at_ns; /* in CLOCK_REALTIME */
	uint64_t steps;
	uint64_t adjustments;
};

void machine_init(struct machine *m, const struct scenario *sc, uint64_t seed);

/* Advance true time to t_ns, within the present second. */
void machine_pass(struct machine *m, int64_t t_ns);

/* The end of a second: the oscillator's frequency changes, and the kernel does
 * what it does every second. */
void machine_second(struct machine *m);

/* The clocks' readings, in nanoseconds. */
int64_t machine_raw_ns(const struct machine *m);
int64_t machine_real_ns(const struct machine *m);

/* Raw time as the programs count it: with the time asleep. */
int64_t machine_boot_ns(const struct machine *m);

/* UTC now. */
int64_t machine_utc_ns(const struct machine *m);

/* The real-time clock, which also counts while the machine is paused. */
int64_t machine_rtc_s(const struct machine *m);

/* CLOCK_REALTIME minus UTC, and how fast that grows (a fraction). */
double machine_error_ns(const struct machine *m);
double machine_gain(const struct machine *m);

/* True time after which this much raw time has passed, or a bit later. */
int64_t machine_after_ns(const struct machine *m, int64_t raw_ns);

/* Step the clock, whoever asks for it. */
void machine_step(struct machine *m, double by_ns);

/* The machine slept (only UTC went on, and the kernel corrected its clocks with
 * an error); or a virtual machine was paused, which it cannot notice. */
void machine_slept(struct machine *m, int64_t for_ns, double error_ns);
void machine_paused(struct machine *m, int64_t for_ns);

/* As clock_adjtime(2) for CLOCK_REALTIME: 0 or more, or -1 with errno. */
int machine_adjust(struct machine *m, struct timex *tx);

#endif
