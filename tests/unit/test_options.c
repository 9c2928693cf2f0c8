/*
 * The command line: what each option sets, what -p becomes, and that it accepts
 * only a name, an address and a port.
 */
#include <sys/types.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ntpd/conf/conf.h"
#include "ntpd/options.h"
#include "tests/tap.h"

#define ARGS_MAX 140

static struct options options;
static struct conf conf;

/* Parse a command line; the arguments end with NULL. */
static void
parse(const char *const *args)
{
	static char storage[ARGS_MAX][512];
	char *argv[ARGS_MAX + 1];
	int argc = 0;

	for (; args[argc] != NULL && argc < ARGS_MAX; argc++) {
		(void)snprintf(
		    storage[argc], sizeof(storage[argc]), "%s", args[argc]);
		argv[argc] = storage[argc];
	}
	argv[argc] = NULL;
	options_parse(argc, argv, &options);
}

#define PARSE(...) parse((const char *const[]){ "ntpd", __VA_ARGS__, NULL })

/* The exit status of parsing in a child; 100 if it did not exit. */
static int
exit_of(const char *const *args)
{
	int status, null;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		null = open("/dev/null", O_WRONLY);
		(void)dup2(null, STDOUT_FILENO);
		(void)dup2(null, STDERR_FILENO);
		parse(args);
		_exit(100);
	}
	if (pid == -1 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

#define EXIT_OF(...) exit_of((const char *const[]){ "ntpd", __VA_ARGS__, NULL })

struct peer {
	const char *peer;
	const char *text; /* NULL: refused */
};

/* clang-format off */
static const struct peer peers[] = {
	{ "pool.ntp.org", "pool \"pool.ntp.org\" port 123\n" },
	{ "pool.ntp.org:1123", "pool \"pool.ntp.org\" port 1123\n" },
	{ "localhost", "pool \"localhost\" port 123\n" },
	{ "192.0.2.1", "server \"192.0.2.1\" port 123\n" },
	{ "192.0.2.1:1", "server \"192.0.2.1\" port 1\n" },
	{ "2001:db8::1", "server \"2001:db8::1\" port 123\n" },
	{ "::1", "server \"::1\" port 123\n" },
	{ "[2001:db8::1]", "server \"2001:db8::1\" port 123\n" },
	{ "[2001:db8::1]:65535", "server \"2001:db8::1\" port 65535\n" },
	{ "[fe80::1%eth0]:9", "server \"fe80::1%eth0\" port 9\n" },
	{ "server", "pool \"server\" port 123\n" },
	{ "", NULL },
	{ ":123", NULL },
	{ "a:", NULL },
	{ "a:0", NULL },
	{ "a:65536", NULL },
	{ "a:1:2", NULL },
	{ "a:1x", NULL },
	{ "a: 1", NULL },
	{ "a b", NULL },
	{ "a\nlog level error", NULL },
	{ "a\" port 1\nserver \"b", NULL },
	{ "a\"", NULL },
	{ "a\\", NULL },
	{ "$a", NULL },
	{ "a#b", NULL },
	{ "[::1", NULL },
	{ "[::1]1", NULL },
	{ "[::1]:", NULL },
	{ "[localhost]:1", NULL },
	{ "[192.0.2.1]", NULL },
	{ "::1]", NULL },
	{ "fe80::1%\"x", NULL },
	{ "1.2.3", NULL },
};
/* clang-format on */

static void
test_peers(void)
{
	char text[OPTIONS_PEER_LEN], long_name[400];

	for (size_t i = 0; i < sizeof(peers) / sizeof(peers[0]); i++) {
		const struct peer *p = &peers[i];
		int rc = options_peer_text(p->peer, text);

		OK(p->text == NULL ? rc == -1 && text[0] == '\0'
				   : rc == 0 && strcmp(text, p->text) == 0,
		    "-p number %zu is %s", i,
		    p->text == NULL ? "refused" : "taken");
	}
	memset(long_name, 'a', sizeof(long_name));
	for (size_t i = 1; i < sizeof(long_name); i += 2)
		long_name[i] = '.';
	long_name[253] = '\0';
	OK(options_peer_text(long_name, text) == 0, "a name of 253");
	memcpy(long_name + 253, ":65535", 7);
	OK(options_peer_text(long_name, text) == 0 &&
		strcmp(text + strlen(text) - 7, " 65535\n") == 0,
	    "with a port");
	long_name[253] = 'a';
	OK(options_peer_text(long_name, text) == -1, "a longer one");
}

static void
test_flags(void)
{
	PARSE("-d");
	OK(options.debug && !options.check && !options.once &&
		!options.no_clock && options.verbose == 0 &&
		options.pidfile == NULL && options.user == NULL,
	    "-d and nothing else");
	OK(options.read_file && strstr(options.file, "/ntpd.conf") != NULL,
	    "the default file");
	PARSE("-nqvvx", "--pidfile", "p", "--user=u", "-f", "file");
	OK(options.check && options.once && options.no_clock &&
		options.verbose == 2 && !options.debug,
	    "flags together");
	OK(strcmp(options.pidfile, "p") == 0 &&
		strcmp(options.user, "u") == 0 &&
		strcmp(options.file, "file") == 0 && options.read_file,
	    "options with a value");
	PARSE("--debug", "--check", "--once", "--verbose", "--no-clock",
	    "--file=f", "--peer=a", "--config-line=x");
	OK(options.debug && options.check && options.once &&
		options.verbose == 1 && options.no_clock && options.read_file &&
		options.peer_count == 1 && options.line_count == 1,
	    "long names");
}

/* An abbreviated option may be a mistake for another one. */
static void
test_whole_names(void)
{
	static const char *const bad[] = { "--config", "--conf", "--config=x",
		"--ver", "--no", "--use", "--p" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		IS_I64(
		    exit_of((const char *const[]){ "ntpd", bad[i], "x", NULL }),
		    1, "%s is no option", bad[i]);
	PARSE("--config-line", "--check", "--file", "--debug");
	OK(options.line_count == 1 &&
		strcmp(options.lines[0], "--check") == 0 &&
		strcmp(options.file, "--debug") == 0 && !options.debug,
	    "a value may look like an option");
}

/* The path that the shell makes of <(command). */
static void
test_descriptor(void)
{
	PARSE("-f", "/dev/fd/63");
	IS_I64(options_descriptor(&options), 63, "/dev/fd/63");
	PARSE("-n", "-f", "/proc/self/fd/5");
	IS_I64(options_descriptor(&options), 5, "/proc/self/fd/5");
	PARSE("-f", "/dev/fd/63x");
	IS_I64(options_descriptor(&options), -1, "no number");
	PARSE("-f", "/etc/ntpd.conf");
	IS_I64(options_descriptor(&options), -1, "an ordinary file");
	PARSE("-p", "a");
	IS_I64(options_descriptor(&options), -1, "no file at all");
}

static void
test_texts(void)
{
	const struct conf_text *texts;
	size_t n;

	PARSE("-p", "a", "-c", "log level error", "-p", "b:9", "-f", "/f", "-c",
	    "server c");
	n = options_texts(&options, &texts);
	IS_I64(n, 5, "five texts");
	OK(strcmp(texts[0].name, "/f") == 0 && texts[0].text == NULL,
	    "first the file");
	OK(strcmp(texts[1].name, "-p#1") == 0 &&
		strcmp(texts[2].name, "-p#2") == 0 &&
		strcmp(texts[2].text, "pool \"b\" port 9\n") == 0,
	    "then the peers");
	OK(strcmp(texts[3].name, "-c#1") == 0 &&
		strcmp(texts[3].text, "log level error") == 0 &&
		strcmp(texts[4].name, "-c#2") == 0,
	    "then the lines");
	PARSE("-p", "a", "-c", "log level error");
	n = options_texts(&options, &texts);
	OK(n == 2 && !options.read_file, "no file with -p or -c and no -f");
	conf_init(&conf);
	OK(conf_read(&conf, texts, n, stdout) == 0 && conf.source_count == 1 &&
		conf.sources[0].kind == SOURCE_POOL &&
		conf.sources[0].count == 4 && conf.log_level == LOG_LEVEL_ERROR,
	    "the parser takes them");
}

static void
test_level(void)
{
	PARSE("-d");
	IS_I64(options_log_level(&options, LOG_LEVEL_WARNING),
	    LOG_LEVEL_WARNING, "no -v");
	PARSE("-v");
	IS_I64(options_log_level(&options, LOG_LEVEL_WARNING), LOG_LEVEL_INFO,
	    "-v is one more");
	IS_I64(options_log_level(&options, LOG_LEVEL_DEBUG), LOG_LEVEL_DEBUG,
	    "there is no more than debug");
	PARSE("-vv");
	IS_I64(options_log_level(&options, LOG_LEVEL_ERROR), LOG_LEVEL_DEBUG,
	    "-vv is for debugging");
}

static void
test_exit(void)
{
	const char *many[ARGS_MAX] = { "ntpd" };

	IS_I64(EXIT_OF("-n"), 100, "a good command line goes on");
	IS_I64(EXIT_OF("-V"), 0, "-V");
	IS_I64(EXIT_OF("--version"), 0, "--version");
	IS_I64(EXIT_OF("-h"), 0, "-h");
	IS_I64(EXIT_OF("--help"), 0, "--help");
	IS_I64(EXIT_OF("-z"), 1, "an unknown option");
	IS_I64(EXIT_OF("--bogus"), 1, "an unknown long option");
	IS_I64(EXIT_OF("-f"), 1, "a missing value");
	IS_I64(EXIT_OF("-f", ""), 1, "an empty file name");
	IS_I64(EXIT_OF("-d", "file"), 1, "an argument");
	IS_I64(EXIT_OF("-p", "a b"), 1, "a bad peer");
	for (int i = 1; i < 129; i++)
		many[i] = i % 2 == 1 ? "-c" : "x";
	IS_I64(exit_of(many), 100, "64 lines");
	many[129] = "-cx";
	IS_I64(exit_of(many), 1, "65 lines");
	for (int i = 1; i < 129; i += 2)
		many[i] = "-p";
	many[129] = NULL;
	IS_I64(exit_of(many), 100, "64 peers");
	many[129] = "-px";
	IS_I64(exit_of(many), 1, "65 peers");
}

int
main(void)
{
	test_peers();
	test_flags();
	test_whole_names();
	test_descriptor();
	test_texts();
	test_level();
	test_exit();
	return DONE();
}
