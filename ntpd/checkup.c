/*
 * What ntpd -n looks for on the machine, see checkup.h.  It must change nothing:
 * whoever checks a configuration may be anybody, and a daemon may run.
 */
#include <sys/stat.h>

#include <errno.h>
#include <grp.h>
#include <stdarg.h>
#include <string.h>

#include "checkup.h"
#include "leaplist.h"

#define RUN_DIR "/run/ntpd" /* ntpd makes it */

static void say(FILE *report, const struct conf_place *at, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

static void
say(FILE *report, const struct conf_place *at, const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(report, "%s:%u:%u: ", at->file, at->line, at->column);
	va_start(ap, fmt);
	(void)vfprintf(report, fmt, ap);
	va_end(ap);
	(void)fputc('\n', report);
}

static int
check_group(const struct conf *c, FILE *report)
{
	if (c->control_group[0] == '\0' || getgrnam(c->control_group) != NULL)
		return 0;
	say(report, &c->group_place,
	    "there is no group %s: expected one of this machine",
	    c->control_group);
	return -1;
}

/* The folder that a path is in: the path itself, cut at its last slash. */
static void
cut(char folder[CONF_PATH_LEN], const char *path)
{
	char *slash;

	(void)snprintf(folder, CONF_PATH_LEN, "%s", path);
	slash = strrchr(folder, '/');
	if (slash == folder)
		slash++;
	if (slash != NULL)
		*slash = '\0';
}

/* The folder of what is to be made must be there; what this user may not see
   another may. */
static int
check_parent(FILE *report, const struct conf_place *at, const char *what,
    const char *path)
{
	char folder[CONF_PATH_LEN];
	struct stat st;
	bool there;

	cut(folder, path);
	there = stat(folder, &st) == 0;
	if (there ? S_ISDIR(st.st_mode)
		  : (errno != ENOENT && errno != ENOTDIR) ||
		    strcmp(folder, RUN_DIR) == 0)
		return 0;
	say(report, at, "there can be no %s %s: %s is no folder", what, path,
	    folder);
	return -1;
}

static int
check_control(const struct conf *c, FILE *report)
{
	const char *path = c->control_socket;
	struct stat st;

	if (path[0] == '\0' || c->control_place.line == 0)
		return 0;
	if (lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode)) {
		say(report, &c->control_place,
		    "there can be no control socket %s: there is something "
		    "else of that name",
		    path);
		return -1;
	}
	return check_parent(report, &c->control_place, "control socket", path);
}

static int
check_state(const struct conf *c, FILE *report)
{
	const char *path = c->state_directory;
	struct stat st;

	if (c->state_place.line == 0)
		return 0;
	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode)) {
		say(report, &c->state_place,
		    "there can be no state directory %s: it is no folder",
		    path);
		return -1;
	}
	return check_parent(report, &c->state_place, "state directory", path);
}

static void
check_leap_file(const struct conf *c, FILE *report)
{
	char why[LEAPLIST_WHY_LEN];
	struct leapfile f;

	if (c->leap_file[0] == '\0')
		return;
	if (leaplist_read(c->leap_file, &f, why) == -1)
		say(report, &c->leap_place,
		    "warning: cannot use the leap file %s: %s", c->leap_file,
		    why);
	else if (leaplist_expired(&f, leaplist_now(), why))
		say(report, &c->leap_place, "warning: the leap file %s: %s",
		    c->leap_file, why);
}

int
checkup(const struct conf *c, FILE *report)
{
	int rc = 0;

	rc |= check_group(c, report);
	rc |= check_control(c, report);
	rc |= check_state(c, report);
	check_leap_file(c, report);
	return rc;
}
