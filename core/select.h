/*
 * From many sources one time: selection by intersection (RFC 5905 section
 * 11.2.1), clustering (11.2.2) and combination (11.2.3).  Pure.
 */
#ifndef CORE_SELECT_H
#define CORE_SELECT_H

#include "estimator.h"

#define SELECT_MAX 64
#define SELECT_MAX_DISTANCE_NS (3 * NS_PER_S) /* farther: cannot be trusted */

enum select_state {
	SELECT_NOT_USABLE,  /* the caller said so */
	SELECT_TOO_FAR,     /* root distance above the maximum */
	SELECT_FALSETICKER, /* outside of what the majority agrees on */
	SELECT_OUTLIER,     /* discarded by clustering */
	SELECT_CANDIDATE,   /* agrees, but there is no majority yet */
	SELECT_SELECTED     /* combined into the time */
};

struct select_input {
	bool usable;
	struct estimate line; /* at the common moment */
	int64_t distance_ns;  /* root distance, see source.h */
	int64_t root_delay_ns;
	int64_t root_dispersion_ns;
	uint8_t stratum;
	uint8_t leap;
};

struct select_output {
	bool agreed;          /* line is valid */
	struct estimate line;
	uint32_t agreeing;    /* truechimers */
	uint32_t needed;      /* how many must agree */
	uint32_t selected;
	int32_t peer;         /* the system peer, -1: none */
	uint8_t stratum;      /* the system peer's, plus one */
	uint8_t leap;         /* by majority of the selected, LEAP_* */
	int64_t root_delay_ns;
	int64_t root_dispersion_ns;
	int64_t distance_ns;  /* bound of the error of the line */
};

/*
 * Decide.  All lines are at the moment now; n is at most SELECT_MAX.
 * configured: how many sources there are at all, usable or not; min_sources:
 * how many must agree, 0 for a majority of the configured ones that have
 * answered (never fewer than a majority of the usable).  last_peer keeps a
 * good system peer in place; -1 where there was none.  state[i] says what
 * became of source i.
 */
void select_sources(const struct select_input *in, uint32_t n,
    uint32_t configured, uint32_t min_sources, int32_t last_peer,
    enum select_state *state, struct select_output *out);

#endif
