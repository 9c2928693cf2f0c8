/*
 * Numbers for random scenarios.
 */
#ifndef SIM_DRAW_H
#define SIM_DRAW_H

#include "tests/sim/arith.h"
#include "tests/sim/rng.h"

/* Between low and high, uniform on a logarithmic scale. */
static inline double
draw_spread(struct rng *r, double low, double high)
{
	return low * arith_exp(rng_uniform(r) * arith_log(high / low));
}

/* v or -v. */
static inline double
draw_sign(struct rng *r, double v)
{
	return rng_chance(r, 0.5) ? v : -v;
}

/* Between low and high, uniform. */
static inline double
draw_between(struct rng *r, double low, double high)
{
	return low + (high - low) * rng_uniform(r);
}

#endif
