/*
 * A bank of Kalman filters with two states, offset and frequency, for the line
 * UTC - raw, whose frequency is a random walk.  Each member assumes a different
 * wander (the speed of that walk).  A member's weight follows from how well it
 * predicts the observations (multiple model estimation: Magill 1965).  The
 * constants were tuned with tests/sim/ESTIMATOR.  Run by ntp-net.  Pure; all
 * state is in the caller's struct.
 */
#ifndef CORE_FILTER_BANK_H
#define CORE_FILTER_BANK_H

#include "core/filter/noise.h"
#include "core/types.h"

#define FILTER_BANK_MEMBERS 7

/* UTC - raw as observed at one moment. */
struct observation {
	struct mono at;
	int64_t theta_ns;
	struct noise noise;
};

/*
 * A line and its covariance at one moment, of one member or of the whole bank.
 */
struct gauss {
	double offset_ns; /* counted from the bank's base */
	double slope_ppb; /* = ns/s */
	double cov[3];	  /* ns^2, ns^2/s, (ns/s)^2 */
};

struct filter_bank_member {
	struct gauss line;
	double log_weight; /* relative to the best, at most 0 */
	double weight;	   /* the sum over all is 1 */
};

struct filter_bank {
	uint32_t count;	      /* observations since the start or a restart */
	struct mono at;	      /* of the state */
	int64_t theta_ns;     /* base: offsets count from here */
	double memory;	      /* share of log_weight kept per observation */
	double innovation_ns; /* the last observation minus its prediction */
	uint32_t outliers;    /* in a row, on one side */
	bool outlier_above;   /* they are above the prediction */
	struct filter_bank_member members[FILTER_BANK_MEMBERS];
};

enum filter_bank_result {
	FILTER_BANK_OLD,       /* older than the last one: ignored */
	FILTER_BANK_OUTLIER,   /* set aside */
	FILTER_BANK_RESTARTED, /* too many outliers: restarted from this one */
	FILTER_BANK_USED
};

/*
 * Start with nothing but the slope and its sigma, both fractions.  With
 * slope_sigma 0 the slope is unknown, too, and its sigma is 500 ppm.  memory,
 * below 1, is the share of a log_weight that remains at each observation.
 */
void filter_bank_init(
    struct filter_bank *b, double slope, double slope_sigma, double memory);

/*
 * Take in one observation.  One that is far from every member's prediction is
 * set aside as an outlier.  The fourth outlier in a row on one side, or any
 * outlier among the first observations, restarts the bank from that
 * observation, with the slope kept but its sigma widened.  With
 * FILTER_BANK_USED, *predicted is the prediction for this observation: the
 * state before it, mixed with the members' weights after it, at its moment, in
 * ns from the base before it.  Otherwise *predicted is zero.
 */
enum filter_bank_result filter_bank_update(struct filter_bank *b,
    const struct observation *o, struct gauss *predicted);

/*
 * The line of the whole bank at a moment; zeros before the first observation.
 */
struct gauss filter_bank_line(const struct filter_bank *b, struct mono at);

/*
 * The factor, at least 1, by which the offset's uncertainty grows in dt_s,
 * above 0.  Well below a microsecond only the members that explain the
 * observations count.  An uncertainty below what a program can read counts as
 * that.  b->count must be above 0.
 */
double filter_bank_growth(const struct filter_bank *b, double dt_s);

/* Shift all offsets by this much, ns. */
void filter_bank_move(struct filter_bank *b, double by_ns);

/* Widen the offset's uncertainty by this standard deviation, ns. */
void filter_bank_loosen(struct filter_bank *b, double sigma_ns);

#endif
