/*
 * From many sources one time: selection by intersection (RFC 5905 section
 * 11.2.1), clustering (11.2.2) and combination (11.2.3).  Pure.
 */
#ifndef CORE_SELECT_H
#define CORE_SELECT_H

#include "core/filter/estimator.h"

#define SELECT_MAX SOURCES_MAX

enum select_state {
	SELECT_NOT_USABLE,  /* the caller said so */
	SELECT_TOO_FAR,	    /* likewise, of its root distance */
	SELECT_FALSETICKER, /* outside of what the majority agrees on */
	SELECT_ESTRANGED,   /* likewise, of how all depart from their habits */
	SELECT_OUTLIER,	    /* discarded by clustering */
	SELECT_CANDIDATE,   /* might be right, but too few agree */
	SELECT_SELECTED	    /* combined into the time */
};

struct select_input {
	bool usable;
	bool too_far;	      /* its root distance is above the maximum */
	struct estimate line; /* at the common moment */
	int64_t distance_ns;  /* root distance, see source.h */
	/* root values with the way to the source, source_total_*() */
	int64_t root_delay_ns;
	int64_t root_dispersion_ns;
	uint8_t stratum;
	uint8_t leap; /* LEAP_* */
	/* habit.h: how far it has departed, if that is known, and was it so
	   far at the last decision that it was not believed */
	bool has_habit;
	bool estranged;
	double departure_ns;
	double departure_sigma_ns;
};

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
 * A usable source that is not too far has a vote.  How many must agree: a
 * majority of the votes; and at least min_sources where that is not 0, and where
 * it is 0, half of the configured sources, usable or not.  So one source alone
 * is believed if it is the only one or one of two; two that disagree are not; of
 * four configured, one that has answered waits for another.
 *
 * last_peer keeps a good system peer in place; -1 where there was none.
 * state[i] says what became of source i; where no majority shares a moment
 * nobody can tell which are false, and every source with a vote is a candidate.
 * All of *out is set: without an agreement the line is zero, the peer -1, the
 * stratum 16 and the leap LEAP_UNKNOWN.
 */
void select_sources(const struct select_input *in, uint32_t n,
    uint32_t configured, uint32_t min_sources, int32_t last_peer,
    enum select_state *state, struct select_output *out);

#endif
