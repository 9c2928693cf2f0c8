/*
 * The filter bank against integrals that another program has computed: the
 * posterior of a normal prior and a box with normal edges, its mean and
 * standard deviation, and the weight of each member afterwards.
 */
#include "core/filter/filter_bank.h"

#include <math.h>
#include <string.h>

#include "tests/tap.h"

#define THETA INT64_C(1700000000000000000)

static enum filter_bank_result
see(struct filter_bank *b, int64_t s, double theta_ns, double half_ns,
    double sigma_ns)
{
	struct observation o = { .at = { s * NS_PER_S },
		.theta_ns = THETA + (int64_t)theta_ns,
		.noise = {
		    .half_ns = half_ns, .variance = sigma_ns * sigma_ns } };
	struct gauss predicted;

	return filter_bank_update(b, &o, &predicted);
}

static double
offset_ns(const struct filter_bank *b, const struct gauss *line)
{
	return (double)(b->theta_ns - THETA) + line->offset_ns;
}

/* Numerical integrals over 400001 points, to 14 sigmas of the prior. */
static const struct {
	double prior_ns, seen_ns, half_ns, sigma_ns; /* prior mean is 0 */
	double mean_ns, deviation_ns;
} posteriors[] = {
	{ 100, 0, 50, 10, 0.000000, 29.820886 },
	{ 100, 80, 50, 10, 72.946981, 29.436791 },
	{ 100, 300, 50, 10, 276.058938, 25.402049 },
	{ 20, 0, 200, 10, 0.000000, 20.000000 },
	{ 20, 190, 200, 10, 9.600043, 15.199961 },
	{ 20, -260, 200, 10, -53.494121, 10.300332 },
	{ 100, 30, 0.01, 10, 29.702970, 9.950374 },
};

static void
test_posterior(void)
{
	for (size_t i = 0; i < sizeof(posteriors) / sizeof(*posteriors); i++) {
		struct filter_bank b;
		struct gauss line;

		filter_bank_init(&b, 0, 1e-12, 0.98);
		IS_I64(see(&b, 1000, 0, 0, posteriors[i].prior_ns),
		    FILTER_BANK_USED, "first");
		IS_I64(see(&b, 1000, posteriors[i].seen_ns,
			   posteriors[i].half_ns, posteriors[i].sigma_ns),
		    FILTER_BANK_USED, "second");
		line = filter_bank_line(&b, b.at);
		NEAR(offset_ns(&b, &line), posteriors[i].mean_ns, 2e-6,
		    "seen %g in a box of %g: mean", posteriors[i].seen_ns,
		    posteriors[i].half_ns);
		NEAR(sqrt(line.cov[0]), posteriors[i].deviation_ns, 2e-6,
		    "and standard deviation");
	}
}

/*
 * The same with a tilt, by Simpson's rule in the box (4000 steps) and over the
 * prior (2400), neither with a closed form; the mean of the box and the
 * standard deviation of all noise with 200000 steps.  The fourth is so unlikely
 * that its likelihood is limited to that at 5.5 sigmas from an even box.
 */
static const struct {
	double prior_ns, seen_ns, half_ns, sigma_ns, tilt;
	double box_ns, noise_ns, mean_ns, deviation_ns, log_likelihood;
} tilted[] = {
	{ 100, 0, 50, 10, 0.02, -15.651764, 28.104196, 0.570483, 27.255374,
	    -5.562413 },
	{ 100, 80, 50, 10, 0.1, -40.004540, 14.126074, 78.486040, 14.452092,
	    -5.848318 },
	{ 100, 80, 50, 10, -0.1, 40.004540, 14.126074, 78.415579, 13.433610,
	    -5.847151 },
	{ 20, -150, 200, 10, 0.05, -180.000001, 22.360672, -106.482964,
	    9.270784, -21.910403 },
	{ 20, 30, 200, 10, 0.5, -198.000000, 10.198039, 23.801860, 9.119815,
	    -4.923534 },
	{ 30, -60, 200, 5, 0.9, -198.888889, 5.121969, -58.304620, 5.033556,
	    -6.277885 },
	{ 30, 10, 200, 5, -0.001, 13.297913, 115.118809, -0.899999, 29.999998,
	    -5.974362 },
	{ 10, 200, 2000, 10, 0.01, -1900.000000, 100.498756, 1.000000,
	    10.000000, -7.595170 },
};

static void
test_tilted(void)
{
	for (size_t i = 0; i < sizeof(tilted) / sizeof(*tilted); i++) {
		double prior_ns = tilted[i].prior_ns;
		struct observation o = { .at = { 1000 * NS_PER_S },
			.theta_ns = THETA + (int64_t)tilted[i].seen_ns,
			.noise = { .half_ns = tilted[i].half_ns,
			    .variance =
				tilted[i].sigma_ns * tilted[i].sigma_ns } };
		struct gauss line;
		struct filter_bank b;

		noise_tilt(&o.noise, tilted[i].tilt);
		NEAR(o.noise.mean_ns, tilted[i].box_ns, 2e-6, "mean of a box");
		NEAR(noise_sigma_ns(&o.noise), tilted[i].noise_ns, 2e-6,
		    "standard deviation of the noise");
		NEAR(noise_score(
			 &o.noise, tilted[i].seen_ns, prior_ns * prior_ns)
			 .log_likelihood,
		    tilted[i].log_likelihood, 2e-6, "likelihood");
		filter_bank_init(&b, 0, 1e-12, 0.98);
		(void)see(&b, 1000, 0, 0, prior_ns);
		IS_I64(filter_bank_update(&b, &o, &line), FILTER_BANK_USED,
		    "taken");
		line = filter_bank_line(&b, b.at);
		NEAR(offset_ns(&b, &line), tilted[i].mean_ns, 2e-6,
		    "seen %g, tilt %g: mean", tilted[i].seen_ns,
		    tilted[i].tilt);
		NEAR(sqrt(line.cov[0]), tilted[i].deviation_ns, 2e-6,
		    "and standard deviation");
	}
}

/* For any half width, tilt and noise, the likelihoods add up to 1. */
static void
test_likelihoods_add_up(void)
{
	static const double tilts[] = { -1000, -0.3, -0.01, -1e-5, 0, 1e-4, 0.1,
		2, 1e6 };

	for (size_t i = 0; i < sizeof(tilts) / sizeof(*tilts); i++) {
		struct noise n = { .half_ns = 50, .variance = 4 };
		double sum = 0, first = 0;

		noise_tilt(&n, tilts[i]);
		for (int k = -2000; k <= 2000; k++) {
			double x = k / 10.0;
			double p =
			    exp(noise_score(&n, x, 5).log_likelihood) / 10;

			sum += p;
			first += p * x;
		}
		NEAR(sum, 1, 1e-5, "tilt %g: all likelihoods", tilts[i]);
		/* A limit of the tilt moves it by a thirtieth of sigma. */
		NEAR(first, 0, fabs(tilts[i]) > 1 ? 0.11 : 2e-3,
		    "and their mean");
	}
}

/* A box around the prior adds no information, however often. */
static void
test_boxes_add_no_certainty(void)
{
	struct filter_bank b;
	struct gauss line;

	filter_bank_init(&b, 0, 1e-12, 0.98);
	(void)see(&b, 1000, 0, 0, 10);
	for (int i = 0; i < 100; i++)
		(void)see(&b, 1000, 0, 1000, 1);
	line = filter_bank_line(&b, b.at);
	NEAR(sqrt(line.cov[0]), 10, 1e-6, "wide boxes add no certainty");
	for (int i = 0; i < 4; i++)
		(void)see(&b, 1000, 0, 0, 10);
	line = filter_bank_line(&b, b.at);
	NEAR(sqrt(line.cov[0]), 10 / sqrt(5), 1e-6,
	    "normal ones do: five are better by the root of five");
}

/* Members differ in the wander; after 100 s one of them fits best. */
static void
test_weights(void)
{
	static const struct {
		double seen_ns, half_ns;
		double weights[FILTER_BANK_MEMBERS];
	} cases[] = {
		{ 400, 50,
		    { 0.010377, 0.265048, 0.459536, 0.181739, 0.058768,
			0.018640, 0.005892 } },
		{ 0, 2000,
		    { 0.243220, 0.243220, 0.243064, 0.176650, 0.065895,
			0.021231, 0.006721 } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct filter_bank b;

		filter_bank_init(&b, 0, 1e-12, 0.98);
		(void)see(&b, 1000, 0, 0, 100);
		(void)see(&b, 1100, cases[i].seen_ns, cases[i].half_ns, 10);
		for (int k = 0; k < FILTER_BANK_MEMBERS; k++)
			NEAR(b.members[k].weight, cases[i].weights[k], 2e-5,
			    "seen %g: weight of member %d", cases[i].seen_ns,
			    k);
	}
}

/*
 * A Kalman filter by hand, for the member with least wander: two observations,
 * 10 s apart, the slope unknown to 1 ppm.
 */
static void
test_slope(void)
{
	struct filter_bank b;
	const struct gauss *line = &b.members[0].line;
	/* cov0 = 100^2 + 10^2 1000^2, cov01 = 10 1000^2; gain to the slope. */
	double s = 1e4 + 1e8 + 1e4;

	filter_bank_init(&b, 0, 1e-6, 0.98);
	(void)see(&b, 1000, 0, 0, 100);
	(void)see(&b, 1010, 5000, 0, 100);
	NEAR(line->slope_ppb, 1e7 / s * 5000, 0.01, "slope");
	NEAR(line->cov[2], 1e6 - 1e14 / s, 0.5, "and its variance");
	NEAR(offset_ns(&b, line), 5000 * (1 - 1e4 / s), 1, "offset");
	NEAR(line->cov[0], 1e4 * (1 - 1e4 / s), 1, "and its variance");
}

static void
test_outliers(void)
{
	struct filter_bank b;

	filter_bank_init(&b, 0, 1e-9, 0.98);
	for (int i = 0; i < 10; i++)
		IS_I64(see(&b, 1000 + i, 0, 0, 100), FILTER_BANK_USED, "good");
	IS_I64(see(&b, 1010, 1e6, 0, 100), FILTER_BANK_OUTLIER, "above");
	IS_I64(see(&b, 1011, -1e6, 0, 100), FILTER_BANK_OUTLIER, "below");
	IS_I64(see(&b, 1012, 0, 0, 100), FILTER_BANK_USED, "good");
	IS_I64(see(&b, 1001, 0, 0, 100), FILTER_BANK_OLD, "an old one");
	for (int i = 0; i < 3; i++)
		IS_I64(see(&b, 1020 + i, 1e6, 0, 100), FILTER_BANK_OUTLIER,
		    "above, number %d", i + 1);
	IS_I64(see(&b, 1023, 1e6, 0, 100), FILTER_BANK_RESTARTED, "the fourth");
	IS_I64(b.count, 1, "all begins again");
	IS_I64(b.theta_ns, THETA + 1000000, "where it is");
}

/*
 * A bank in which only the first member explains the observations; its offset
 * is known to sigma_ns, its slope exactly.
 */
static struct filter_bank
known_bank(double sigma_ns)
{
	struct filter_bank b;

	filter_bank_init(&b, 0, 1e-9, 0.98);
	(void)see(&b, 1000, 0, 0, 100);
	for (int k = 0; k < FILTER_BANK_MEMBERS; k++) {
		b.members[k].line =
		    (struct gauss){ 0, 0, { sigma_ns * sigma_ns, 0, 1e-9 } };
		b.members[k].log_weight = k == 0 ? 0 : -7;
		b.members[k].weight =
		    (k == 0 ? 1 : exp(-7)) / (1 + 6 * exp(-7));
	}
	return b;
}

/* 300 s: member 0 wanders by 0.1 sqrt(300^3 / 3), and there is 0.3 sqrt(300). */
static void
test_growth(void)
{
	double added = 0.01 * 9e6 + 0.09 * 300, wild = 1e4 * 9e6;
	struct filter_bank b = known_bank(200);

	NEAR(filter_bank_growth(&b, 300), sqrt((4e4 + added) / 4e4), 1e-3,
	    "the members that have lost say nothing");
	b = known_bank(50);
	NEAR(filter_bank_growth(&b, 300), sqrt((2500 + added) / 22500), 1e-3,
	    "what is below 150 ns is as good as that");
	NEAR(filter_bank_growth(&b, 10), 1, 1e-9, "and does not grow there");
	b = known_bank(2000);
	OK(filter_bank_growth(&b, 300) > sqrt((4e6 + wild * 8e-4) / 4e6),
	    "where it is not known so well, they count");
	NEAR(filter_bank_growth(&b, 300),
	    sqrt(
		1 + (added + exp(-7) * 1.111 * wild) / (1 + 6 * exp(-7)) / 4e6),
	    0.02, "each by its weight");
}

int
main(void)
{
	test_growth();
	test_posterior();
	test_tilted();
	test_likelihoods_add_up();
	test_boxes_add_no_certainty();
	test_weights();
	test_slope();
	test_outliers();
	return DONE();
}
