/*
 * The steering law: how fast CLOCK_REALTIME must run to follow a line UTC -
 * raw, and what the kernel is told.  Run by ntp-clock.  Pure, integers only,
 * and no operation can overflow, whatever the arguments are.
 *
 * Lines are in core/line.h.  Rates are relative to raw time, in the kernel's
 * unit, 2^-16 ppm ("scaled ppm", sppm).
 */
#ifndef CORE_STEER_H
#define CORE_STEER_H

#include "core/line.h"

#define STEER_SLEW_MAX_PPB  INT64_C(100000000)	  /* 10 % */
#define STEER_SPPM	    INT64_C(65536)	  /* 1 ppm as a rate */
#define STEER_RATE_MAX_SPPM (200000 * STEER_SPPM) /* the fastest clock */
#define STEER_FREQ_MAX	    (500 * STEER_SPPM)	  /* the kernel's limit */
#define STEER_HZ_MIN	    50
#define STEER_HZ_MAX	    1000
#define STEER_TAU_MAX_S	    32
#define STEER_REST_MS	    32000 /* the longest wait */

/* The arguments of adjtimex(2) for a rate. */
struct steer_setting {
	int64_t freq_sppm; /* within +-STEER_FREQ_MAX */
	int64_t tick_us;   /* within 10 % of 1000000 / hz */
};

/* What the wait depends on.  All but error_ns are 0 or more. */
struct steer_view {
	int64_t error_ns;    /* of the clock, by the line; 0: do nothing */
	int64_t sigma_ns;    /* of the line */
	int64_t interval_ns; /* between two lines */
	bool busy;	     /* something else is due soon */
};

/*
 * The wait until the next look at the clock, and the time constant of the pull.
 */
struct steer_plan {
	int64_t wait_ms;
	int64_t tau_s;
};

/* Convert a slope to a rate; it is limited to +-SLOPE_MAX. */
int64_t steer_slope_rate(int64_t slope_q32);

/* Convert parts per billion to a rate; they are limited to +-10 %. */
int64_t steer_ppb_rate(int64_t ppb);

/* Convert a rate within +-20 % to parts per billion, rounded to the nearest. */
int64_t steer_rate_ppb(int64_t rate_sppm);

/*
 * How long to wait.  Only an error that is worth it wakes up the machine. tau
 * is no shorter than the wait, so that the error shrinks each time and keeps
 * its sign.  For a large error tau is at least twice the wait, even if a
 * wake-up is late by as much again.
 *
 * If lines come every few seconds, a small error's lag behind the line counts
 * in full, so tau is no longer than that interval; the next line ends the pull
 * and is the next look.  If lines are rare, one wait removes all of a small
 * error (a wait that is late by a second overshoots by a quarter).  An error
 * that is small even compared with the line's sigma is left to the next look,
 * which comes in any case.
 */
struct steer_plan steer_plan(const struct steer_view *v);

/*
 * The part of the rate that removes the error: error / tau, up to the limit (0
 * to STEER_SLEW_MAX_PPB; tau 1 to STEER_TAU_MAX_S; values out of range are
 * clamped).
 */
int64_t steer_correction(int64_t error_ns, int64_t tau_s, int64_t limit_ppb);

/*
 * Split a rate into the kernel's frequency and tick.  Up to 500 ppm the tick
 * stays nominal.  Beyond, the tick takes the nearest whole microseconds, and
 * the frequency the rest, so that the sum is exactly the rate (limited to 10 %
 * and 500 ppm). hz is the rate of ticks, sysconf(3) _SC_CLK_TCK, from
 * STEER_HZ_MIN to STEER_HZ_MAX.
 */
struct steer_setting steer_split(int64_t rate_sppm, int64_t hz);

/* The rate of a setting; the inverse of steer_split(). */
int64_t steer_join(const struct steer_setting *s, int64_t hz);

#endif
