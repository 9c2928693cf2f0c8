/*
 * A recording of a simulated run, see writers.h.
 */
#include "tests/sim/writers.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/sim/begin.h"

static struct {
	uint64_t bytes; /* 0: nothing is recorded */
	int fds[RECORD_FILES];
} writers;

static int
open_empty(const char *path)
{
	int fd = open(
	    path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);

	if (fd == -1)
		err(1, "%s", path);
	return fd;
}

void
writers_open(const char *path, uint64_t bytes)
{
	char second[4096];

	(void)snprintf(second, sizeof(second), "%s.1", path);
	writers.fds[0] = open_empty(path);
	writers.fds[1] = open_empty(second);
	writers.bytes = bytes;
}

void
writers_close(void)
{
	for (int i = 0; i < RECORD_FILES && writers.bytes != 0; i++)
		if (close(writers.fds[i]) == -1)
			err(1, "close");
	writers.bytes = 0;
}

void
sim_give_extra(const struct child_extra *extra)
{
	for (int i = 0; i < RECORD_FILES && writers.bytes != 0; i++) {
		const union msg m = { .record = { .limit_bytes = writers.bytes /
					      RECORD_FILES,
					  .newer = i == 0 } };

		(void)extra->take(i, &m);
	}
}

ssize_t
sim_write(int fd, const void *buf, size_t length)
{
	if (fd >= EXTRA_FD && fd < EXTRA_FD + RECORD_FILES)
		return write(writers.fds[fd - EXTRA_FD], buf, length);
	errno = EBADF;
	return -1;
}

int
sim_ftruncate(int fd, off_t length)
{
	if (fd >= EXTRA_FD && fd < EXTRA_FD + RECORD_FILES)
		return ftruncate(writers.fds[fd - EXTRA_FD], length);
	errno = EBADF;
	return -1;
}
