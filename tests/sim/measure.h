/*
 * How well the clock did, measured every second of true time against what only
 * the simulator knows.
 */
#ifndef SIM_MEASURE_H
#define SIM_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/sim/figures.h"

struct world;

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
