/*
 * Learned biases: a constant error does not count as a fault;
 * a change of it does.
 */
#include "core/select/bias.h"

#include <string.h>

#include "tests/tap.h"

static struct bias h;
static struct mono now;

/* n measurements, off by off_ns, 64 s apart, with 10 ns of noise. */
static void
take(int n, double off_ns)
{
	while (n-- > 0) {
		now.ns += 64 * NS_PER_S;
		bias_take(&h, off_ns, 100, now);
	}
}

static void
begin(void)
{
	memset(&h, 0, sizeof(h));
	now.ns = 1000 * NS_PER_S;
}

/* Its deviation from the bias; fails if that is unknown. */
static double
deviation(double *sigma_ns)
{
	double d;

	OK(bias_deviation(&h, &d, sigma_ns), "a deviation is known");
	return d;
}

static void
test_constant(void)
{
	double d, s;

	begin();
	OK(!bias_deviation(&h, &d, &s) && !(d > 0) && !(s > 0),
	    "at first nothing is known");
	take(7, 5000);
	OK(!bias_deviation(&h, &d, &s), "seven measurements make no bias");
	take(1, 5000);
	OK(bias_deviation(&h, &d, &s), "eight do");
	NEAR(d, 0, 1e-9, "what is always the same is no deviation");
	/* Each value's variance is 100; eight are recent, eight in all. */
	OK(s > sqrt(2 * 100.0 / 8) && s < sqrt(2 * 100.0 / 8) * 1.1,
	    "sigma is that of two means of eight: %g", s);
}

static void
test_xleave(void)
{
	double d, s;

	begin();
	take(100, 5000);
	take(8, 5100);
	d = deviation(&s);
	/* 1 - (7/8)^8 of it shows, minus what the bias has learned. */
	NEAR(d, 65.6 - 6, 7, "most of it after eight measurements");
	OK(d > 4 * s, "and it is significant: %g +- %g", d, s);
	take(1000, 5100);
	d = deviation(&s);
	NEAR(d, 0, 20, "after a day it is a bias");
}

static void
test_outlier(void)
{
	begin();
	take(100, 0);
	take(1, 1e9);
	take(50, 0);
	OK(h.long_term.off_ns < 10, "a leap of a second is no bias: %g",
	    h.long_term.off_ns);
}

static void
test_line(void)
{
	double d, s;

	begin();
	take(100, 0);
	take(8, 100);
	bias_line_moved(&h, 100);
	d = deviation(&s);
	OK(d < 0 && d > -50, "if the line has moved there, it has not: %g", d);
	bias_interrupted(&h);
	OK(!bias_deviation(&h, &d, &s), "nothing of late is known then");
	take(3, 0);
	OK(!bias_deviation(&h, &d, &s), "nor by three measurements");
	take(1, 0);
	OK(bias_deviation(&h, &d, &s), "but by four");
}

/* Noise three times as large as claimed. */
static void
test_nis(void)
{
	double quiet, restless;

	begin();
	take(1000, 0);
	(void)deviation(&quiet);
	begin();
	for (int k = 0; k < 1000; k++)
		take(1, k % 2 == 0 ? 30 : -30);
	(void)deviation(&restless);
	OK(restless > 2 * quiet, "noise is learned: %g, %g", quiet, restless);
}

int
main(void)
{
	test_constant();
	test_xleave();
	test_outlier();
	test_line();
	test_nis();
	return DONE();
}
