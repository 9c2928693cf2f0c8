/*
 * The noise of a measurement: how far it may be off, and how likely what is seen
 * is by that.  Its constants were tuned with tests/sim/ESTIMATOR.  Pure.
 */
#ifndef CORE_NOISE_H
#define CORE_NOISE_H

/*
 * The error of an observation, of mean 0: a uniform term (a box) on +-half_ns,
 * minus its mean mean_ns, for what a round trip in excess of its minimum leaves
 * open; plus a normal term of this variance.  With a tilt the density in the box
 * goes as exp(-tilt x).  See noise_tilt() for mean_ns.
 */
struct noise {
	double half_ns;	 /* at least 0 */
	double variance; /* ns^2, above 0 */
	double tilt;	 /* 1/ns; 0: uniform */
	double mean_ns;	 /* of the box, from its middle; 0 with tilt 0 */
};

/* Standard deviation of the error of an observation, ns. */
double noise_sigma_ns(const struct noise *noise);

/* Tilt the box; mean_ns follows. */
void noise_tilt(struct noise *noise, double tilt);

/*
 * What an innovation says: the logarithm of its likelihood, and the first and
 * the negative second derivative of that by the offset that was predicted.
 */
struct noise_score {
	double log_likelihood;
	double gradient;  /* 1/ns */
	double curvature; /* 1/ns^2, at least 0 */
};

/*
 * The score of an innovation: the error and, added to it, what is normal with
 * this variance, ns^2.  noise->variance is above 0.
 */
struct noise_score noise_score(
    const struct noise *noise, double innovation_ns, double variance);

#endif
