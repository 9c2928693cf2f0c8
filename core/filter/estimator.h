/*
 * Estimating UTC - raw of one source from its measurements.  How much each of
 * them may be wrong follows from its round trip: the more that is in excess of
 * its floor, the less it says.  A bank of filters (bank.h) does the rest.
 * Pure; all state is in the caller's struct.
 *
 * This interface is narrow on purpose: what is behind it may be replaced.
 */
#ifndef CORE_ESTIMATOR_H
#define CORE_ESTIMATOR_H

#include "core/filter/bank.h"
#include "core/filter/floor.h"
#include "core/types.h"

/* One exchange with a server (RFC 5905 section 8), on the raw time line. */
struct measurement {
	struct mono at;	       /* middle of the exchange */
	int64_t theta_ns;      /* UTC - raw then: ((T2-T1)+(T3-T4))/2 */
	int64_t delay_ns;      /* round trip without the server's time, >= 0 */
	int64_t dispersion_ns; /* reading errors of both clocks, >= 0 */
};

/* The newest measurements, to look at them once more. */
#define ESTIMATOR_RECENT 12

/* UTC - raw as a line, with standard deviations. */
struct estimate {
	struct mono at;
	int64_t theta_ns;
	double sigma_ns;
	double slope;	    /* of UTC - raw, a fraction */
	double slope_sigma; /* a fraction */
};

/* Private: all of it is for estimator.c alone, and for its tests. */
struct estimator {
	struct bank bank;
	struct floor floor;
	struct observation last; /* what was made of the last measurement */
	double jitter_ns;	 /* RMS of recent innovations */
	double noise_ns2;      /* learned variance besides the delay's share */
	int tilt;	       /* learned step; > 0: the way back is worse */
	double evidence[2];    /* for less and for more tilt, logarithms */
	int64_t floor_ns;      /* that the offsets are meant for */
	double floor_error_ns; /* what that may be wrong by */
	double far_ns;	       /* above it are round trips in the mean */
	double mean_ns; /* the same of the true floor, a guess, above 0 */
	struct measurement recent[ESTIMATOR_RECENT]; /* ring, outliers too */
	uint32_t recent_next;
	uint32_t recent_count;
	bool scattered;	    /* noise_ns2 is of a scatter that nobody told of */
	double prior_slope; /* what was known beforehand */
	double prior_sigma;
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
 * kept) or ignored.  Where most of the newest scatter by more than round trips and
 * dispersions explain, so much noise is learned at once, and all of them count
 * again with that.
 */
bool estimator_update(struct estimator *e, const struct measurement *m);

/*
 * The newest measurements were worse than was thought: their dispersions are at
 * least this, ns; begin again with them.
 */
void estimator_doubt(struct estimator *e, int64_t dispersion_ns);

/*
 * How far what scatters beyond all that is told may lead astray, ns: the width of a
 * box of that noise, since who is silent about noise says nothing of its mean.  0
 * where nothing has scattered so.
 */
int64_t estimator_scatter_ns(const struct estimator *e);

/*
 * The line as it is known at a moment, growing less certain with distance.
 * Returns false, and zeros, before the first measurement.
 */
MUST_CHECK bool estimator_predict(
    const struct estimator *e, struct mono at, struct estimate *out);

/* The same of a bank alone. */
MUST_CHECK bool estimate_of_bank(
    const struct bank *b, struct mono at, struct estimate *out);

/* A line at another moment: less sure, the farther away. */
struct estimate estimate_at(const struct estimate *line, struct mono at);

/* Measurements since the start, or since all began again. */
uint32_t estimator_count(const struct estimator *e);

/* The moment of the last one that was taken in; 0 before the first. */
struct mono estimator_at(const struct estimator *e);

/*
 * What was made of the last measurement, an outlier or not; zeros before the
 * first.  It is valid until the next one.
 */
const struct observation *estimator_last(const struct estimator *e);

/* By how much that was off what was predicted, ns. */
double estimator_innovation_ns(const struct estimator *e);

/* The RMS of recent innovations, ns. */
double estimator_jitter_ns(const struct estimator *e);

/* By what factor the offset grows less certain in dt_s, see bank_growth(). */
double estimator_growth(const struct estimator *e, double dt_s);

/* The least round trip of the last few, see floor.h; ns. */
int64_t estimator_recent_floor_ns(const struct estimator *e);

/* The filters behind it, for the joint filter to begin with (joint.h). */
const struct bank *estimator_bank(const struct estimator *e);

/* Shift the line by so much: a leap second has passed. */
void estimator_shift(struct estimator *e, int64_t by_ns);

/* The machine was suspended: the offset may be wrong by this much more. */
void estimator_loosen(struct estimator *e, double sigma_ns);

/* The newest measurement, an outlier or not; NULL before the first. */
const struct measurement *estimator_newest(const struct estimator *e);

#endif
