/*
 * Exponential, logarithm, and the tail of the normal distribution, see fmath.h.
 * Run by ntp-net.  The results must never depend on the machine or the C
 * library.
 */
#include "core/fmath.h"

#include <string.h>

#define LN2_HIGH  0x1.62e42fefa38p-1   /* ln 2 to 42 bits: k * it is exact */
#define LN2_LOW	  0x1.ef35793c7673p-45 /* and the rest */
#define LN2	  0x1.62e42fefa39efp-1
#define SQRT2	  0x1.6a09e667f3bcdp+0
#define EXP_LIMIT 700.0
#define BIAS	  1023
#define FRACTION  52

#define SQRT_HALF_PI 0x1.40d931ff62706p+0
#define MILLS_NEAR   4.0 /* up to here the series is used */

static double
from_bits(uint64_t bits)
{
	double x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

static uint64_t
to_bits(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return bits;
}

/*
 * e^x = 2^k e^r with |r| <= ln 2 / 2; e^r by its power series, whose terms
 * after the thirteenth are below 2^-53 in this range.
 */
double
fmath_exp(double x)
{
	double k, r, sum = 1;

	if (x < -EXP_LIMIT)
		return 0;
	if (x > EXP_LIMIT)
		x = EXP_LIMIT;
	k = fmath_round(x / LN2);
	r = x - k * LN2_HIGH - k * LN2_LOW;
	for (int i = 13; i > 0; i--)
		sum = 1 + sum * r / i;
	return sum * from_bits((uint64_t)((int64_t)k + BIAS) << FRACTION);
}

/*
 * x = 2^k m with m from sqrt(1/2) to sqrt(2); ln m = 2 artanh(s) with
 * s = (m - 1) / (m + 1), |s| <= 0.172, by its power series.
 */
double
fmath_log(double x)
{
	uint64_t bits = to_bits(x);
	int64_t k = (int64_t)(bits >> FRACTION) - BIAS;
	double m = from_bits((bits & ((UINT64_C(1) << FRACTION) - 1)) |
	    ((uint64_t)BIAS << FRACTION));
	double s, square, sum = 0;

	if (m > SQRT2) {
		m /= 2;
		k++;
	}
	s = (m - 1) / (m + 1);
	square = s * s;
	for (int i = 21; i > 0; i -= 2)
		sum = sum * square + 1.0 / i;
	return (double)k * LN2_HIGH + ((double)k * LN2_LOW + 2 * s * sum);
}

/*
 * From the area below x, a power series with only positive terms (Abramowitz
 * and Stegun 26.2.11).
 */
static double
mills_near(double x)
{
	double term = x, sum = x;

	for (int i = 3; term > sum * 1e-17; i += 2) {
		term *= x * x / i;
		sum += term;
	}
	return SQRT_HALF_PI * fmath_exp(x * x / 2) - sum;
}

/* Laplace's continued fraction (Abramowitz and Stegun 26.2.14). */
static double
mills_far(double x)
{
	double below = x;

	for (int i = 40; i > 0; i--)
		below = x + i / below;
	return 1 / below;
}

double
fmath_mills(double x)
{
	return x < MILLS_NEAR ? mills_near(x) : mills_far(x);
}
