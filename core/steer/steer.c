/*
 * The steering law, see steer.h.  Run by ntp-clock.  It must never read or set
 * a clock.
 */
#include "core/steer/steer.h"

#define STEADY_NS     10000 /* smaller errors are no hurry */
#define NOTHING_NS    20    /* no reading of a clock is better */
#define NOTHING_PARTS 8	    /* neither is this part of the line's sigma */
#define OFTEN_NS      (8 * NS_PER_S) /* lines come often if no farther apart */
#define ERROR_MAX_NS  (2 * NS_PER_S) /* 10 % at the longest tau */
#define TICK_SUM_US   INT64_C(1000000) /* the sum of the ticks of a second */

/*
 * a / b, rounded to the nearest; b > 0, and |a| is well inside the type's
 * range.
 */
static int64_t
divide_nearest(int64_t a, int64_t b)
{
	return (a < 0 ? a - b / 2 : a + b / 2) / b;
}

int64_t
steer_slope_rate(int64_t slope_q32)
{
	slope_q32 = sat_clamp(slope_q32, -SLOPE_MAX, SLOPE_MAX);
	/* 10^6 ppm * 2^16 / 2^32 = 15625 / 1024 */
	return divide_nearest(slope_q32 * 15625, 1024);
}

/* 1 ppb = 1 ns per second = 65536 / 1000 sppm = 8192 / 125 */
int64_t
steer_ppb_rate(int64_t ppb)
{
	return sat_clamp(ppb, -STEER_SLEW_MAX_PPB, STEER_SLEW_MAX_PPB) * 8192 /
	    125;
}

int64_t
steer_rate_ppb(int64_t rate_sppm)
{
	rate_sppm =
	    sat_clamp(rate_sppm, -STEER_RATE_MAX_SPPM, STEER_RATE_MAX_SPPM);
	return divide_nearest(rate_sppm * 1000, STEER_SPPM);
}

struct steer_plan
steer_plan(const struct steer_view *v)
{
	int64_t size_ns = sat_abs(v->error_ns);

	if (size_ns >= STEADY_NS)
		return (struct steer_plan){ .wait_ms = 1000, .tau_s = 4 };
	if (v->busy || v->interval_ns < OFTEN_NS)
		return (struct steer_plan){ .wait_ms = 4000, .tau_s = 5 };
	if (size_ns > NOTHING_NS && size_ns > v->sigma_ns / NOTHING_PARTS)
		return (struct steer_plan){ .wait_ms = 4000, .tau_s = 4 };
	return (struct steer_plan){ .wait_ms = STEER_REST_MS, .tau_s = 32 };
}

int64_t
steer_correction(int64_t error_ns, int64_t tau_s, int64_t limit_ppb)
{
	int64_t limit_sppm, rate_sppm;

	error_ns = sat_clamp(error_ns, -ERROR_MAX_NS, ERROR_MAX_NS);
	tau_s = sat_clamp(tau_s, 1, STEER_TAU_MAX_S);
	limit_sppm = steer_ppb_rate(limit_ppb < 0 ? 0 : limit_ppb);
	rate_sppm = error_ns * 8192 / (125 * tau_s);
	return sat_clamp(rate_sppm, -limit_sppm, limit_sppm);
}

/* Rounded the way the kernel does it. */
static int64_t
nominal_tick_us(int64_t hz)
{
	return divide_nearest(TICK_SUM_US, hz);
}

struct steer_setting
steer_split(int64_t rate_sppm, int64_t hz)
{
	struct steer_setting s;
	int64_t unit_sppm, most, ticks = 0;

	hz = sat_clamp(hz, STEER_HZ_MIN, STEER_HZ_MAX);
	rate_sppm =
	    sat_clamp(rate_sppm, -STEER_RATE_MAX_SPPM, STEER_RATE_MAX_SPPM);
	unit_sppm = hz * STEER_SPPM; /* of one microsecond per tick */
	most = TICK_SUM_US / 10 / hz;
	if (sat_abs(rate_sppm) > STEER_FREQ_MAX)
		ticks = sat_clamp(
		    divide_nearest(rate_sppm, unit_sppm), -most, most);
	s.tick_us = nominal_tick_us(hz) + ticks;
	s.freq_sppm = sat_clamp(
	    rate_sppm - ticks * unit_sppm, -STEER_FREQ_MAX, STEER_FREQ_MAX);
	return s;
}

int64_t
steer_join(const struct steer_setting *s, int64_t hz)
{
	int64_t ticks;

	hz = sat_clamp(hz, STEER_HZ_MIN, STEER_HZ_MAX);
	ticks = sat_clamp(s->tick_us, 0, TICK_SUM_US) - nominal_tick_us(hz);
	return sat_clamp(s->freq_sppm, -STEER_FREQ_MAX, STEER_FREQ_MAX) +
	    ticks * hz * STEER_SPPM;
}
