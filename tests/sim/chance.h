/*
 * Randomly drawn scenarios, for properties that must hold in all of them.
 */
#ifndef SIM_CHANCE_H
#define SIM_CHANCE_H

#include "tests/sim/scenario.h"

enum chance_kind {
	CHANCE_CALM,   /* only honest servers, and nothing happens */
	CHANCE_LIARS,  /* a minority lies from the start on */
	CHANCE_TURN,   /* a minority begins to lie, or is attacked */
	CHANCE_EVENTS, /* events on machine and network */
	CHANCE_LEAP,   /* a leap second, true, false, or both */
	CHANCE_KINDS
};

/*
 * Draw the scenario of this seed; its kind is the seed modulo CHANCE_KINDS.
 * Its limit is how far a minority of liars may move the clock: the largest
 * error bound of an honest server, plus room for noise.
 */
void chance_scenario(struct scenario *sc, uint64_t seed);

#endif
