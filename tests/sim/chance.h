/*
 * Scenarios drawn by chance, for properties that must hold in all of them.
 */
#ifndef SIM_CHANCE_H
#define SIM_CHANCE_H

#include "tests/sim/scenario.h"

enum chance_kind {
	CHANCE_CALM,   /* only honest servers, and nothing happens */
	CHANCE_LIARS,  /* a minority lies from the start */
	CHANCE_TURN,   /* a minority begins to lie, or is attacked */
	CHANCE_EVENTS, /* things happen to machine and network */
	CHANCE_LEAP,   /* a leap second, true, false, or both */
	CHANCE_KINDS
};

/*
 * Draw the scenario of this number; its kind is the number modulo
 * CHANCE_KINDS.  Its limit is what no minority of liars may move the clock
 * beyond: the largest error bound of an honest server, with room for noise.
 */
void chance_scenario(struct scenario *sc, uint64_t seed);

#endif
