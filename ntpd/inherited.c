/*
 * Descriptors and limits that ntpd was started with, see inherited.h.  Run by
 * ntpd only, at its start.
 */
#include "ntpd/inherited.h"

#include <sys/resource.h>

#include <err.h>
#include <unistd.h>

/* ppoll(2) refuses more descriptors than may be open. */
#define FILES_LEAST 64

void
inherited_close(int needed)
{
	if (needed > STDERR_FILENO + 1)
		(void)close_range(STDERR_FILENO + 1, (unsigned int)needed - 1,
		    0); /* Linux 5.9; else the later call does it */
	closefrom(needed > STDERR_FILENO ? needed + 1 : STDERR_FILENO + 1);
}

void
inherited_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return; /* the present one will do */
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit); /* likewise */
	if (limit.rlim_max < FILES_LEAST)
		errx(1,
		    "%llu files may be open, and ntpd needs %d: raise the limit "
		    "(ulimit -n, RLIMIT_NOFILE)",
		    (unsigned long long)limit.rlim_max, FILES_LEAST);
}
