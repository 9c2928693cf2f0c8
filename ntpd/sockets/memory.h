/*
 * Memory that ntpd makes and hands down: files in memory whose size nobody can
 * change, so that whoever has mapped one cannot lose it.
 */
#ifndef NTPD_MEMORY_H
#define NTPD_MEMORY_H

#include <sys/types.h>

#include <stddef.h>

#include "common/attr.h"

/* Two descriptors of the same: one to write, and one to read only; -1: none. */
struct memory {
	int writer;
	int reader;
};

#define MEMORY_NONE ((struct memory){ -1, -1 })

/*
 * Make one of so many zeros, which can be mapped for writing with the one and
 * only for reading with the other; both are close-on-exec and stay the caller's.
 * Returns 0, or -1 with errno and neither.
 */
MUST_CHECK int memory_make(struct memory *m, const char *name, off_t bytes);

/*
 * Zero a part of it, which nobody may have mapped for writing now.  Returns 0,
 * or -1 with errno.
 */
MUST_CHECK int memory_clear(const struct memory *m, off_t at, off_t bytes);

/*
 * One that holds so many octets, and that nobody, we included, can change.
 * Returns a descriptor, close-on-exec, or -1 with errno.
 */
MUST_CHECK int memory_of(const char *name, const void *from, size_t size);

#endif
