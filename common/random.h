/*
 * Random bytes by the system call itself.  From glibc 2.41 on, getrandom(3) may
 * draw in the vDSO (Linux 6.11 and later).  For that it maps memory and blocks
 * signals at its first use, in any program and at any time.  Behind a filter
 * that forbids either, this would kill the process.
 */
#ifndef COMMON_RANDOM_H
#define COMMON_RANDOM_H

#include <sys/types.h>

#include "common/attr.h"

/*
 * getrandom(2) and nothing else: fill buf with length bytes.  Returns how many
 * were written, or -1 with errno.  Up to 256 come in one call once the kernel's
 * generator is ready.
 */
MUST_CHECK ssize_t random_raw(void *buf, size_t length, unsigned int flags);

#endif
