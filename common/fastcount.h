/* Reads the counters of the program in the kernel, see fastmap.h. */
#ifndef COMMON_FASTCOUNT_H
#define COMMON_FASTCOUNT_H

#include "common/attr.h"
#include "common/fastmap.h"

/*
 * Map the counters behind a descriptor for reading; one entry per processor.
 * Returns NULL with errno; EINVAL also if the number of processors is
 * impossible.  They stay mapped for the life of the process; the descriptor may
 * be closed.
 */
MUST_CHECK const struct fast_counters *fastcount_map(
    int fd, uint32_t processors);

/* The sum of the counters over all processors. */
struct fast_counters fastcount_sum(
    const struct fast_counters *counters, uint32_t processors);

#endif
