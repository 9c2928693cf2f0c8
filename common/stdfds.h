/*
 * The descriptors that every program is started with.
 */
#ifndef COMMON_STDFDS_H
#define COMMON_STDFDS_H

#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

/*
 * Descriptors 0 to 2 exist from now on, so that nothing else is opened as one of
 * them.  What was closed reads nothing, and is written in vain: to standard error
 * unnoticed, to standard output with an error, since nobody gets the answer.
 */
static inline void
stdfds_open(void)
{
	/* The lowest that is free is opened, so each in its turn. */
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		if (fcntl(i, F_GETFD) == -1 &&
		    open("/dev/null", i == STDOUT_FILENO ? O_RDONLY : O_RDWR) ==
			-1)
			return; /* the others can neither */
}

/*
 * They lead nowhere from now on.  Returns false where /dev/null cannot be
 * opened, and then they stay as they are.
 */
static inline bool
stdfds_leave(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = STDIN_FILENO; fd != -1 && i <= STDERR_FILENO; i++)
		if (fd != i && dup2(fd, i) == -1)
			(void)close(i); /* closed will do */
	if (fd > STDERR_FILENO)
		(void)close(fd);
	return fd != -1;
}

#endif
