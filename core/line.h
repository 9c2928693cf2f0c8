/*
 * UTC as a line over the free-running raw time, in integers: ntp-clock steers
 * by it, and ntp-serve serves it.  Also how the bound of a line's error grows
 * without measurements.  Both are defined only here.  Pure, and no operation
 * can overflow.
 */
#ifndef CORE_LINE_H
#define CORE_LINE_H

#include "core/saturate.h"
#include "core/types.h"

/*
 * The bound of an error grows by 1/GROWTH_PARTS (1 ppm) of its age, in addition
 * to LINE_SIGMAS standard deviations of the slope (tests/sim/ESTIMATOR, "The
 * bound").  When the next measurement is overdue, nobody estimates any more,
 * and the bound grows by 1/PHI_PARTS as well (PHI, 15 ppm, RFC 5905 section
 * 7.2).
 */
#define GROWTH_PARTS 1000000
#define PHI_PARTS    66667
#define LINE_SIGMAS  3

/* The standard deviation of a slope counts for at most ten days. */
#define LINE_SIGMA_AGE_NS (864000 * NS_PER_S)

/* At raw time raw, UTC - raw is theta_ns; from there it grows by the slope. */
struct line {
	struct mono raw;
	int64_t theta_ns;
	int64_t slope_q32; /* 2^-32, within +-SLOPE_MAX */
};

/*
 * UTC at a raw time by the line.  Returns false, and sets *utc to 0, if the
 * result or the slope is out of range.
 */
MUST_CHECK static inline bool
line_utc(const struct line *l, struct mono now, struct wall *utc)
{
	int64_t dt_ns, drift_ns, sum_ns;

	utc->ns = 0;
	if (!in_range(l->slope_q32, -SLOPE_MAX, SLOPE_MAX) ||
	    __builtin_sub_overflow(now.ns, l->raw.ns, &dt_ns))
		return false;
	/* 63 bits of time and 23 of slope: in two halves. */
	drift_ns = dt_ns / SLOPE_ONE * l->slope_q32 +
	    dt_ns % SLOPE_ONE * l->slope_q32 / SLOPE_ONE;
	if (__builtin_add_overflow(now.ns, l->theta_ns, &sum_ns) ||
	    __builtin_add_overflow(sum_ns, drift_ns, &sum_ns))
		return false;
	utc->ns = sum_ns;
	return true;
}

/*
 * What an age, at least 0, adds to a bound, ns, without the slope's part:
 * 1/GROWTH_PARTS of it, and 1/PHI_PARTS of the time since due_ns, the age at
 * which a measurement was due.
 */
static inline int64_t
line_growth_ns(int64_t age_ns, int64_t due_ns)
{
	int64_t sum_ns = age_ns / GROWTH_PARTS;

	if (age_ns > due_ns)
		sum_ns += (age_ns - due_ns) / PHI_PARTS;
	return sum_ns;
}

/*
 * What an age, before or after, adds to the bound of a line, ns: 1/GROWTH_PARTS
 * and LINE_SIGMAS standard deviations of its slope (2^-32; at most SLOPE_MAX
 * counts).  Never negative; at most INT64_MAX.
 */
static inline int64_t
line_aged_ns(int64_t age_ns, int64_t slope_sigma_q32)
{
	int64_t age = sat_abs(age_ns), sure_ns = age;
	int64_t sigma = sat_abs(slope_sigma_q32);

	if (sure_ns > LINE_SIGMA_AGE_NS)
		sure_ns = LINE_SIGMA_AGE_NS;
	if (sigma > SLOPE_MAX)
		sigma = SLOPE_MAX;
	/* At most 2^50 >> 13 times 2^24, shifted back by the other 19 bits. */
	return sat_add(line_growth_ns(age, INT64_MAX),
	    ((sure_ns >> 13) * (LINE_SIGMAS * sigma)) >> 19);
}

#endif
