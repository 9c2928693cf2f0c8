/*
 * Estimating UTC - raw of one source from its measurements.  The noise of each
 * follows from its round trip: the larger the excess over the minimum, the less
 * it says.  A filter bank (filter_bank.h) does the rest.  The constants were
 * tuned with tests/sim/ESTIMATOR.  Run by ntp-net.  Pure; all state is in the
 * caller's struct.
 *
 * This interface is narrow on purpose, so that what is behind it can be
 * replaced.
 */
#ifndef CORE_ESTIMATOR_H
#define CORE_ESTIMATOR_H

#include "core/filter/filter_bank.h"
#include "core/filter/min_delay.h"
#include "core/types.h"

/* One exchange with a server (RFC 5905 section 8), on the raw time line. */
struct measurement {
	struct mono at;	       /* middle of the exchange */
	int64_t theta_ns;      /* UTC - raw then: ((T2-T1)+(T3-T4))/2 */
	int64_t delay_ns;      /* round trip minus the server's time, >= 0 */
	int64_t dispersion_ns; /* reading errors of both clocks, >= 0 */
};

/* How many of the newest measurements are kept, to use them again. */
#define ESTIMATOR_RECENT 12

/* UTC - raw as a line, with standard deviations. */
struct estimate {
	struct mono at;
	int64_t theta_ns;
	double sigma_ns;
	double slope;	    /* of UTC - raw, a fraction */
	double slope_sigma; /* a fraction */
};

/* Private to estimator.c and its tests. */
struct estimator {
	struct filter_bank bank;
	struct min_delay min_delay;
	struct observation last; /* the last measurement and its noise */
	double jitter_ns;	 /* RMS of recent innovations */
	double noise_ns2;     /* learned variance on top of the delay's share */
	int tilt;	      /* learned step; > 0: the way back is worse */
	double evidence[2];   /* for less and for more tilt, logarithms */
	int64_t min_delay_ns; /* the minimum that the offsets refer to */
	double min_delay_error_ns; /* its error */
	double far_ns;		   /* mean excess of round trips over it */
	double mean_ns; /* mean excess over the true minimum, estimated, > 0 */
	struct measurement recent[ESTIMATOR_RECENT]; /* ring, with outliers */
	uint32_t recent_next;
	uint32_t recent_count;
	bool scattered;	    /* noise_ns2 is from an unreported scatter */
	double prior_slope; /* known before the first measurement */
	double prior_sigma;
};

/*
 * Start from nothing.  slope and slope_sigma are what is already known of the
 * slope (from the stored drift), fractions.  With slope_sigma 0 nothing is
 * known, and the sigma is 500 ppm.
 */
void estimator_init(struct estimator *e, double slope, double slope_sigma);

/*
 * Take in one measurement.  One older than the last is ignored.  Returns true
 * if it was used; false if it was ignored, or set aside as an outlier (several
 * in a row on one side restart the filter, with the slope kept).  If most of
 * the newest scatter by more than round trips and dispersions explain, that
 * noise is learned at once, and all of them are taken in again with it.
 */
bool estimator_update(struct estimator *e, const struct measurement *m);

/*
 * The newest measurements were worse than assumed: restart with them, with a
 * dispersion of at least this, ns, for each.
 */
void estimator_doubt(struct estimator *e, int64_t dispersion_ns);

/*
 * The bias, ns, that an unexplained scatter may cause: the width of a box with
 * that noise, because noise whose cause is unknown need not have mean 0.  0 if
 * there is no such scatter.
 */
int64_t estimator_scatter_ns(const struct estimator *e);

/*
 * The line at a moment, less certain with distance.  Returns false, and zeros,
 * before the first measurement.
 */
MUST_CHECK bool estimator_predict(
    const struct estimator *e, struct mono at, struct estimate *out);

/* The same for a bank alone. */
MUST_CHECK bool estimate_of_filter_bank(
    const struct filter_bank *b, struct mono at, struct estimate *out);

/* A line extrapolated to another moment, less certain with distance. */
struct estimate estimate_at(const struct estimate *line, struct mono at);

/* Measurements since the start or the last restart. */
uint32_t estimator_count(const struct estimator *e);

/* The moment of the last measurement that was taken in; 0 before the first. */
struct mono estimator_at(const struct estimator *e);

/*
 * The last measurement with its noise, an outlier or not; zeros before the
 * first.  The pointer is valid, and its target unchanged, until the next
 * update.
 */
const struct observation *estimator_last(const struct estimator *e);

/* The last innovation (observed minus predicted), ns. */
double estimator_innovation_ns(const struct estimator *e);

/* The RMS of recent innovations, ns. */
double estimator_jitter_ns(const struct estimator *e);

/*
 * The factor by which the offset's uncertainty grows in dt_s, see
 * filter_bank_growth().
 */
double estimator_growth(const struct estimator *e, double dt_s);

/* The minimum of the last few round trips, ns, see min_delay.h. */
int64_t estimator_recent_min_delay_ns(const struct estimator *e);

/* The filter bank, from which the joint filter starts (joint.h). */
const struct filter_bank *estimator_filter_bank(const struct estimator *e);

/* Shift the line by this much, ns: a leap second has passed. */
void estimator_shift(struct estimator *e, int64_t by_ns);

/* The machine was suspended: widen the offset's uncertainty by this, ns. */
void estimator_loosen(struct estimator *e, double sigma_ns);

/* The newest measurement, an outlier or not; NULL before the first. */
const struct measurement *estimator_newest(const struct estimator *e);

#endif
