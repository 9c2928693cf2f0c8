/*
 * Tell the two kinds of configuration apart, see theirs.h.  Run by whoever runs
 * ntp-daemon or ntp-ctl.  It only reads, and decides nothing else.
 */
#include "packaging/compat/theirs.h"

#include <sys/stat.h>

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Do not read a pipe: ntpd could not read it again. */
static FILE *
open_regular(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	FILE *f = NULL;
	struct stat st;

	if (fd == -1)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		f = fdopen(fd, "r");
	if (f == NULL)
		(void)close(fd); /* nothing was written */
	return f;
}

bool
theirs(const char *path)
{
	size_t len = strlen(path);
	bool line_begins = true, found = false;
	FILE *f;
	int c;

	if (len >= 5 && strcmp(path + len - 5, ".toml") == 0)
		return true;
	f = open_regular(path);
	if (f == NULL)
		return false;
	while (!found && (c = getc(f)) != EOF) {
		found = line_begins && c == '[';
		line_begins =
		    c == '\n' || (line_begins && isspace((unsigned char)c));
	}
	(void)fclose(f); /* only read */
	return found;
}
