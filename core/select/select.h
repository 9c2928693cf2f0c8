/*
 * From many sources one time: selection by intersection (RFC 5905 section
 * 11.2.1), clustering (11.2.2) and combination (11.2.3).  Pure.
 */
#ifndef CORE_SELECT_H
#define CORE_SELECT_H

#include "core/select/input.h"

struct select_output {
	bool agreed; /* line is valid */
	struct estimate line;
	uint32_t agreeing; /* truechimers, or the most that share a moment */
	uint32_t needed;   /* how many must agree */
	uint32_t selected;
	int32_t peer;	 /* the system peer, -1: none */
	uint8_t stratum; /* the system peer's, plus one */
	uint8_t leap; /* by majority of those that agree; LEAP_UNKNOWN: none */
	int64_t root_delay_ns;
	int64_t root_dispersion_ns;
	int64_t distance_ns;	   /* bound of the error of the line */
	double weight[SELECT_MAX]; /* in it, 1/ns^2; 0: not selected */
};

/*
 * Decide.  All lines are at the moment now; n is at most SELECT_MAX, distances
 * are not negative.
 *
 * A usable source that is not too far has a vote.  A majority of the votes must
 * agree, and no fewer than least: see quorum.h.
 *
 * last_peer keeps a good system peer in place; -1 where there was none.
 * state[i] says what became of source i; where no majority shares a moment
 * nobody can tell which are false, and every source with a vote is a candidate.
 * All of *out is set: without an agreement the line is zero, the peer -1, the
 * stratum 16 and the leap LEAP_UNKNOWN.
 */
void select_sources(const struct select_input *in, uint32_t n, uint32_t least,
    int32_t last_peer, enum select_state *state, struct select_output *out);

#endif
