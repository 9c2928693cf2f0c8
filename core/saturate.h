/*
 * Sums of times from outside that stop at the ends of int64_t instead of
 * overflowing.  Pure, integers only: ntp-clock uses it.
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

/* |a|; of INT64_MIN the largest number. */
static inline int64_t
sat_abs(int64_t a)
{
	return a < 0 ? sat_sub(0, a) : a;
}

/* The nearest to a from low to high. */
static inline int64_t
sat_clamp(int64_t a, int64_t low, int64_t high)
{
	if (a < low)
		return low;
	return a > high ? high : a;
}

#endif
