/*
 * Where the other programs are, see helpers.h.  Run by ntpd only, at its start.
 */
#include "ntpd/children/helpers.h"

#include <sys/auxv.h>
#include <sys/types.h>

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/proc.h"
#include "common/shortage.h"

/* The path that the kernel was asked to execute.  Returns its length, or -1. */
static ssize_t
own_path(char *path, size_t size)
{
	/* The kernel passes a pointer as a number. */
	const char *name = (const char *)(uintptr_t)getauxval(AT_EXECFN);
	char *whole = name == NULL ? NULL : realpath(name, NULL);
	ssize_t n = whole == NULL ? -1 : (ssize_t)strlen(whole);

	if (n > 0 && (size_t)n < size)
		memcpy(path, whole, (size_t)n);
	else
		n = -1;
	free(whole);
	return n;
}

void
helpers_find(char *dir, size_t size)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 16);
	char *slash;

	(void)snprintf(dir, size, "%s", LIBEXECDIR);
	if (n <= 0) /* there is no /proc */
		n = own_path(path, sizeof(path) - 16);
	if (n <= 0)
		return;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (slash == NULL || (size_t)(slash - path) >= size)
		return;
	(void)snprintf(slash, 16, "/%s", proc_name(PROC_CLOCK));
	/*
	 * If it exists but this user may not execute it, the user has to be
	 * told that.
	 */
	if (access(path, F_OK) == 0 || is_shortage(errno))
		(void)snprintf(dir, size, "%.*s", (int)(slash - path), path);
}
