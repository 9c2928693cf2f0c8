/*
 * The agreed line at another moment, and how wrong it may be then, see decide.h.
 * Runs in ntp-net.
 */
#include "ntp-net/poll/decide.h"

#include <math.h>

#include "core/ageing.h"
#include "core/real.h"
#include "core/saturate.h"

#define SLOPE_SIGMAS 3.0

struct estimate
decide_extrapolate(const struct estimate *line, struct mono at)
{
	struct estimate e = *line;
	double away_ns = (double)sat_sub(at.ns, line->at.ns);
	double drift_ns = line->slope_sigma * away_ns;

	e.at = at;
	e.theta_ns = sat_add(
	    line->theta_ns, sat_from_double(real_round(line->slope * away_ns)));
	e.sigma_ns =
	    sqrt(line->sigma_ns * line->sigma_ns + drift_ns * drift_ns);
	return e;
}

int64_t
decide_bound_ns(const struct select_output *o, struct mono then, int64_t due_ns,
    struct mono now)
{
	int64_t age_ns = sat_sub(now.ns, then.ns);
	double drift_ns;

	if (age_ns < 0)
		age_ns = 0;
	drift_ns = SLOPE_SIGMAS * o->line.slope_sigma * (double)age_ns;
	return sat_add(sat_add(o->distance_ns, ageing_ns(age_ns, due_ns)),
	    sat_from_double(real_ceil(drift_ns)));
}

/* The next agreement is due when the next decision is. */
int64_t
decide_bound(const struct decision *d, struct mono now)
{
	return decide_bound_ns(
	    &d->last, d->last_at, sat_add(d->gap_ns, DECIDE_GAP_NS), now);
}
