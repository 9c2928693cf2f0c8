/*
 * ntp-daemon, ntp-ctl and ntp-metrics-exporter, for users who come from the
 * image of ntpd-rs.  One program: the name that it is called by says what is
 * wanted.  It runs ntpd or ntpctl, or says in one line what to do instead.  It
 * has no privilege of its own and handles no message.
 */
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/attr.h"
#include "packaging/compat/theirs.h"

#define THEIR_CONFIG "/etc/ntpd-rs/ntp.toml"
#define OUR_CONFIG   SYSCONFDIR "/ntpd.conf"
#define OUR_DEFAULT  "pool pool.ntp.org count 4" /* if there is no file */
#define ARGS_MAX     8
#define CTL_UNSYNCED 3 /* ntpctl status: read, but no time yet */

struct wish {
	const char *config; /* -c, or NULL */
	const char *level;  /* -l, in ntpd.conf's words, or NULL */
	bool prometheus;    /* -f */
	char **rest;	    /* the arguments after the options */
};

struct name {
	const char *name;
	const char *letters; /* for getopt */
	const char *usage;
	bool command; /* needs a command; without it shows the usage */
	int (*run)(const struct wish *w);
};

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "format", required_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ "log-level", required_argument, NULL, 'l' },
	{ "version", no_argument, NULL, 'v' },
	{ NULL, 0, NULL, 0 },
};

/* Log levels: ntpd-rs's and ours. */
static const char *const levels[][2] = {
	{ "trace", "debug" },
	{ "debug", "debug" },
	{ "info", "info" },
	{ "warn", "warning" },
	{ "error", "error" },
};

/* Path of our program: beside this one (a build folder), or installed. */
static void
find_program(const char *folder, const char *program, char path[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 16);
	char *slash;

	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash != NULL) {
		(void)snprintf(slash, 16, "/%s", program);
		if (access(path, X_OK) == 0)
			return;
	}
	(void)snprintf(path, PATH_MAX, "%s/%s/%s", PREFIX, folder, program);
}

static int
become_ntpd(const char *args[ARGS_MAX])
{
	char path[PATH_MAX];
	char *argv[ARGS_MAX];

	memcpy(argv, args, sizeof(argv)); /* execv() does not change them */
	find_program("sbin", "ntpd", path);
	(void)execv(path, argv);
	err(1, "cannot run %s", path);
}

/*
 * Write ntpd's arguments for its configuration to args; returns their number.
 * Ends with one line if the file is written for ntpd-rs: no daemon is better
 * than one that does not use the file's servers.
 */
static size_t
config_args(const struct wish *w, const char **args)
{
	const char *file = w->config;

	if (file == NULL && access(THEIR_CONFIG, F_OK) == 0)
		file = THEIR_CONFIG;
	if (file == NULL && access(OUR_CONFIG, F_OK) == -1) {
		args[0] = "-c";
		args[1] = OUR_DEFAULT;
		return 2;
	}
	if (file == NULL)
		file = OUR_CONFIG;
	if (theirs(file))
		errx(1,
		    "%s is written for ntpd-rs, and the grammar here is "
		    "another, see ntpd.conf(5): give such a file with -c, or "
		    "as %s, with no %s",
		    file, OUR_CONFIG, THEIR_CONFIG);
	args[0] = "-f";
	args[1] = file;
	return 2;
}

static int
run_daemon(const struct wish *w)
{
	const char *args[ARGS_MAX] = { "ntpd", "-d" };
	size_t n = 2 + config_args(w, args + 2);
	char line[32];

	if (w->rest[0] != NULL)
		errx(1, "unexpected argument \"%.80s\"", w->rest[0]);
	if (w->level != NULL) {
		(void)snprintf(line, sizeof(line), "log level %s", w->level);
		args[n++] = "-c";
		args[n++] = line;
	}
	return become_ntpd(args);
}

static int
validate(const struct wish *w)
{
	const char *args[ARGS_MAX] = { "ntpd", "-n" };

	(void)config_args(w, args + 2); /* the last stays NULL */
	return become_ntpd(args);
}

/* ntpctl status; for users of ntpd-rs it fails only if nothing was read. */
static int
status(const struct wish *w)
{
	char path[PATH_MAX];
	int how;
	pid_t pid;

	if (w->prometheus)
		errx(1, "no metrics in that format: see ntpctl -j status");
	if (w->config != NULL)
		warnx("the daemon is asked at its usual socket: for another, "
		      "ntpctl -s SOCKET status");
	find_program("bin", "ntpctl", path);
	pid = fork();
	if (pid == 0) {
		(void)execl(path, "ntpctl", "status", (char *)NULL);
		err(1, "cannot run %s", path);
	}
	if (pid == -1)
		err(1, "fork");
	while (waitpid(pid, &how, 0) == -1)
		if (errno != EINTR)
			err(1, "waitpid");
	if (!WIFEXITED(how))
		errx(1, "%s was killed", path);
	return WEXITSTATUS(how) == CTL_UNSYNCED ? 0 : WEXITSTATUS(how);
}

static int
run_ctl(const struct wish *w)
{
	const char *command = w->rest[0];

	if (w->rest[1] != NULL)
		errx(1, "unexpected argument \"%.80s\"", w->rest[1]);
	if (strcmp(command, "validate") == 0)
		return validate(w);
	if (strcmp(command, "status") == 0)
		return status(w);
	if (strcmp(command, "force-sync") == 0)
		errx(1,
		    "no force-sync: use ntpctl sync -s SECONDS where ntpd runs, "
		    "ntpd -q where it does not");
	errx(1, "unknown command \"%.80s\": expected validate or status",
	    command);
}

static int
run_exporter(const struct wish *w)
{
	(void)w;
	errx(1, "no metrics are served: see ntpctl -j status");
}

static const struct name names[] = {
	{ "ntp-daemon", "c:hl:v",
	    "usage: ntp-daemon [-c file] [-l trace|debug|info|warn|error]\n"
	    "       ntp-daemon -h | -v\n"
	    "runs ntpd -d -f file; the file is one for ntpd, see "
	    "ntpd.conf(5)\n",
	    false, run_daemon },
	{ "ntp-ctl", "c:f:hv",
	    "usage: ntp-ctl validate [-c file]\n"
	    "       ntp-ctl status [-f plain]\n"
	    "       ntp-ctl -h | -v\n"
	    "runs ntpd -n -f file, or ntpctl status\n",
	    true, run_ctl },
	{ "ntp-metrics-exporter", "c:hv",
	    "usage: ntp-metrics-exporter -h | -v\n"
	    "serves nothing: see ntpctl -j status\n",
	    false, run_exporter },
};

static const struct name *
find_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *last = slash != NULL ? slash + 1 : path;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i].name, last) == 0)
			return &names[i];
	errx(1, "to be called as ntp-daemon, ntp-ctl or ntp-metrics-exporter");
}

static const char *
our_level(const char *level)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (strcmp(levels[i][0], level) == 0)
			return levels[i][1];
	errx(1, "-l %.80s: expected trace, debug, info, warn or error", level);
}

static void show(const char *text) NORETURN;

/* Print the text, and end. */
static void
show(const char *text)
{
	exit(fputs(text, stdout) == EOF || fflush(stdout) == EOF);
}

static void
take_option(const struct name *name, struct wish *w, int c)
{
	char version[64];

	switch (c) {
	case 'c':
		w->config = optarg;
		break;
	case 'f':
		w->prometheus = strcmp(optarg, "prometheus") == 0;
		if (!w->prometheus && strcmp(optarg, "plain") != 0)
			errx(1, "-f %.80s: expected plain", optarg);
		break;
	case 'h':
		show(name->usage);
	case 'l':
		w->level = our_level(optarg);
		break;
	case 'v':
		(void)snprintf(version, sizeof(version), "%s %s (of ntpd)\n",
		    name->name, VERSION);
		show(version);
	default:
		(void)fputs(name->usage, stderr); /* getopt said why */
		exit(1);
	}
}

int
main(int argc, char **argv)
{
	const struct name *name = find_name(argc > 0 ? argv[0] : "");
	struct wish w = { .config = NULL };
	int c;

	while ((c = getopt_long(
		    argc, argv, name->letters, long_options, NULL)) != -1) {
		/* A long option that belongs to another name. */
		if (c != '?' && strchr(name->letters, c) == NULL)
			errx(1, "there is no such option, see --help");
		take_option(name, &w, c);
	}
	w.rest = argv + optind;
	if (name->command && w.rest[0] == NULL)
		show(name->usage);
	return name->run(&w);
}
