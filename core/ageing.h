/*
 * How a bound of the error grows while nothing is measured.  Pure.
 */
#ifndef CORE_AGEING_H
#define CORE_AGEING_H

#include "core/types.h"

/*
 * What an age, at least 0, adds to a bound, ns: one part in AGEING_PARTS, and
 * PHI_PARTS besides for what is beyond the moment when a measurement was due.
 */
static inline int64_t
ageing_ns(int64_t age_ns, int64_t due_ns)
{
	int64_t sum_ns = age_ns / AGEING_PARTS;

	if (age_ns > due_ns)
		sum_ns += (age_ns - due_ns) / PHI_PARTS;
	return sum_ns;
}

#endif
