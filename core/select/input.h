/*
 * What a selection knows of a source, and what it makes of it.
 */
#ifndef CORE_INPUT_H
#define CORE_INPUT_H

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

#endif
