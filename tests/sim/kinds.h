/*
 * Random scenarios of the kinds in which the world is not as the estimator
 * supposes: queues that stay, routes that flap, delays that grow, oscillators
 * that jump, servers that lie within their bounds.
 */
#ifndef SIM_KINDS_H
#define SIM_KINDS_H

#include "tests/sim/scenario.h"

#define KINDS_EACH 2 /* polls: fixed at 64 s, and the default */

/* The number of kinds, and the name of each. */
uint32_t kinds_count(void);
const char *kinds_name(uint32_t kind);

/*
 * Draw the scenario of this seed.  Its kind is the seed modulo kinds_count();
 * of each kind, every other one has a poll of 64 s.
 */
void kinds_draw(struct scenario *sc, uint64_t seed);

/* The kind of a seed, and whether its poll is fixed. */
uint32_t kinds_of(uint64_t seed);
bool kinds_is_fixed(uint64_t seed);

#endif
