/*
 * A bank of Kalman filters with the two states offset and frequency, for a
 * line UTC - raw whose frequency walks at random.  Each member supposes another
 * wander (how fast it walks) and is weighted by how well it foretells what is
 * seen (multiple model estimation: Magill 1965).  Pure; all state is in the
 * caller's struct.
 */
#ifndef CORE_BANK_H
#define CORE_BANK_H

#include "core/filter/noise.h"
#include "core/types.h"

#define BANK_MEMBERS 7

/* UTC - raw as it was seen at a moment. */
struct observation {
	struct mono at;
	int64_t theta_ns;
	struct noise noise;
};

/* A line with its covariance at a moment: one member, or all together. */
struct gauss {
	double offset_ns; /* counted from the bank's base */
	double slope_ppb; /* the same as ns/s */
	double cov[3];	  /* ns^2, ns^2/s, (ns/s)^2 */
};

struct bank_member {
	struct gauss line;
	double log_weight; /* relative to the best, at most 0 */
	double weight;	   /* all of them add up to 1 */
};

struct bank {
	uint32_t count;	      /* observations since the start or a restart */
	struct mono at;	      /* of the state */
	int64_t theta_ns;     /* base: offsets count from here */
	double memory;	      /* of log_weight, at each observation */
	double innovation_ns; /* the last observation less what was foretold */
	uint32_t outliers;    /* in a row, on one side */
	bool outlier_above;   /* on which */
	struct bank_member members[BANK_MEMBERS];
};

enum bank_result {
	BANK_OLD,	/* older than the last one: ignored */
	BANK_OUTLIER,	/* set aside */
	BANK_RESTARTED, /* one outlier too many: all begins here again */
	BANK_TAKEN
};

/*
 * Nothing is known but the slope (a fraction; slope_sigma 0: nothing of it
 * either, 500 ppm are taken).  memory: what of the members' weights is left at
 * each observation, below 1.
 */
void bank_init(struct bank *b, double slope, double slope_sigma, double memory);

/*
 * Take in one observation.  What is far from all that the members expect is
 * set aside; the fourth of those in a row on one side, or any among the first
 * observations, makes all start again from it, the slope kept but doubted.  If
 * it is taken, *foretold is what was expected before it, by the members'
 * weights after it, at its moment and counted from the base before it; else
 * zeros.
 */
enum bank_result bank_update(
    struct bank *b, const struct observation *o, struct gauss *foretold);

/* All members together at a moment; zeros before the first observation. */
struct gauss bank_line(const struct bank *b, struct mono at);

/*
 * By what factor, at least 1, the offset grows less certain in dt_s, above 0.
 * Well below a microsecond only those members count that explain what is seen,
 * and nothing below what a program can tell.  b->count is above 0.
 */
double bank_growth(const struct bank *b, double dt_s);

/* Move all offsets by so much, ns. */
void bank_move(struct bank *b, double by_ns);

/* The offset may be wrong by this much more (standard deviation). */
void bank_loosen(struct bank *b, double sigma_ns);

#endif
