/*
 * The input of a selection for each source, and the resulting states.  Run by
 * ntp-net.  Pure.
 */
#ifndef CORE_INPUT_H
#define CORE_INPUT_H

#include "core/filter/estimator.h"

#define SELECT_MAX SOURCES_MAX

enum select_state {
	SELECT_NOT_USABLE,  /* the caller said so */
	SELECT_TOO_FAR,	    /* the caller said so: its root distance */
	SELECT_FALSETICKER, /* outside of the majority's interval */
	SELECT_DEVIATING,   /* excluded: deviates from its bias, bias.h */
	SELECT_OUTLIER,	    /* discarded by clustering */
	SELECT_CANDIDATE,   /* may be right, but too few agree */
	SELECT_SELECTED	    /* combined into the time */
};

struct select_input {
	bool usable;
	bool too_far;	      /* its root distance is above the maximum */
	struct estimate line; /* at the moment of the decision */
	int64_t distance_ns;  /* root distance, see source.h */
	/* root values including the path to the source, source_root() */
	int64_t root_delay_ns;
	int64_t root_dispersion_ns;
	uint8_t stratum;
	uint8_t leap; /* LEAP_* */
	/*
	 * its deviation, if has_bias, see bias.h; deviating: it was excluded
	 * for that at the last decision
	 */
	bool has_bias;
	bool deviating;
	double deviation_ns;
	double deviation_sigma_ns;
};

/* Does it have a vote? */
static inline bool
select_votes(const struct select_input *in)
{
	return in->usable && !in->too_far;
}

#endif
