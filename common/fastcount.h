/*
 * Reading the counters of the program in the kernel, see fastmap.h.
 */
#ifndef COMMON_FASTCOUNT_H
#define COMMON_FASTCOUNT_H

#include "common/attr.h"
#include "common/fastmap.h"

/*
 * Map the counters that a descriptor gives, one entry per processor, for
 * reading.  Returns NULL with errno, EINVAL also where there cannot be so many.  They stay mapped for the life of the
 * process; the descriptor may be closed.
 */
MUST_CHECK const struct fast_counters *fastcount_map(
    int fd, uint32_t processors);

/* The sum over all processors of what was counted so far. */
struct fast_counters fastcount_sum(
    const struct fast_counters *counters, uint32_t processors);

#endif
