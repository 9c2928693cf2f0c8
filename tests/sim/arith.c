/*
 * Mathematics with the same result on every machine, see arith.h.
 */
#include "tests/sim/arith.h"

#include <math.h>

#define LN2	  0.69314718055994530942
#define SQRT_HALF 0.70710678118654752440
#define TURN	  6.28318530717958647693

double
arith_log(double x)
{
	int exponent;
	double m = frexp(x, &exponent), s, square, sum = 0;

	if (m < SQRT_HALF) {
		m *= 2;
		exponent--;
	}
	s = (m - 1) / (m + 1);
	square = s * s;
	for (int k = 19; k >= 1; k -= 2)
		sum = sum * square + 1.0 / k;
	return 2 * s * sum + exponent * LN2;
}

double
arith_exp(double x)
{
	double whole = floor(x / LN2 + 0.5);
	double rest = x - whole * LN2, sum = 1;

	for (int k = 14; k >= 1; k--)
		sum = sum * rest / k + 1;
	return ldexp(sum, (int)whole);
}

double
arith_sin_turns(double turns)
{
	double part = turns - floor(turns + 0.5), x, square, sum = 1;

	if (part > 0.25)
		part = 0.5 - part;
	else if (part < -0.25)
		part = -0.5 - part;
	x = part * TURN;
	square = x * x;
	for (int k = 20; k >= 2; k -= 2)
		sum = 1 - sum * square / (k * (k + 1));
	return x * sum;
}
