/*
 * Reads the counters of the fast path, see fastcount.h: plain memory that the
 * program in the kernel writes while we read.
 */
#include "common/fastcount.h"

#include <sys/mman.h>

#include <errno.h>
#include <stddef.h>

_Static_assert(sizeof(struct fast_counters) == 64, "a cache line");
_Static_assert(
    FAST_PROCESSORS_MAX * sizeof(struct fast_counters) < FAST_COUNTERS_BYTES,
    "what a sandbox lets through");

const struct fast_counters *
fastcount_map(int fd, uint32_t processors)
{
	void *p;

	if (processors == 0 || processors > FAST_PROCESSORS_MAX) {
		errno = EINVAL;
		return NULL;
	}
	p = mmap(NULL, processors * sizeof(struct fast_counters), PROT_READ,
	    MAP_SHARED, fd, 0);
	return p == MAP_FAILED ? NULL : p;
}

struct fast_counters
fastcount_sum(const struct fast_counters *counters, uint32_t processors)
{
	struct fast_counters sum = { .answered = 0 };

	for (uint32_t i = 0; i < processors; i++) {
		const volatile struct fast_counters *c = &counters[i];

		sum.answered += c->answered;
		sum.passed += c->passed;
		sum.denied += c->denied;
		sum.limited += c->limited;
	}
	return sum;
}
