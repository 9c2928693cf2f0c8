/*
 * The quality of the time, see quality.h.  Run by ntp-clock.  It must never
 * call the time better than its line is.
 */
#include "core/steer/quality.h"

#include "core/line.h"

#define LATE_NS	       (64 * NS_PER_S)
#define LATE_INTERVALS 8
#define NS_PER_US      INT64_C(1000)

struct quality
quality_of(const struct quality_input *in)
{
	struct quality q;
	int64_t size_ns = sat_abs(in->error_ns);
	int64_t root_ns =
	    sat_add(in->root_delay_ns / 2, in->root_dispersion_ns);

	q.estimate_ns = sat_add(size_ns, in->sigma_ns);
	q.bound_ns = sat_add(sat_add(q.estimate_ns,
				 line_aged_ns(in->age_ns, in->slope_sigma_q32)),
	    root_ns);
	q.in_sync =
	    size_ns < QUALITY_OFFSET_NS && q.bound_ns < QUALITY_BOUND_NS;
	q.late = in->age_ns > LATE_NS &&
	    in->age_ns / LATE_INTERVALS > in->interval_ns;
	return q;
}

int64_t
quality_interval(int64_t interval_ns, int64_t last_ns)
{
	interval_ns -= interval_ns / LATE_INTERVALS;
	return last_ns > interval_ns ? last_ns : interval_ns;
}

int64_t
quality_us(int64_t bound_ns)
{
	if (bound_ns < 0 || bound_ns >= QUALITY_MAX_US * NS_PER_US)
		return QUALITY_MAX_US;
	return (bound_ns + NS_PER_US - 1) / NS_PER_US;
}
