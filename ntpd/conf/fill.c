/*
 * Reading a small file whole, see fill.h.
 */
#include "ntpd/conf/fill.h"

#include <errno.h>
#include <unistd.h>

ssize_t
fill_from(int fd, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size) {
		n = read(fd, buf + len, size - len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}
