/*
 * The bank of filters against integrals worked out by another program: the
 * posterior of a normal prior and a box with normal edges, its mean and its
 * standard deviation, and how likely each member is afterwards.
 */
#include "bank.h"

#include <math.h>
#include <string.h>

#include "tap.h"

#define THETA INT64_C(1700000000000000000)

static enum bank_result
see(struct bank *b, int64_t s, double theta_ns, double half_ns, double sigma_ns)
{
	struct observation o = { .at = { s * NS_PER_S },
		.theta_ns = THETA + (int64_t)theta_ns,
		.noise = { half_ns, sigma_ns * sigma_ns } };
	struct gauss foretold;

	return bank_update(b, &o, &foretold);
}

static double
offset_ns(const struct bank *b, const struct gauss *line)
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
		struct bank b;
		struct gauss line;

		bank_init(&b, 0, 1e-12, 0.98);
		IS_I64(see(&b, 1000, 0, 0, posteriors[i].prior_ns), BANK_TAKEN,
		    "first");
		IS_I64(see(&b, 1000, posteriors[i].seen_ns,
			   posteriors[i].half_ns, posteriors[i].sigma_ns),
		    BANK_TAKEN, "second");
		line = bank_line(&b, b.at);
		NEAR(offset_ns(&b, &line), posteriors[i].mean_ns, 2e-6,
		    "seen %g in a box of %g: mean", posteriors[i].seen_ns,
		    posteriors[i].half_ns);
		NEAR(sqrt(line.cov[0]), posteriors[i].deviation_ns, 2e-6,
		    "and standard deviation");
	}
}

/* A box in the middle of which the prior lies says nothing, many times. */
static void
test_boxes_add_no_certainty(void)
{
	struct bank b;
	struct gauss line;

	bank_init(&b, 0, 1e-12, 0.98);
	(void)see(&b, 1000, 0, 0, 10);
	for (int i = 0; i < 100; i++)
		(void)see(&b, 1000, 0, 1000, 1);
	line = bank_line(&b, b.at);
	NEAR(sqrt(line.cov[0]), 10, 1e-6, "wide boxes add no certainty");
	for (int i = 0; i < 4; i++)
		(void)see(&b, 1000, 0, 0, 10);
	line = bank_line(&b, b.at);
	NEAR(sqrt(line.cov[0]), 10 / sqrt(5), 1e-6,
	    "normal ones do: five are better by the root of five");
}

/* Members differ by the wander; 100 s later, one of them fits best. */
static void
test_weights(void)
{
	static const struct {
		double seen_ns, half_ns;
		double weights[BANK_MEMBERS];
	} cases[] = {
		{ 400, 50,
		    { 0.010377, 0.265048, 0.459536, 0.181739, 0.058768,
			0.018640, 0.005892 } },
		{ 0, 2000,
		    { 0.243220, 0.243220, 0.243064, 0.176650, 0.065895,
			0.021231, 0.006721 } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bank b;

		bank_init(&b, 0, 1e-12, 0.98);
		(void)see(&b, 1000, 0, 0, 100);
		(void)see(&b, 1100, cases[i].seen_ns, cases[i].half_ns, 10);
		for (int k = 0; k < BANK_MEMBERS; k++)
			NEAR(b.members[k].weight, cases[i].weights[k], 2e-5,
			    "seen %g: weight of member %d", cases[i].seen_ns,
			    k);
	}
}

/*
 * A Kalman filter by hand, of the member that hardly wanders: two observations,
 * 10 s apart, the slope unknown to 1 ppm.
 */
static void
test_slope(void)
{
	struct bank b;
	const struct gauss *line = &b.members[0].line;
	/* cov0 = 100^2 + 10^2 1000^2, cov01 = 10 1000^2; gain to the slope. */
	double s = 1e4 + 1e8 + 1e4;

	bank_init(&b, 0, 1e-6, 0.98);
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
	struct bank b;

	bank_init(&b, 0, 1e-9, 0.98);
	for (int i = 0; i < 10; i++)
		IS_I64(see(&b, 1000 + i, 0, 0, 100), BANK_TAKEN, "good");
	IS_I64(see(&b, 1010, 1e6, 0, 100), BANK_OUTLIER, "above");
	IS_I64(see(&b, 1011, -1e6, 0, 100), BANK_OUTLIER, "below");
	IS_I64(see(&b, 1012, 0, 0, 100), BANK_TAKEN, "good");
	IS_I64(see(&b, 1001, 0, 0, 100), BANK_OLD, "an old one");
	for (int i = 0; i < 3; i++)
		IS_I64(see(&b, 1020 + i, 1e6, 0, 100), BANK_OUTLIER,
		    "above, number %d", i + 1);
	IS_I64(see(&b, 1023, 1e6, 0, 100), BANK_RESTARTED, "the fourth");
	IS_I64(b.count, 1, "all begins again");
	IS_I64(b.theta_ns, THETA + 1000000, "where it is");
}

int
main(void)
{
	test_posterior();
	test_boxes_add_no_certainty();
	test_weights();
	test_slope();
	test_outliers();
	return DONE();
}
