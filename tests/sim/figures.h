/*
 * The figures of a run while it goes on: measure.h fills them in, the world holds
 * them.
 */
#ifndef SIM_FIGURES_H
#define SIM_FIGURES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "tests/sim/scenario.h"

#define LEVELS		2 /* 1 ms and 100 us */
#define MEASURE_GAPS	2
#define MEASURE_QUERIES 8 /* MEASURE_GAPS bursts */

struct measure {
	double from_s;
	double to_s;
	/* Within the window. */
	uint64_t seconds;
	double error_square;
	double error_max_ns;
	double gain_square;
	double bound_sum_ns; /* of what the kernel was told */
	uint64_t bound_seconds;
	double served_sum_ns; /* of what servers would announce */
	uint64_t served_in_window;
	/* All along. */
	double within_s[LEVELS]; /* since when, -1: not now */
	double
	    reached_s[LEVELS]; /* when it was first there for a while, or -1 */
	bool away;	       /* it was paused, and is not within 1 ms yet */
	double resumed_s;      /* when that was over, */
	double good_s;	       /* since when it is, -1: it is not, */
	double back_s; /* and how long it took, the longest of all pauses */
	uint64_t synced_seconds;
	uint64_t uncovered_seconds; /* the bound was too small */
	double uncovered_worst_ns;
	double uncovered_worst_s;
	uint64_t served_seconds;
	uint64_t served_uncovered;
	double served_worst_ns;
	double served_worst_s;
	uint64_t queries;
	uint64_t queries_window;
	uint64_t queries_to[SCENARIO_SERVERS];
	/* the newest of each server, ring */
	double query_s[SCENARIO_SERVERS][MEASURE_QUERIES];
	double least_gap_s[MEASURE_GAPS];
	double first_step_s; /* or -1 */
	double
	    least_step_ns; /* true error at a later one, the least; 0: none */
	bool frozen;
	uint64_t later_steps;
	double excused_until_s; /* somebody has just moved the clock */
	double over_limit_ns;	/* over the scenario's limit at most, ... */
	double over_limit_s;	/* ... then */
	FILE *trace;		/* NULL: none */
	double trace_every_s;
};

#endif
