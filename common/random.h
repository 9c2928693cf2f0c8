/*
 * Random bits by the system call itself.  From glibc 2.41 on getrandom(3) draws
 * in the vDSO where the kernel (Linux 6.11) offers that, and for it maps memory
 * and holds back signals at its first use, in whichever program and however
 * late: behind a filter that allows neither, it ends the process.
 */
#ifndef COMMON_RANDOM_H
#define COMMON_RANDOM_H

#include <sys/types.h>

#include "common/attr.h"

/*
 * getrandom(2), and nothing else: fill buf with length bytes.  Returns how many
 * there are, or -1 with errno; up to 256 come at once, once the kernel has any.
 */
MUST_CHECK ssize_t random_raw(void *buf, size_t length, unsigned int flags);

#endif
