/*
 * The few mathematical functions that the estimation needs, for doubles.  They
 * are written out so that all machines and C libraries give the same bits (a
 * simulation must be reproducible anywhere), and so that a small daemon does
 * not load a large library for two functions.  Run by ntp-net.  Pure.
 */
#ifndef CORE_FMATH_H
#define CORE_FMATH_H

#include <stdint.h>

/*
 * e^x with a relative error below 1e-14; 0 below -700, e^700 above 700. x must
 * not be NaN.
 */
double fmath_exp(double x);

/*
 * The natural logarithm of x > 0, a normal number, with an error below 1e-14
 * (relative, or absolute near x = 1).
 */
double fmath_log(double x);

/*
 * Mills' ratio for x >= 0: the area of the normal density beyond x divided by
 * the density at x.  Its relative error is below 1e-11.
 */
double fmath_mills(double x);

/* The larger and the smaller of two numbers. */
static inline double
fmath_max(double a, double b)
{
	return a > b ? a : b;
}

static inline double
fmath_min(double a, double b)
{
	return a < b ? a : b;
}

static inline double
fmath_square(double x)
{
	return x * x;
}

/* The number in low to high that is nearest to x; low if x is NaN. */
static inline double
fmath_clamp(double x, double low, double high)
{
	if (!(x > low))
		return low;
	return x < high ? x : high;
}

/* To a 64-bit integer, towards zero, limited to its range; NaN gives 0. */
static inline int64_t
fmath_to_int64(double v)
{
	if (v >= 9.2e18)
		return INT64_MAX;
	if (v <= -9.2e18)
		return INT64_MIN;
	return v == v ? (int64_t)v : 0;
}

/* To the nearest integer, halves away from zero; |x| >= 2^52 is an integer. */
static inline double
fmath_round(double x)
{
	if (!(x > -4503599627370496.0 && x < 4503599627370496.0))
		return x;
	return (double)(int64_t)(x < 0 ? x - 0.5 : x + 0.5);
}

/* The smallest integer that is not below x. */
static inline double
fmath_ceil(double x)
{
	double whole;

	if (!(x > -4503599627370496.0 && x < 4503599627370496.0))
		return x;
	whole = (double)(int64_t)x;
	return whole < x ? whole + 1 : whole;
}

#endif
