/*
 * A source's habit: its usual offset from the agreed line, i.e. its learned
 * bias, and its recent offset.  A constant error (an asymmetric path) cannot be
 * observed.  A change can: the deviation ("departure") from the habit shows a
 * drifting or jumping server long before its root distance excludes it.  Only
 * the comparison with other sources means anything: if all deviate alike, the
 * line has moved.  Run by ntp-net.  Pure; all state is in the caller's struct.
 */
#ifndef CORE_HABIT_H
#define CORE_HABIT_H

#include "core/types.h"

/* A mean with a decaying memory; the weight of a value is 1 / its variance. */
struct habit_mean {
	double off_ns;
	double weight;	 /* sum of the weights, 1/ns^2 */
	double variance; /* of off_ns, from the values' variances */
	uint32_t count;
};

/* All zero is the start. */
struct habit {
	struct habit_mean usual; /* over hours */
	struct habit_mean late;	 /* over the last few measurements */
	double unrest;		 /* observed variance / expected variance */
	struct mono at;
};

/*
 * Take in a measurement that is off the line by off_ns.  variance is that of
 * both together, ns^2, positive.  at is its moment, not before the last one.
 */
void habit_take(
    struct habit *h, double off_ns, double variance, struct mono at);

/* The agreed line has moved by this much, ns, because other sources make it. */
void habit_line_moved(struct habit *h, double by_ns);

/* Forget the recent offsets: they mean nothing any more. */
void habit_interrupted(struct habit *h);

/*
 * The deviation of the source from its habit, with its standard deviation, ns.
 * Returns false, and zeros, if too little is known.
 */
MUST_CHECK bool habit_departure(
    const struct habit *h, double *departure_ns, double *sigma_ns);

#endif
