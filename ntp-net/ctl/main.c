/*
 * ntpctl: shows what ntpd(8) does, and asks it for the few changes that can be
 * asked for.  Run by users.  It talks to ntp-observe and ntpd over the control
 * sockets, and needs no privilege except access to them.
 */
#include <bsd/stdlib.h>
#include <err.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/stdfds.h"
#include "core/types.h"
#include "ntp-net/ctl/change.h"
#include "ntp-net/ctl/client.h"
#include "ntp-net/ctl/json.h"
#include "ntp-net/ctl/show.h"
#include "ntp-net/ctl/standing.h"
#include "ntp-net/ctl/text.h"

#define WAIT_S	      60
#define WAIT_MAX_S    (366 * 86400)
#define EXIT_UNSYNCED 3

struct command {
	const char *name;
	/* NULL: none; in brackets: optional, also as an option's argument */
	const char *argument;
	int (*run)(struct ctl *ctl, const char *argument);
	const char *help;
};

static volatile sig_atomic_t interrupted;

static void
on_signal(int sig)
{
	(void)sig;
	interrupted = 1;
}

static void
sleep_second(void)
{
	const struct timespec second = { .tv_sec = 1 };

	(void)nanosleep(&second, NULL); /* a signal makes it shorter */
}

static int
output_failed(void)
{
	warnx("cannot write the output");
	return 1;
}

/* Print on one line what failed. */
int
ctl_complain(const struct ctl *ctl, const char *text)
{
	char escaped[CLIENT_ERROR_LEN * 4];

	escape_text(escaped, sizeof(escaped), text);
	warnx("%s", escaped);
	if (ctl->json && json_show_result(stdout, false, text) == -1)
		return output_failed();
	return 1;
}

/* Ask one question on a new connection.  Returns 0, or 1 after saying why. */
int
ctl_ask(struct ctl *ctl, enum ctl_command command)
{
	int rc = 0;

	if (client_connect(&ctl->client, ctl->socket) == -1 ||
	    client_ask(&ctl->client, command, &ctl->report) == -1)
		rc = ctl_complain(ctl, ctl->client.error);
	else if (ctl->report.result.ok == 0)
		rc = ctl_complain(ctl, ctl->report.result.text);
	client_close(&ctl->client);
	return rc;
}

/*
 * Get the status, and ntp-clock's state if there is one, on the open connection
 * or a new one.  Returns 0, or -1 with the client's error.
 */
static int
fetch_status(struct ctl *ctl)
{
	struct client *c = &ctl->client;

	if (c->fd == -1 && client_connect(c, ctl->socket) == -1)
		return -1;
	if (client_ask(c, CTL_STATUS, &ctl->report) == -1)
		goto bad;
	if (ctl->report.result.ok == 0) {
		(void)snprintf(
		    c->error, sizeof(c->error), "%s", ctl->report.result.text);
		goto bad;
	}
	if (client_ask(c, CTL_CLOCK, &ctl->report) == -1)
		goto bad;
	return 0;
bad:
	client_close(c);
	return -1;
}

static int
run_status(struct ctl *ctl, const char *argument)
{
	(void)argument;
	if (fetch_status(ctl) == -1)
		return ctl_complain(ctl, ctl->client.error);
	if (!ctl->json)
		show_status(&ctl->show, &ctl->report);
	else if (json_show_status(stdout, &ctl->report, false) == -1)
		return output_failed();
	if ((ctl->report.status.flags & STATUS_SYNCED) == 0)
		return EXIT_UNSYNCED;
	return 0;
}

/* Get the sources, if ntp-net runs and knows them.  Returns 0 or 1. */
static int
ask_sources(struct ctl *ctl)
{
	if (ctl_ask(ctl, CTL_STATUS) != 0)
		return 1;
	if ((ctl->report.status.flags & STATUS_UNMEASURED) != 0)
		return ctl_complain(ctl, ctl->report.status.why);
	return 0;
}

static int
run_sources(struct ctl *ctl, const char *argument)
{
	(void)argument;
	if (ask_sources(ctl) != 0)
		return 1;
	if (!ctl->json)
		show_sources(&ctl->show, &ctl->report);
	else if (json_show_sources(stdout, &ctl->report, NULL, NULL) == -1)
		return output_failed();
	return 0;
}

/* A source is named by its name in the configuration or its address. */
static bool
is_named(const struct msg_source_status *s, const char *name)
{
	char address[TEXT_SHORT];

	text_address(address, sizeof(address), &s->addr);
	return strcasecmp(s->name, name) == 0 || strcmp(address, name) == 0;
}

static int
run_source(struct ctl *ctl, const char *name)
{
	const struct report *r = &ctl->report;
	unsigned int found = 0;

	if (*name == '\0')
		return ctl_wrong(
		    ctl, "source: expected a name or an address, found", name);
	if (ask_sources(ctl) != 0)
		return 1;
	for (uint32_t i = 0; i < r->source_count; i++) {
		if (!is_named(&r->sources[i], name))
			continue;
		if (!ctl->json) {
			if (found > 0)
				fputc('\n', stdout);
			show_source(&ctl->show, &r->sources[i]);
		}
		found++;
	}
	if (found == 0)
		return ctl_wrong(ctl, "there is no source", name);
	if (ctl->json && json_show_sources(stdout, r, is_named, name) == -1)
		return output_failed();
	return 0;
}

static int
run_clock(struct ctl *ctl, const char *argument)
{
	(void)argument;
	if (fetch_status(ctl) == -1)
		return ctl_complain(ctl, ctl->client.error);
	if (ctl->report.result.ok == 0)
		return ctl_complain(ctl, ctl->report.result.text);
	if (!ctl->report.clock_known)
		return ctl_complain(
		    ctl, "ntp-observe says nothing about the clock");
	if (!ctl->json)
		show_clock(&ctl->show, &ctl->report);
	else if (json_show_clock(stdout, &ctl->report) == -1)
		return output_failed();
	return 0;
}

static int
run_log(struct ctl *ctl, const char *argument)
{
	(void)argument;
	if (ctl_ask(ctl, CTL_LOG) != 0)
		return 1;
	if (!ctl->json)
		show_log(&ctl->show, &ctl->report);
	else if (json_show_log(stdout, &ctl->report) == -1)
		return output_failed();
	return 0;
}

static int
run_server(struct ctl *ctl, const char *argument)
{
	static struct server_sum sum;

	(void)argument;
	if (ctl_ask(ctl, CTL_SERVER) != 0)
		return 1;
	server_add_up(&ctl->report, &sum);
	if (!ctl->json)
		show_server(&ctl->show, &sum);
	else if (json_show_server(stdout, &sum) == -1)
		return output_failed();
	return 0;
}

static int
run_clients(struct ctl *ctl, const char *argument)
{
	(void)argument;
	if (ctl_ask(ctl, CTL_CLIENTS) != 0)
		return 1;
	server_merge_clients(&ctl->report);
	if (!ctl->json)
		show_clients(&ctl->show, &ctl->report);
	else if (json_show_clients(stdout, &ctl->report) == -1)
		return output_failed();
	return 0;
}

/* Print the outcome of a command that shows nothing; return the exit status. */
int
ctl_conclude(const struct ctl *ctl, bool ok, const char *message)
{
	char escaped[CLIENT_ERROR_LEN * 4];

	if (!ok)
		return ctl_complain(ctl, message);
	if (ctl->json && json_show_result(stdout, ok, message) == -1)
		return output_failed();
	if (!ctl->json) {
		escape_text(escaped, sizeof(escaped), message);
		printf("%s\n", escaped);
	}
	return 0;
}

/* Likewise, with the synchronization state if known; message is escaped. */
static int
conclude_health(const struct ctl *ctl, bool ok, const char *message, bool known)
{
	if (ctl->json &&
	    json_show_health(
		stdout, ok, message, known ? &ctl->report : NULL) == -1)
		return output_failed();
	if (!ctl->json && ok)
		printf("%s\n", message);
	if (!ok)
		warnx("%s", message);
	return ok ? 0 : 1;
}

static int
run_health(struct ctl *ctl, const char *argument)
{
	char how[STANDING_TEXT];
	bool known = fetch_status(ctl) == 0, ok = false;

	(void)argument;
	if (known)
		ok = standing_serves(&ctl->report, how, sizeof(how));
	else
		escape_text(how, sizeof(how), ctl->client.error);
	return conclude_health(ctl, ok, how, known);
}

static int64_t
seconds_now(void)
{
	return clock_read_monotonic() / NS_PER_S;
}

/* Wait until in sync; a daemon that does not run yet may still start. */
static int
run_wait(struct ctl *ctl, const char *argument)
{
	static const char again[] = "not synchronized: "; /* not repeated */
	const char *problem = NULL;
	char why[STANDING_TEXT];
	char message[STANDING_TEXT + TEXT_SHORT];
	int limit_s = WAIT_S;
	bool known;
	int64_t end;

	if (argument != NULL)
		limit_s = (int)strtonum(argument, 0, WAIT_MAX_S, &problem);
	if (problem != NULL)
		return ctl_wrong(ctl,
		    "wait: expected seconds from 0 to a year, found", argument);
	end = seconds_now() + limit_s;
	for (;;) {
		known = fetch_status(ctl) == 0;
		if (!known)
			escape_text(why, sizeof(why), ctl->client.error);
		else if (standing_in_sync(&ctl->report, why, sizeof(why)))
			return conclude_health(ctl, true, "in sync", known);
		if (seconds_now() >= end)
			break;
		sleep_second();
	}
	(void)snprintf(message, sizeof(message), "not in sync after %d s: %s",
	    limit_s,
	    strncmp(why, again, sizeof(again) - 1) == 0
		? why + sizeof(again) - 1
		: why);
	return conclude_health(ctl, false, message, known);
}

static int
show_watch(struct ctl *ctl, bool got)
{
	if (ctl->json)
		return got ? json_show_status(stdout, &ctl->report, true) : 0;
	if (ctl->terminal)
		fputs("\033[H\033[J", stdout);
	if (got) {
		show_status(&ctl->show, &ctl->report);
		fputc('\n', stdout);
		show_sources(&ctl->show, &ctl->report);
	} else {
		show_words(&ctl->show, 0, ctl->client.error);
	}
	if (!ctl->terminal)
		fputc('\n', stdout);
	return 0;
}

/* Once a second until interrupted; the daemon may stop and start. */
static int
run_watch(struct ctl *ctl, const char *argument)
{
	struct sigaction sa = { .sa_handler = on_signal };
	bool ever = false;

	(void)argument;
	if (sigaction(SIGINT, &sa, NULL) == -1 ||
	    sigaction(SIGTERM, &sa, NULL) == -1)
		err(1, "sigaction");
	while (interrupted == 0) {
		bool got = fetch_status(ctl) == 0;

		if (interrupted != 0)
			break;
		if (!got && !ever)
			return ctl_complain(ctl, ctl->client.error);
		ever = true;
		if (show_watch(ctl, got) == -1 || fflush(stdout) == EOF)
			return output_failed();
		sleep_second();
	}
	return 0;
}

/* clang-format off */
static const struct command commands[] = {
	{ "status", NULL, run_status, "a summary; exit status 3 if not synchronized" },
	{ "sources", NULL, run_sources, "the sources, one a line" },
	{ "source", "NAME", run_source, "one source by its name or address" },
	{ "clock", NULL, run_clock, "the clock and how it is steered" },
	{ "server", NULL, run_server, "what became of the requests of clients" },
	{ "clients", NULL, run_clients, "the clients, those that ask most first" },
	{ "log", NULL, run_log, "the last changes of the clock, with the reasons" },
	{ "watch", NULL, run_watch, "status and sources, once a second" },
	{ "health", NULL, run_health, "exit status 0 if in sync or serving as asked, else 1" },
	{ "wait", "[SECONDS]", run_wait, "wait until in sync, at most 60 s" },
	{ "sync", "[-s SECONDS]", change_sync, "release a frozen clock, for the step that is agreed to" },
	{ "reload", NULL, change_reload, "read the configuration again" },
};
/* clang-format on */
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void
usage(FILE *out)
{
	fputs("usage: ntpctl [-j] [-s socket] command\n", out);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-7s %-12s %s\n", commands[i].name,
		    commands[i].argument != NULL ? commands[i].argument : "",
		    commands[i].help);
}

static const struct command *
find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

/* -j may also follow the command: remove it from the arguments. */
static int
take_json(struct ctl *ctl, int argc, char **argv)
{
	int kept = 1;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-j") == 0 ||
		    strcmp(argv[i], "--json") == 0)
			ctl->json = true;
		else
			argv[kept++] = argv[i];
	}
	return kept;
}

/*
 * Skip the option letter of an argument, as in "-s 1" or "-s1".  Returns 0, or
 * 1 after saying what is wrong.
 */
static int
take_letter(
    const struct ctl *ctl, const struct command *c, int *argc, char ***argv)
{
	if (c->argument == NULL || c->argument[0] != '[' ||
	    c->argument[1] != '-' || *argc < 2)
		return 0;
	if (strncmp((*argv)[1], &c->argument[1], 2) != 0)
		return ctl_wrong(ctl, "unexpected argument", (*argv)[1]);
	if ((*argv)[1][2] != '\0') {
		(*argv)[1] += 2;
		return 0;
	}
	if (*argc == 2)
		return ctl_wrong(
		    ctl, "the number is missing behind", (*argv)[1]);
	(*argv)++;
	(*argc)--;
	return 0;
}

/* Run the command, which has at most one argument. */
static int
run_command(struct ctl *ctl, int argc, char **argv)
{
	const struct command *c;

	if (argc < 1)
		return ctl_complain(
		    ctl, "a command is missing (try ntpctl --help)");
	argc = take_json(ctl, argc, argv);
	c = find_command(argv[0]);
	if (c == NULL)
		return ctl_wrong(
		    ctl, "unknown command (try ntpctl --help):", argv[0]);
	if (take_letter(ctl, c, &argc, &argv) != 0)
		return 1;
	if (argc > (c->argument == NULL ? 1 : 2))
		return ctl_wrong(ctl, "unexpected argument", argv[argc - 1]);
	if (argc == 1 && c->argument != NULL && c->argument[0] != '[')
		return ctl_wrong(
		    ctl, "what is missing is its argument:", c->argument);
	return c->run(ctl, argc == 2 ? argv[1] : NULL);
}

/* Is the option spelt out?  getopt_long() also accepts abbreviations. */
static bool
is_whole(const char *argument, const char *name)
{
	size_t len = strlen(name);

	return strncmp(argument, "--", 2) != 0 ||
	    (strncmp(argument + 2, name, len) == 0 &&
		(argument[2 + len] == '\0' || argument[2 + len] == '='));
}

/* Returns -1 to go on, or the exit status to end with. */
static int
take_option(struct ctl *ctl, int opt)
{
	switch (opt) {
	case 'j':
		ctl->json = true;
		return -1;
	case 's':
		if (*optarg == '\0')
			return ctl_wrong(ctl,
			    "-s: expected the path of a socket, found", optarg);
		ctl->socket = optarg;
		return -1;
	case 'h':
		usage(stdout);
		break;
	default: /* V */
		printf("ntpctl %s\n", VERSION);
		break;
	}
	return fflush(stdout) == EOF ? output_failed() : 0;
}

/* Likewise for all options. */
static int
read_options(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "socket", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int opt, at = 1, index = -1, rc = -1;

	while (rc == -1 &&
	    (opt = getopt_long(argc, argv, "+:js:hV", options, &index)) != -1) {
		if (opt == ':')
			rc = ctl_wrong(
			    ctl, "the socket is missing behind", argv[at]);
		else if (opt == '?' ||
		    (index != -1 && !is_whole(argv[at], options[index].name)))
			rc = ctl_wrong(ctl,
			    "unknown option (try ntpctl --help):", argv[at]);
		else
			rc = take_option(ctl, opt);
		at = optind;
		index = -1;
	}
	return rc;
}

/* TERM says whether the terminal can move its cursor and show colours. */
static bool
is_terminal(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) != 0 && term != NULL &&
	    strcmp(term, "dumb") != 0;
}

/* See no-color.org. */
static bool
wants_colour(const struct ctl *ctl)
{
	const char *no = getenv("NO_COLOR");

	return ctl->terminal && (no == NULL || *no == '\0');
}

int
main(int argc, char **argv)
{
	static struct ctl ctl;
	int rc;

	stdfds_open(); /* so that no output can go to a socket */
	ctl.client.fd = -1;
	ctl.terminal = is_terminal();
	ctl.show = (struct show){ .out = stdout, .colour = wants_colour(&ctl) };
	rc = read_options(&ctl, argc, argv);
	if (rc == -1)
		rc = run_command(&ctl, argc - optind, argv + optind);
	client_close(&ctl.client);
	if (fflush(stdout) == EOF || ferror(stdout) != 0)
		return output_failed();
	return rc;
}
