/*
 * How far a source is from the agreed line as a rule, and how far of late.
 * What it is wrong by always (a path that is longer in one direction) cannot
 * be told; but a server whose clock drifts away or jumps departs from its
 * habit, and that shows long before its root distance excludes it.  Only the
 * comparison with other sources means anything: where all depart alike it is
 * the line that has moved.  Pure; all state is in the caller's struct.
 */
#ifndef CORE_HABIT_H
#define CORE_HABIT_H

#include "core/types.h"

/* A mean that forgets; each value counts by the inverse of its variance. */
struct habit_mean {
	double off_ns;
	double weight;	 /* the sum of all, 1/ns^2 */
	double variance; /* of off_ns, as the values' own explain it */
	uint32_t count;
};

/* Start from zeros. */
struct habit {
	struct habit_mean usual; /* over hours */
	struct habit_mean late;	 /* over the last few measurements */
	double unrest; /* square of what is seen, by what is expected */
	struct mono at;
};

/*
 * A measurement is off the line by so much; variance: of both together, ns^2,
 * positive.  at: its moment, not before the last one.
 */
void habit_take(
    struct habit *h, double off_ns, double variance, struct mono at);

/* The agreed line has moved by so much, because others make it. */
void habit_line_moved(struct habit *h, double by_ns);

/* What was seen of late means nothing any more. */
void habit_interrupted(struct habit *h);

/*
 * How far the source has departed from its habit, with the standard deviation
 * of that.  Returns false, and zeros, where too little is known.
 */
MUST_CHECK bool habit_departure(
    const struct habit *h, double *departure_ns, double *sigma_ns);

#endif
