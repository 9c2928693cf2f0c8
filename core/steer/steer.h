/*
 * The steering law: how fast CLOCK_REALTIME must run so that it follows a line
 * UTC - raw, and how the kernel is told.  Used by ntp-clock.  Pure, integers
 * only, and no operation that can overflow, whatever the arguments are.
 *
 * Lines are in core/line.h.  A rate is in the unit of the kernel, 2^-16 ppm
 * ("scaled ppm", sppm), relative to raw time.
 */
#ifndef CORE_STEER_H
#define CORE_STEER_H

#include "core/line.h"

#define STEER_SLEW_MAX_PPB  INT64_C(100000000)	  /* 10 % */
#define STEER_SPPM	    INT64_C(65536)	  /* one ppm as a rate */
#define STEER_RATE_MAX_SPPM (200000 * STEER_SPPM) /* no clock runs faster */
#define STEER_FREQ_MAX	    (500 * STEER_SPPM)	  /* the kernel's limit */
#define STEER_HZ_MIN	    50
#define STEER_HZ_MAX	    1000
#define STEER_TAU_MAX_S	    32
#define STEER_REST_MS	    32000 /* the longest wait */

/* What adjtimex(2) is given for a rate. */
struct steer_setting {
	int64_t freq_sppm; /* within +-STEER_FREQ_MAX */
	int64_t tick_us;   /* within 10 % of 1000000 / hz */
};

/* What the next wait depends on; nothing is below 0 but the error. */
struct steer_view {
	int64_t error_ns;    /* of the clock, by the line; 0: left alone */
	int64_t sigma_ns;    /* of the line */
	int64_t interval_ns; /* between two lines */
	bool busy;	     /* something else is to be looked at soon */
};

/* How long to wait until the next look at the clock, how hard to pull it. */
struct steer_plan {
	int64_t wait_ms;
	int64_t tau_s;
};

/* A slope as a rate; one beyond +-SLOPE_MAX counts as that. */
int64_t steer_slope_rate(int64_t slope);

/* Parts per billion as a rate; what is beyond +-10 % counts as that. */
int64_t steer_ppb_rate(int64_t ppb);

/* A rate within +-20 % in parts per billion, rounded to the nearest. */
int64_t steer_rate_ppb(int64_t rate_sppm);

/*
 * How long to wait.  Nothing wakes the machine up but an error that is worth
 * it.  tau is no shorter than the wait, so that the error shrinks each time and
 * does not change its sign; where it is large, tau is twice the wait and more,
 * even if a wake-up comes late by as much again.
 *
 * What small errors lag behind the line counts in full where lines come each
 * few seconds, so tau is no longer than that: the next line ends the pull, and
 * is the next look.  Where they are rare, one wait takes a small error away
 * (all of it: a wait that is late by a second overshoots by a quarter), and one
 * that is small even beside the line's own sigma is left to the next look that
 * comes in any case.
 */
struct steer_plan steer_plan(const struct steer_view *v);

/*
 * The part of the rate that takes the error away: error / tau, but no more
 * than the limit (0 to STEER_SLEW_MAX_PPB; tau 1 to STEER_TAU_MAX_S; what is
 * beyond counts as the nearest).
 */
int64_t steer_correction(int64_t error_ns, int64_t tau_s, int64_t limit_ppb);

/*
 * Split a rate into the kernel's frequency and tick.  The tick stays nominal
 * up to 500 ppm; beyond, it takes the nearest whole microseconds, and the
 * frequency the rest, so that both together are exactly the rate (one of more
 * than 10 % and 500 ppm is cut to that).  hz is that of the tick, sysconf(3)
 * _SC_CLK_TCK, STEER_HZ_MIN to STEER_HZ_MAX.
 */
struct steer_setting steer_split(int64_t rate_sppm, int64_t hz);

/* The rate that a setting makes; the inverse of steer_split(). */
int64_t steer_join(const struct steer_setting *s, int64_t hz);

#endif
