/*
 * From a line to a message for ntp-clock, see decide.h.  Runs in ntp-net; it must
 * never make a number better than it is.
 */
#include <math.h>
#include <string.h>

#include "core/real.h"
#include "ntp-net/poll/decide.h"

#define SLOPE_SANE    0.021 /* a fraction; core/filter/bank.c has no more */
#define SIGMA_SANE_NS 1e12

/* A number that is one, and not beyond a limit. */
static bool
is_sane(double v, double limit)
{
	return isfinite(v) && fabs(v) <= limit;
}

/* As a sample may have it. */
static int64_t
slope_of(double slope)
{
	slope = real_clamp(slope, -OSCILLATOR_MAX, OSCILLATOR_MAX);
	return (int64_t)real_round(slope * (double)SLOPE_ONE);
}

bool
decide_sample(
    const struct select_output *o, enum leap leap, struct msg_sample *m)
{
	const struct estimate *e = &o->line;

	memset(m, 0, sizeof(*m));
	if (!is_sane(e->sigma_ns, SIGMA_SANE_NS) || e->sigma_ns < 0 ||
	    !is_sane(e->slope, SLOPE_SANE) ||
	    !is_sane(e->slope_sigma, SLOPE_SANE) || e->slope_sigma < 0 ||
	    o->root_delay_ns < 0 || o->root_dispersion_ns < 0)
		return false;
	m->raw_ns = e->at.ns;
	m->theta_ns = e->theta_ns;
	m->sigma_ns = (int64_t)real_ceil(e->sigma_ns);
	if (m->sigma_ns < 1)
		m->sigma_ns = 1;
	m->slope = slope_of(e->slope);
	m->slope_sigma = (int64_t)real_ceil(e->slope_sigma * (double)SLOPE_ONE);
	if (m->slope_sigma > SLOPE_ONE / 1000)
		m->slope_sigma = SLOPE_ONE / 1000;
	if (m->slope_sigma < 1)
		m->slope_sigma = 1;
	m->root_delay_ns = o->root_delay_ns;
	m->root_dispersion_ns = fabs(e->slope) > OSCILLATOR_MAX
	    ? SOURCE_DISPERSION_NS
	    : o->root_dispersion_ns;
	m->leap = (uint32_t)leap;
	return true;
}
