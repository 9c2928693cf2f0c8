/*
 * How well the clock did, measured every second of true time against what only
 * the simulator knows.
 */
#ifndef SIM_MEASURE_H
#define SIM_MEASURE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "tests/sim/scenario.h"

struct world;

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

/* What is left of a run. */
struct result {
	bool done;
	bool frozen; /* ntp-clock was, at any time */
	double rms_ns;
	double max_ns;
	double freq_rms;  /* a fraction */
	double bound_ns;  /* mean, as the kernel tells it */
	double served_ns; /* mean, as it is served: root delay/2 + dispersion */
	double reached_s[LEVELS];
	double back_s; /* from a pause to within 1 ms; 0: no pause, -1: never */
	double uncovered;	 /* part of the seconds in sync */
	double served_uncovered; /* likewise of those served */
	double packets_day;	 /* to all servers */
	double poll_s;		 /* mean, of one server, in the window */
	double final_error_ns;
	bool final_excused;
	uint64_t steps;
	uint64_t later_steps;
	double least_step_ns;
	double over_limit_ns;
	double over_limit_s;
	double uncovered_worst_ns;
	double uncovered_worst_s;
	double served_worst_ns;
	double served_worst_s;
	uint64_t queries;
	uint64_t turns[2];    /* ntp-clock, ntp-net: how often they woke up */
	double wakes_day[2];  /* the same by day ... */
	double wakes_sum_day; /* ... and together */
	double wall_s;	      /* what the run itself took */
	double length_s;
	/* between a query to a server and the 4th, and 8th, before it; 0: none */
	double least_gap_s[MEASURE_GAPS];
};

void measure_init(struct measure *m, double from_s, double to_s);

/* A second of true time is over. */
void measure_second(struct world *w);

/* ntp-clock says that it is frozen. */
void measure_frozen(struct world *w);

/* A query sets out. */
void measure_query(struct world *w, uint32_t server);

/* ntp-clock is about to step the clock. */
void measure_step(struct world *w);

/*
 * Something has happened to the clock that no program can know at once: for
 * so long nothing is held against it.
 */
void measure_excuse(struct world *w, double for_s);

/* The machine goes on after a pause: from now on it counts how long it takes. */
void measure_resumed(struct world *w);

/* The run is over. */
void measure_result(const struct world *w, struct result *r);

#endif
