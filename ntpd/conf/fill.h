/* Reading and writing whole files. */
#ifndef NTPD_FILL_H
#define NTPD_FILL_H

#include <sys/types.h>

#include "common/attr.h"

/*
 * Read all of a descriptor, at most size bytes, into buf.  Returns the number
 * of bytes, size if there are more than size - 1, or -1 with errno.
 */
MUST_CHECK ssize_t fill_from(int fd, char *buf, size_t size);

/* Write all of buf.  Returns 0, or -1 with errno. */
MUST_CHECK int fill_to(int fd, const void *buf, size_t size);

#endif
