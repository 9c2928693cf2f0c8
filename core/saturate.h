/*
 * Sums of times from outside that stop at the ends of int64_t instead of
 * overflowing, and doubles brought into its range.  Pure.
 */
#ifndef CORE_SATURATE_H
#define CORE_SATURATE_H

#include <stdint.h>

/* a + b, or the end of the range that it would pass. */
static inline int64_t
sat_add(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

/* a - b, or the end of the range that it would pass. */
static inline int64_t
sat_sub(int64_t a, int64_t b)
{
	int64_t diff;

	if (__builtin_sub_overflow(a, b, &diff))
		return b < 0 ? INT64_MAX : INT64_MIN;
	return diff;
}

/* A double to an integer towards zero; beyond the range its end; NaN is 0. */
static inline int64_t
sat_from_double(double v)
{
	if (v >= 9.2e18)
		return INT64_MAX;
	if (v <= -9.2e18)
		return INT64_MIN;
	return v == v ? (int64_t)v : 0;
}

#endif
