/* Reading and writing whole files. */
#ifndef NTPD_READ_WHOLE_H
#define NTPD_READ_WHOLE_H

#include <sys/types.h>

#include "common/attr.h"

/*
 * Read all of a descriptor, at most size bytes, into buf.  Returns the number
 * of bytes, size if there are more than size - 1, or -1 with errno.
 */
MUST_CHECK ssize_t read_whole(int fd, char *buf, size_t size);

/* Write all of buf.  Returns 0, or -1 with errno. */
MUST_CHECK int write_whole(int fd, const void *buf, size_t size);

#endif
