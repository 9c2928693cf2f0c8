/* The standard descriptors that every program is started with. */
#ifndef COMMON_STDFDS_H
#define COMMON_STDFDS_H

#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

/*
 * Make sure that descriptors 0 to 2 are open, so that no other file gets one of
 * these numbers.  A descriptor that was closed reads as empty.  Writes to
 * standard error are then discarded; writes to standard output fail, since
 * nobody would see the result.
 */
static inline void
stdfds_open(void)
{
	/* open() returns the lowest free number, so go in order. */
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		if (fcntl(i, F_GETFD) == -1 &&
		    open("/dev/null", i == STDOUT_FILENO ? O_RDONLY : O_RDWR) ==
			-1)
			return; /* the rest would fail as well */
}

/*
 * Redirect them to /dev/null.  Returns false and leaves them unchanged if
 * /dev/null cannot be opened.
 */
static inline bool
stdfds_leave(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = STDIN_FILENO; fd != -1 && i <= STDERR_FILENO; i++)
		if (fd != i && dup2(fd, i) == -1)
			(void)close(i); /* closed is good enough */
	if (fd > STDERR_FILENO)
		(void)close(fd);
	return fd != -1;
}

#endif
