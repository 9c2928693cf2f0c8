/*
 * Random numbers, see rng.h: xoshiro256++ (Blackman and Vigna), seeded by
 * splitmix64.
 */
#include "tests/sim/rng.h"

#include <math.h>

#include "tests/sim/arith.h"

static uint64_t
splitmix(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint64_t
rotate(uint64_t x, unsigned int by)
{
	return (x << by) | (x >> (64 - by));
}

void
rng_init(struct rng *r, uint64_t seed, uint64_t stream)
{
	uint64_t state = seed;

	state = splitmix(&state) + stream * UINT64_C(0xd1342543de82ef95);
	for (int i = 0; i < 4; i++)
		r->s[i] = splitmix(&state);
	r->spare = 0;
	r->has_spare = false;
}

uint64_t
rng_bits(struct rng *r)
{
	uint64_t *s = r->s;
	uint64_t result = rotate(s[0] + s[3], 23) + s[0];
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return result;
}

double
rng_uniform(struct rng *r)
{
	return ((double)(rng_bits(r) >> 12) + 0.5) / 4503599627370496.0;
}

uint32_t
rng_below(struct rng *r, uint32_t n)
{
	return (uint32_t)(((rng_bits(r) >> 32) * n) >> 32);
}

bool
rng_chance(struct rng *r, double p)
{
	return p > 0 && rng_uniform(r) < p;
}

/* Marsaglia's polar method. */
double
rng_normal(struct rng *r)
{
	double u, v, square, scale;

	if (r->has_spare) {
		r->has_spare = false;
		return r->spare;
	}
	do {
		u = 2 * rng_uniform(r) - 1;
		v = 2 * rng_uniform(r) - 1;
		square = u * u + v * v;
	} while (square >= 1);
	scale = sqrt(-2 * arith_log(square) / square);
	r->spare = v * scale;
	r->has_spare = true;
	return u * scale;
}

double
rng_exp(struct rng *r)
{
	return -arith_log(rng_uniform(r));
}

/* Marsaglia and Tsang's method; a shape below 1 by way of shape + 1. */
double
rng_gamma(struct rng *r, double shape)
{
	double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3, x, v;
	double c = 1 / sqrt(9 * d);

	do {
		do {
			x = rng_normal(r);
			v = 1 + c * x;
		} while (v <= 0);
		v = v * v * v;
	} while (arith_log(rng_uniform(r)) >=
	    x * x / 2 + d - d * v + d * arith_log(v));
	if (shape < 1)
		v *= arith_exp(arith_log(rng_uniform(r)) / shape);
	return d * v;
}
