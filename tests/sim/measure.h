/*
 * How good the clock was, compared every second with true time, which only the
 * simulator knows.
 */
#ifndef SIM_MEASURE_H
#define SIM_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/sim/figures.h"

struct world;

/* The result of a run. */
struct result {
	bool done;
	bool frozen; /* ntp-clock was frozen at some time */
	double rms_ns;
	double max_ns;
	double fair_rms_ns; /* without excused seconds */
	double fair_max_ns;
	double reference_rms_ns; /* of the plain client, reference.h */
	double reference_max_ns;
	double freq_rms;  /* a fraction */
	double bound_ns;  /* mean, as the kernel reports it */
	double served_ns; /* mean, as it is served: root delay/2 + dispersion */
	double reached_s[LEVELS];
	double back_s; /* pause's end to within 1 ms; 0: no pause, -1: never */
	double uncovered;	 /* fraction of seconds in sync */
	double served_uncovered; /* likewise of those that were served */
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
	uint64_t turns[2];    /* wake-ups of ntp-clock and ntp-net */
	double wakes_day[2];  /* the same per day ... */
	double wakes_sum_day; /* ... and together */
	double wall_s;	      /* real time of the run */
	double length_s;
	/* Least time from a query to the 4th, and 8th, before it; 0: none. */
	double least_gap_s[MEASURE_GAPS];
};

void measure_init(struct measure *m, double from_s, double to_s);

/* Call at the end of each second of true time. */
void measure_second(struct world *w);

/* Call when ntp-clock reports that it is frozen. */
void measure_frozen(struct world *w);

/* Call when a query is sent. */
void measure_query(struct world *w, uint32_t server);

/* Call before ntp-clock steps the clock. */
void measure_step(struct world *w);

/*
 * Something has happened to the clock that no program can know at once: ignore
 * errors for for_s.
 */
void measure_excuse(struct world *w, double for_s);

/* The machine runs again after a pause: measure the recovery. */
void measure_resumed(struct world *w);

/* Compute the result at the end of the run. */
void measure_result(const struct world *w, struct result *r);

#endif
