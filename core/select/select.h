/*
 * One time from many sources: selection by intersection (RFC 5905 section
 * 11.2.1), clustering (11.2.2) and combination (11.2.3).  Run by ntp-net.
 * Pure.
 */
#ifndef CORE_SELECT_H
#define CORE_SELECT_H

#include "core/select/input.h"

struct select_output {
	bool agreed; /* line is valid */
	struct estimate line;
	uint32_t votes;	   /* sources that had a vote */
	uint32_t agreeing; /* truechimers, or the most that share a point */
	uint32_t needed;   /* how many must agree */
	uint32_t selected;
	int32_t peer;	 /* the system peer, -1: none */
	uint8_t stratum; /* the system peer's, plus one */
	uint8_t leap; /* by a majority of the truechimers; else LEAP_UNKNOWN */
	int64_t root_delay_ns;
	int64_t root_dispersion_ns;
	int64_t distance_ns;	   /* error bound of the line */
	double weight[SELECT_MAX]; /* in the line, 1/ns^2; 0: not selected */
};

/*
 * Decide.  All lines are for the moment `now`; n is at most SELECT_MAX;
 * distances are not negative.
 *
 * A usable source that is not too far has a vote.  A majority of the votes must
 * agree, and at least `least` sources: see quorum.h.
 *
 * last_peer keeps a good system peer in place; -1 if there was none.  state[i]
 * is the result for source i.  If no majority shares a point, nobody can tell
 * which sources are falsetickers, and each source with a vote is a candidate.
 * All of *out is set: without an agreement the line is zero, the peer -1, the
 * stratum 16 and the leap LEAP_UNKNOWN.
 */
void select_sources(const struct select_input *in, uint32_t n, uint32_t least,
    int32_t last_peer, enum select_state *state, struct select_output *out);

#endif
