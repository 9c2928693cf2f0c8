/*
 * Sums of times from outside, limited to the range of int64_t instead of
 * overflowing.  Pure, integers only: ntp-clock uses it.
 */
#ifndef CORE_SATURATE_H
#define CORE_SATURATE_H

#include <stdint.h>

/* a + b, limited to the range. */
static inline int64_t
sat_add(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

/* a - b, limited to the range. */
static inline int64_t
sat_sub(int64_t a, int64_t b)
{
	int64_t diff;

	if (__builtin_sub_overflow(a, b, &diff))
		return b < 0 ? INT64_MAX : INT64_MIN;
	return diff;
}

/* |a|; the largest number for INT64_MIN. */
static inline int64_t
sat_abs(int64_t a)
{
	return a < 0 ? sat_sub(0, a) : a;
}

/* The number in low to high that is nearest to a. */
static inline int64_t
sat_clamp(int64_t a, int64_t low, int64_t high)
{
	if (a < low)
		return low;
	return a > high ? high : a;
}

#endif
