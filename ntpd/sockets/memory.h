/*
 * Memory that ntpd makes and hands to its children: memory files of fixed size,
 * so that a process that has mapped one cannot lose it.
 */
#ifndef NTPD_MEMORY_H
#define NTPD_MEMORY_H

#include <sys/types.h>

#include <stddef.h>

#include "common/attr.h"

/*
 * Two descriptors of the same memory, one for writing and one read-only; -1:
 * none.
 */
struct memory {
	int writer;
	int reader;
};

#define MEMORY_NONE ((struct memory){ -1, -1 })

/*
 * Make one of `bytes` zeros.  `writer` can be mapped for writing, `reader` only
 * for reading; both are close-on-exec and stay the caller's.  Returns 0, or -1
 * with errno and neither.
 */
MUST_CHECK int memory_make(struct memory *m, const char *name, off_t bytes);

/*
 * Make one with this content, of size octets, that nobody can change, ntpd
 * included.  Returns a descriptor, close-on-exec, or -1 with errno.
 */
MUST_CHECK int memory_of(const char *name, const void *from, size_t size);

#endif
