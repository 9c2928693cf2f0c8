/*
 * Estimating UTC - raw of one source from its measurements: Kalman filters
 * with the two states offset and frequency on the free-running time line,
 * whose measurement noise is learned from the data (round trips in excess of
 * their floor, innovations).  Pure; all state is in the caller's struct.
 *
 * This interface is narrow on purpose: what is behind it may be replaced.
 */
#ifndef CORE_ESTIMATOR_H
#define CORE_ESTIMATOR_H

#include "types.h"

/* One exchange with a server (RFC 5905 section 8), on the raw time line. */
struct measurement {
	struct mono at;	       /* middle of the exchange */
	int64_t theta_ns;      /* UTC - raw then: ((T2-T1)+(T3-T4))/2 */
	int64_t delay_ns;      /* round trip without the server's time, >= 0 */
	int64_t dispersion_ns; /* reading errors of both clocks, >= 0 */
};

/* UTC - raw as a line, with standard deviations. */
struct estimate {
	struct mono at;
	int64_t theta_ns;
	double sigma_ns;
	double slope;	    /* of UTC - raw, a fraction */
	double slope_sigma; /* a fraction */
};

#define ESTIMATOR_DELAYS  256 /* round trips remembered, for the floor */
#define ESTIMATOR_MEMBERS 7
#define ESTIMATOR_MEMORY  0.98 /* of log_weight, at each measurement */

/* One filter of the bank: what it believes, supposing a wander. */
struct estimator_member {
	double offset_ns;  /* counted from the estimator's base */
	double slope_ppb;  /* the same as ns/s */
	double cov[3];	   /* ns^2, ns^2/s, (ns/s)^2 */
	double log_weight; /* relative to the best, at most 0 */
	double weight;	   /* all of them add up to 1 */
};

/*
 * Public: count, innovation_ns, expected_ns, jitter_ns.  A bank of Kalman
 * filters, one for each of some wanders (how fast the frequency walks), is
 * weighted by how well each foretells the measurements.
 */
struct estimator {
	uint32_t count;	  /* measurements taken in since the start or reset */
	struct mono at;	  /* of the state */
	int64_t theta_ns; /* base: the members' offsets count from here */
	double innovation_ns; /* the last measurement less what was foretold */
	double expected_ns;   /* standard deviation of that one's own noise */
	double jitter_ns;     /* RMS of recent innovations */
	double noise_ns2;     /* learned variance besides the delay's share */
	double skew;	      /* of the excess delay, so much shows in theta */
	double skew_variance;
	int64_t floor_ns; /* that the offsets are meant for */
	struct estimator_member members[ESTIMATOR_MEMBERS];
	int64_t delays_ns[ESTIMATOR_DELAYS]; /* ring */
	uint32_t delay_next;
	uint32_t delay_count; /* at most ESTIMATOR_DELAYS */
	uint32_t outliers;    /* in a row, on one side */
	bool outlier_above;   /* on which */
};

/*
 * Start from nothing.  What is known about the slope beforehand (from the
 * drift that was kept) goes in; slope_sigma 0 means: nothing is known, and
 * 500 ppm is taken.
 */
void estimator_init(struct estimator *e, double slope, double slope_sigma);

/*
 * Take one measurement in.  Times must not go backwards: an older one than the
 * last is ignored.  Returns true if it was used, false if it was set aside as
 * an outlier (several in a row on one side make the filter start again, slope
 * kept) or ignored.
 */
bool estimator_update(struct estimator *e, const struct measurement *m);

/*
 * The line as it is known at a moment, growing less certain with distance.
 * Returns false, and zeros, before the first measurement.
 */
MUST_CHECK bool estimator_predict(
    const struct estimator *e, struct mono at, struct estimate *out);

/* Shift the line by so much: a leap second has passed. */
void estimator_shift(struct estimator *e, int64_t by_ns);

/* The machine was suspended: the offset may be wrong by this much more. */
void estimator_loosen(struct estimator *e, double sigma_ns);

/* The floor of the round trip in recent measurements, ns; 0 before any. */
int64_t estimator_floor_ns(const struct estimator *e);

/*
 * The floor of the last eight round trips, ns; 0 before any: what a bound of
 * the error may count on, for the older floor may be of another route.
 */
int64_t estimator_recent_floor_ns(const struct estimator *e);

#endif
