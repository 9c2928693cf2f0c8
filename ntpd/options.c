/*
 * The command line of ntpd.  Runs first, with whatever privileges the program
 * was started with; it opens nothing and changes nothing.
 */
#include <err.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ntpd/conf/value.h"
#include "ntpd/options.h"

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif

/* Values for long options without a letter. */
enum { OPTION_PIDFILE = 256, OPTION_USER };

static const char usage_text[] =
    "usage: ntpd [-dnqvx] [-c line] [-f file] [-p host] [--pidfile file]\n"
    "            [--user name]\n";

static const struct option long_options[] = {
	{ "config-line", required_argument, NULL, 'c' },
	{ "debug", no_argument, NULL, 'd' },
	{ "file", required_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ "check", no_argument, NULL, 'n' },
	{ "peer", required_argument, NULL, 'p' },
	{ "once", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },
	{ "no-clock", no_argument, NULL, 'x' },
	{ "pidfile", required_argument, NULL, OPTION_PIDFILE },
	{ "user", required_argument, NULL, OPTION_USER },
	{ NULL, 0, NULL, 0 },
};

static void wrong(const char *fmt, ...) NORETURN PRINTF_LIKE(1, 2);

/* Report an error in the command line, and exit. */
static void
wrong(const char *fmt, ...)
{
	va_list ap;

	(void)fputs("ntpd: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "\n%s", usage_text);
	exit(1);
}

static void show(const char *text) NORETURN;

/* Print the text that was asked for, and exit. */
static void
show(const char *text)
{
	if (fputs(text, stdout) == EOF || fflush(stdout) == EOF)
		err(1, "standard output");
	exit(0);
}

/*
 * Split host[:port]: *host_len characters at *host, and the port, or NULL if
 * there is none.  False if the brackets are not well-formed.
 */
static bool
split_peer(
    const char *peer, const char **host, size_t *host_len, const char **port)
{
	const char *end, *colon = strchr(peer, ':');

	*port = NULL;
	*host = peer;
	if (peer[0] == '[') {
		end = strchr(peer, ']');
		if (end == NULL || (end[1] != ':' && end[1] != '\0'))
			return false;
		*host = peer + 1;
		*host_len = (size_t)(end - *host);
		if (end[1] == ':')
			*port = end + 2;
		return memchr(*host, ':', *host_len) != NULL;
	}
	if (colon == NULL || strchr(colon + 1, ':') != NULL) {
		*host_len = strlen(peer);
		return true; /* no port; may be an IPv6 address */
	}
	*host_len = (size_t)(colon - peer);
	*port = colon + 1;
	return true;
}

int
options_peer_text(const char *peer, char text[OPTIONS_PEER_LEN])
{
	const char *host, *port;
	char name[NAME_LEN];
	int64_t number = NTP_PORT;
	size_t len;

	text[0] = '\0';
	if (!split_peer(peer, &host, &len, &port) || len >= sizeof(name))
		return -1;
	memcpy(name, host, len);
	name[len] = '\0';
	if (value_host_problem(name) != NULL)
		return -1;
	if (port != NULL &&
	    (value_number(port, &number) != VALUE_OK || number < 1 ||
		number > UINT16_MAX))
		return -1;
	(void)snprintf(text, OPTIONS_PEER_LEN, "%s \"%s\" port %u\n",
	    value_is_address(name) ? "server" : "pool", name,
	    (unsigned int)number);
	return 0;
}

static void
add_peer(struct options *o, const char *peer)
{
	if (o->peer_count == OPTIONS_LINES_MAX)
		wrong("more than %d times -p", OPTIONS_LINES_MAX);
	if (options_peer_text(peer, o->peers[o->peer_count]) == -1)
		wrong("-p %.80s: expected host, host:port, address or "
		      "[address]:port",
		    peer);
	o->peer_count++;
}

static void
add_line(struct options *o, const char *line)
{
	if (o->line_count == OPTIONS_LINES_MAX)
		wrong("more than %d times -c", OPTIONS_LINES_MAX);
	o->lines[o->line_count++] = line;
}

/* The next text, named by its option and number. */
static void
add_text(struct options *o, const char *option, size_t number, const char *text)
{
	char *name = o->names[o->text_count];

	(void)snprintf(
	    name, OPTIONS_NAME_LEN, "%s#%u", option, (unsigned int)number);
	o->texts[o->text_count].name = name;
	o->texts[o->text_count].text = text;
	o->text_count++;
}

static void
collect_texts(struct options *o)
{
	for (size_t i = 0; i < o->peer_count; i++)
		add_text(o, "-p", i + 1, o->peers[i]);
	for (size_t i = 0; i < o->line_count; i++)
		add_text(o, "-c", i + 1, o->lines[i]);
}

/* Options that only set a flag. */
static bool
take_flag(struct options *o, int c)
{
	switch (c) {
	case 'd':
		o->debug = true;
		return true;
	case 'n':
		o->check = true;
		return true;
	case 'q':
		o->once = true;
		return true;
	case 'v':
		o->verbose++;
		return true;
	case 'x':
		o->no_clock = true;
		return true;
	default:
		return false;
	}
}

static void
take_option(struct options *o, int c)
{
	if (take_flag(o, c))
		return;
	switch (c) {
	case 'c':
		add_line(o, optarg);
		break;
	case 'f':
		o->file = optarg;
		break;
	case 'h':
		show(usage_text);
	case 'p':
		add_peer(o, optarg);
		break;
	case 'V':
		show("ntpd " VERSION "\n");
	case OPTION_PIDFILE:
		o->pidfile = optarg;
		break;
	case OPTION_USER:
		o->user = optarg;
		break;
	default:
		(void)fputs(usage_text, stderr); /* getopt named it */
		exit(1);
	}
}

/*
 * getopt_long() accepts an abbreviated name, which may be a mistyped other
 * option: accept only whole names.
 */
static void
check_whole(char **argv, int index)
{
	const struct option *o = &long_options[index];
	bool apart = o->has_arg != no_argument && optarg == argv[optind - 1];
	const char *found = argv[optind - (apart ? 2 : 1)] + 2;
	size_t len = strlen(o->name);

	if (strncmp(found, o->name, len) != 0 ||
	    (found[len] != '\0' && found[len] != '='))
		wrong("unknown option --%.*s: --%s must be spelt out",
		    (int)(strcspn(found, "=") > 80 ? 80 : strcspn(found, "=")),
		    found, o->name);
}

int
options_descriptor(const struct options *o)
{
	static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };
	int64_t fd;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		size_t len = strlen(folders[i]);

		if (o->read_file && strncmp(o->file, folders[i], len) == 0 &&
		    value_number(o->file + len, &fd) == VALUE_OK &&
		    fd <= INT_MAX)
			return (int)fd;
	}
	return -1;
}

void
options_parse(int argc, char **argv, struct options *o)
{
	int c, index = -1;

	memset(o, 0, sizeof(*o));
	optind = 0; /* glibc's way to start afresh */
	while ((c = getopt_long(
		    argc, argv, "c:df:hnp:qvVx", long_options, &index)) != -1) {
		if (index != -1)
			check_whole(argv, index);
		take_option(o, c);
		index = -1;
	}
	if (optind < argc)
		wrong("unexpected argument \"%.80s\"", argv[optind]);
	o->read_file =
	    o->file != NULL || (o->peer_count == 0 && o->line_count == 0);
	if (o->file == NULL)
		o->file = SYSCONFDIR "/ntpd.conf";
	if (o->file[0] == '\0')
		wrong("-f needs the name of a file");
	if (o->read_file)
		o->texts[o->text_count++].name = o->file;
	collect_texts(o);
}

size_t
options_texts(const struct options *o, const struct conf_text **texts)
{
	*texts = o->texts;
	return o->text_count;
}

enum log_level
options_log_level(const struct options *o, enum log_level configured)
{
	int level = (int)configured;

	if (o->verbose > 1 || level + o->verbose > LOG_LEVEL_DEBUG)
		return LOG_LEVEL_DEBUG;
	return (enum log_level)(level + o->verbose);
}
