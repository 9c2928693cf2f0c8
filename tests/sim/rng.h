/*
 * Random numbers of the simulator: the same seed gives the same numbers on
 * every machine.  Each thing that varies has its own stream, so that adding one
 * thing to a scenario does not change the others.
 */
#ifndef SIM_RNG_H
#define SIM_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t s[4];
	double spare; /* normal deviates come in pairs */
	bool has_spare;
};

/* Start the stream of this number from a seed. */
void rng_init(struct rng *r, uint64_t seed, uint64_t stream);

/* 64 bits; a double in (0,1); an integer below n > 0. */
uint64_t rng_bits(struct rng *r);
double rng_uniform(struct rng *r);
uint32_t rng_below(struct rng *r, uint32_t n);

/* True with probability p; never if p <= 0. */
bool rng_chance(struct rng *r, double p);

/* Mean 0 and variance 1; exponential with mean 1; gamma with mean shape. */
double rng_normal(struct rng *r);
double rng_exp(struct rng *r);
double rng_gamma(struct rng *r, double shape);

#endif
