/*
 * The descriptors that every program is started with.
 */
#ifndef COMMON_STDFDS_H
#define COMMON_STDFDS_H

#include <fcntl.h>
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

#endif
