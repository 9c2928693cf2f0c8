/*
 * The noise of a measurement: how far off it may be, and how likely an
 * observation is with that noise.  The constants were tuned with
 * tests/sim/ESTIMATOR.  Pure.
 */
#ifndef CORE_NOISE_H
#define CORE_NOISE_H

/*
 * The error of an observation, with mean 0: a uniform term (a box) on +-half_ns
 * minus its mean mean_ns, for the queueing that a round trip above its minimum
 * allows; plus a normal term with this variance.  With a tilt the density in
 * the box is proportional to exp(-tilt x).  For mean_ns see noise_tilt().
 */
struct noise {
	double half_ns;	 /* at least 0 */
	double variance; /* ns^2, above 0 */
	double tilt;	 /* 1/ns; 0: uniform */
	double mean_ns;	 /* of the box, from its middle; 0 with tilt 0 */
};

/* The standard deviation of an observation's error, ns. */
double noise_sigma_ns(const struct noise *noise);

/* Tilt the box; sets mean_ns to match. */
void noise_tilt(struct noise *noise, double tilt);

/*
 * The score of an innovation: the logarithm of its likelihood, and the first
 * and the negative second derivative of that by the predicted offset.
 */
struct noise_score {
	double log_likelihood;
	double gradient;  /* 1/ns */
	double curvature; /* 1/ns^2, at least 0 */
};

/*
 * Compute the score of an innovation.  Its distribution is the error plus a
 * normal term with this variance, ns^2.  noise->variance must be above 0.
 */
struct noise_score noise_score(
    const struct noise *noise, double innovation_ns, double variance);

#endif
