/*
 * The project's own exponential, logarithm and Mills' ratio against the C
 * library's.
 */
#include <math.h>

#include "core/fmath.h"
#include "tests/tap.h"

int
main(void)
{
	double worst_exp = 0, worst_log = 0, worst_one = 0, worst_mills = 0;

	for (double x = -699.9; x < 700; x += 0.0137)
		worst_exp = fmax(worst_exp, fabs(fmath_exp(x) / exp(x) - 1));
	OK(worst_exp < 1e-14, "exp from -700 to 700: %.2g", worst_exp);
	for (double x = 1e-300; x < 1e300; x *= 1.0137)
		worst_log = fmax(worst_log,
		    fabs(fmath_log(x) - log(x)) / fmax(fabs(log(x)), 1));
	OK(worst_log < 1e-14, "log from 1e-300 to 1e300: %.2g", worst_log);
	for (double x = 0.5; x < 2; x += 0.0001)
		worst_one = fmax(worst_one, fabs(fmath_log(x) - log(x)));
	OK(worst_one < 1e-15, "log near 1: %.2g", worst_one);
	for (double x = 0; x < 26; x += 0.0137)
		worst_mills = fmax(worst_mills,
		    fabs(fmath_mills(x) /
			    (sqrt(acos(-1) / 2) * exp(x * x / 2) *
				erfc(x / sqrt(2))) -
			1));
	OK(worst_mills < 1e-11, "Mills' ratio from 0 to 26: %.2g", worst_mills);
	NEAR(fmath_mills(1e4), 1e-4 * (1 - 1e-8), 1e-18, "and at 10000");
	OK(fmath_exp(0) == 1 && fmath_log(1) == 0, "exp 0 and log 1 are exact");
	OK(fmath_exp(-1e9) == 0, "exp of very little is nothing");
	OK(fmath_exp(1e9) == fmath_exp(700), "exp of very much is held");
	for (double x = -3; x <= 3; x += 0.125)
		OK(fmath_round(x) == round(x) && fmath_ceil(x) == ceil(x),
		    "round and ceil of %g", x);
	OK(fmath_round(-1e300) == -1e300 && fmath_ceil(1e300) == 1e300,
	    "large numbers are integers already");
	OK(isnan(fmath_round(NAN)) && isnan(fmath_ceil(NAN)), "not a number");
	OK(fmath_square(-3) == 9 && fmath_clamp(5, 1, 2) == 2 &&
		fmath_clamp(-5, 1, 2) == 1 && fmath_clamp(NAN, 1, 2) == 1 &&
		fmath_clamp(1.5, 1, 2) == 1.5,
	    "square, and within limits");
	OK(fmath_max(1, 2) == 2 && fmath_min(1, 2) == 1, "larger and smaller");
	return DONE();
}
