/*
 * Estimating UTC - raw of one source from its measurements: a Kalman filter
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
	struct mono at;        /* middle of the exchange */
	int64_t theta_ns;      /* UTC - raw then: ((T2-T1)+(T3-T4))/2 */
	int64_t delay_ns;      /* round trip without the server's time, >= 0 */
	int64_t dispersion_ns; /* reading errors of both clocks, >= 0 */
};

/* UTC - raw as a line, with standard deviations. */
struct estimate {
	struct mono at;
	int64_t theta_ns;
	double sigma_ns;
	double slope;       /* of UTC - raw, a fraction */
	double slope_sigma; /* a fraction */
};

#define ESTIMATOR_DELAYS 32

struct estimator {
	uint32_t count;      /* measurements taken in since the start or reset */
	struct mono at;      /* of the state */
	int64_t theta_ns;    /* base: the state's offset counts from here */
	double offset_ns;
	double slope;
	double cov[2][2];    /* of offset_ns and slope*1e9 (ns, ns/s) */
	double noise_ns2;    /* learned variance of a measurement at the floor */
	double wander;       /* learned: random walk of frequency, ns/s per rt s */
	double jitter_ns;    /* RMS of recent innovations */
	int64_t delays_ns[ESTIMATOR_DELAYS]; /* ring, for the floor */
	uint32_t delay_count;
	uint32_t outliers;   /* innovations too large in a row */
	double private_state[8];
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
 * an outlier (several in a row make the filter start again, slope kept).
 */
bool estimator_update(struct estimator *e, const struct measurement *m);

/*
 * The line as it is known at a moment, growing less certain with distance.
 * Returns false, and zeros, before the first measurement.
 */
MUST_CHECK bool estimator_predict(const struct estimator *e, struct mono at,
    struct estimate *out);

/* Shift the line by so much: a leap second has passed. */
void estimator_shift(struct estimator *e, int64_t by_ns);

/* The machine was suspended: the offset may be wrong by this much more. */
void estimator_loosen(struct estimator *e, double sigma_ns);

/* The floor of the round trip in recent measurements, ns; 0 before any. */
int64_t estimator_floor_ns(const struct estimator *e);

#endif
