/*
 * A source's bias: its usual offset from the agreed line, as it was learned,
 * and its recent offset.  A constant error (an asymmetric path) cannot be
 * observed.  A change can: the deviation from the bias shows a drifting or
 * jumping server long before its root distance excludes it.  Only the
 * comparison with other sources means anything: if all deviate alike, the line
 * has moved.  Run by ntp-net.  Pure; all state is in the caller's struct.
 */
#ifndef CORE_BIAS_H
#define CORE_BIAS_H

#include "core/types.h"

/* A mean with a decaying memory; the weight of a value is 1 / its variance. */
struct bias_mean {
	double off_ns;
	double weight;	 /* sum of the weights, 1/ns^2 */
	double variance; /* of off_ns, from the values' variances */
	uint32_t count;
};

/* All zero is the start. */
struct bias {
	struct bias_mean long_term; /* over hours */
	struct bias_mean recent;    /* over the last few measurements */
	double nis;		    /* observed variance / expected variance */
	struct mono at;
};

/*
 * Take in a measurement that is off the line by off_ns.  variance is that of
 * both together, ns^2, positive.  at is its moment, not before the last one.
 */
void bias_take(struct bias *b, double off_ns, double variance, struct mono at);

/* The agreed line has moved by this much, ns, because other sources make it. */
void bias_line_moved(struct bias *b, double by_ns);

/* Forget the recent offsets: they mean nothing any more. */
void bias_interrupted(struct bias *b);

/*
 * The deviation of the source from its bias, with its standard deviation, ns.
 * Returns false, and zeros, if too little is known.
 */
MUST_CHECK bool bias_deviation(
    const struct bias *b, double *deviation_ns, double *sigma_ns);

#endif
