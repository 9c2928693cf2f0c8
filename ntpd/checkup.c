/*
 * What ntpd -n does, see checkup.h.  It must change nothing: anybody may check
 * a configuration, and a daemon may be running.
 */
#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/ctlpath.h"
#include "ntpd/checkup.h"
#include "ntpd/conf/leapfile.h"
#include "ntpd/conf/listen.h"
#include "ntpd/reload.h"
#include "ntpd/sockets/sockets.h"

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

static void
check_group(const struct conf *c, FILE *report)
{
	if (c->control_group[0] == '\0' || getgrnam(c->control_group) != NULL)
		return;
	say(report, &c->group_place,
	    "warning: there is no group %s: nobody but the user of ntpd could "
	    "use the control socket",
	    c->control_group);
}

/* The parent folder of a path: the path itself, cut at its last slash. */
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

/*
 * The parent folder of what ntpd is to make must exist, unless ntpd makes it.
 * What this user may not see counts as existing, since another user may see it.
 */
static void
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
		    strcmp(folder, CTL_RUN_DIR) == 0)
		return;
	say(report, at, "warning: there can be no %s %s: %s is no folder", what,
	    path, folder);
}

/* It must be possible to make this; kind is its type, as in stat(2). */
static void
check_made(FILE *report, const struct conf_place *at, const char *what,
    const char *path, mode_t kind)
{
	bool folder = kind == S_IFDIR;
	struct stat st;

	if (path[0] == '\0' || at->line == 0)
		return;
	/* Only a folder may be a symbolic link. */
	if ((folder ? stat(path, &st) : lstat(path, &st)) == 0 &&
	    (st.st_mode & S_IFMT) != kind)
		say(report, at, "warning: there can be no %s %s: %s", what,
		    path,
		    folder ? "it is no folder"
			   : "there is something else of that name");
	else
		check_parent(report, at, what, path);
}

/* No client is ever answered from a broadcast address: report it. */
static int
check_listens(const struct conf *c, FILE *report)
{
	char text[LISTEN_TEXT_LEN];
	int rc = 0;

	for (uint32_t i = 0; i < c->listen_count; i++) {
		const struct conf_listen *l = &c->listens[i];

		if (l->of_interface || !socket_is_broadcast(l))
			continue;
		listen_text(l, text);
		(void)fprintf(report,
		    "%s:%u: cannot listen on %s: it is a broadcast address: "
		    "what is sent to many is not answered\n",
		    l->file, l->line, text);
		rc = -1;
	}
	return rc;
}

static void
check_leap_file(const struct conf *c, FILE *report)
{
	char why[LEAPFILE_WHY_LEN];
	struct leapfile f;

	if (c->leap_file[0] == '\0')
		return;
	if (leapfile_read(c->leap_file, &f, why) == -1)
		say(report, &c->leap_place,
		    "warning: cannot use the leap file %s: %s", c->leap_file,
		    why);
	else if (leapfile_expired(&f, (struct wall){ clock_read_real() }, why))
		say(report, &c->leap_place, "warning: the leap file %s: %s",
		    c->leap_file, why);
}

static int
check_machine(const struct conf *c, FILE *report)
{
	check_group(c, report);
	check_made(report, &c->control_place, "control socket",
	    c->control_socket, S_IFSOCK);
	check_made(report, &c->state_place, "state directory",
	    c->state_directory, S_IFDIR);
	check_made(report, &c->record_place, "recording", c->record, S_IFREG);
	check_leap_file(c, report);
	return check_listens(c, report);
}

/* As users_choose() at the start, except what depends on who starts ntpd. */
static int
check_user(const char *name)
{
	const struct passwd *pw = name == NULL ? NULL : getpwnam(name);

	if (name == NULL || (pw != NULL && pw->pw_uid != 0))
		return 0;
	if (pw == NULL)
		warnx("there is no user %.60s", name);
	else
		warnx("no program may run as user %s, who is root", name);
	return -1;
}

int
checkup(const struct options *o)
{
	struct conf *c = calloc(1, sizeof(*c));
	int rc;

	if (c == NULL)
		err(1, NULL);
	rc = reload_read(o, c, stderr);
	if (rc == 0)
		rc = check_machine(c, stderr);
	rc |= check_user(o->user);
	conf_clear(c);
	free(c);
	if (rc != 0)
		return 1;
	if (printf("configuration OK\n") < 0 || fflush(stdout) == EOF)
		err(1, "standard output");
	return 0;
}
