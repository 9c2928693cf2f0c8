/*
 * The figures of a run while it goes on: measure.h fills them in, the world
 * holds them.
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
	/* In the measured window. */
	uint64_t seconds;
	double error_square;
	double error_max_ns;
	/* The same of seconds that are not excused. */
	uint64_t fair_seconds;
	double fair_square;
	double fair_max_ns;
	double gain_square;
	double bound_sum_ns; /* sum of the kernel's bounds */
	uint64_t bound_seconds;
	double served_sum_ns; /* sum of the bounds servers would announce */
	uint64_t served_in_window;
	/* In the whole run. */
	double within_s[LEVELS];  /* since when within it; -1: not now */
	double reached_s[LEVELS]; /* first time that it lasted, or -1 */
	bool away;		  /* after a pause, and not within 1 ms yet */
	double resumed_s;	  /* end of the pause, */
	double good_s;		  /* within 1 ms since; -1: it is not, */
	double back_s;		  /* and the longest recovery of all pauses */
	uint64_t synced_seconds;
	uint64_t uncovered_seconds; /* seconds with too small a bound */
	double uncovered_worst_ns;
	double uncovered_worst_s;
	uint64_t served_seconds;
	uint64_t served_uncovered;
	double served_worst_ns;
	double served_worst_s;
	uint64_t queries;
	uint64_t queries_window;
	uint64_t queries_to[SCENARIO_SERVERS];
	/* Last queries to each server, a ring. */
	double query_s[SCENARIO_SERVERS][MEASURE_QUERIES];
	double least_gap_s[MEASURE_GAPS];
	double first_step_s;  /* or -1 */
	double least_step_ns; /* least true error at a later step; 0: none */
	bool frozen;
	uint64_t later_steps;
	double excused_until_s; /* until then the error is excused */
	double over_limit_ns;	/* most above the scenario's limit, ... */
	double over_limit_s;	/* ... and when */
	FILE *trace;		/* NULL: none */
	double trace_every_s;
};

#endif
