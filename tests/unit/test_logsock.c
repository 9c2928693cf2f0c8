/*
 * The log daemon's socket: a daemon that hangs, ends, or comes back.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <err.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "ntpd/logsock.h"
#include "tests/tap.h"

static char folder[] = "/tmp/ntpd-logsock-XXXXXX";
static char path[sizeof(folder) + 8];

/* A log daemon that reads only when told. */
static int
log_daemon(int type)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_NONBLOCK, 0);

	(void)unlink(path);
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	if (fd == -1 || bind(fd, (struct sockaddr *)&at, sizeof(at)) == -1 ||
	    (type == SOCK_STREAM && listen(fd, 1) == -1))
		err(1, "%s", path);
	return fd;
}

/* Its next line, "" if none. */
static const char *
next_line(int fd)
{
	static char line[4096];
	ssize_t n = recv(fd, line, sizeof(line) - 1, 0);

	line[n > 0 ? n : 0] = '\0';
	return line;
}

static bool
ends_with(const char *line, const char *end)
{
	size_t len = strlen(line), end_len = strlen(end);

	return len >= end_len && strcmp(line + len - end_len, end) == 0;
}

static void
test_line(void)
{
	struct logsock l;
	char head[64], want[128];
	int fd = log_daemon(SOCK_DGRAM);
	time_t now = time(NULL);
	const char *line;

	logsock_open(&l, path);
	logsock_write(&l, LOG_INFO, "ntpd: hello");
	line = next_line(fd);
	(void)strftime(head, sizeof(head), "%b %e %H:", localtime(&now));
	(void)snprintf(want, sizeof(want), "<%d>%s", 3 * 8 + 6, head);
	OK(strncmp(line, want, strlen(want)) == 0 ||
		time(NULL) / 3600 != now / 3600,
	    "priority and local time first: %s", line);
	(void)snprintf(
	    want, sizeof(want), " ntpd[%d]: ntpd: hello", (int)getpid());
	OK(ends_with(line, want), "then name, number, and text: %s", line);
	(void)close(fd);
	(void)close(l.fd);
}

static void
test_hung(void)
{
	struct logsock l;
	int fd = log_daemon(SOCK_DGRAM), count = 0;
	pid_t reader;
	char want[80];
	const char *line = "";

	(void)alarm(10); /* a write that blocks ends the test */
	logsock_open(&l, path);
	for (int i = 0; i < 5000; i++)
		logsock_write(&l, LOG_INFO, "ntpd: again");
	OK(l.unread > 0,
	    "5000 lines to a daemon that hangs: "
	    ""
	    "%u are left out",
	    l.unread);
	while (*next_line(fd) != '\0')
		count++;
	IS_I64(count + (int64_t)l.unread, 5000, "each is there or counted");
	(void)snprintf(want, sizeof(want),
	    ": ntpd: %u lines were left out here, since nobody read them",
	    l.unread);
	logsock_write(&l, LOG_INFO, "ntpd: later");
	line = next_line(fd);
	OK(ends_with(line, want), "it reads again: %s", line);
	OK(ends_with(next_line(fd), "ntpd: later"), "and the next line comes");
	IS_I64(l.unread, 0, "and nothing is left to be said");
	reader = fork();
	if (reader == 0) {
		for (;;) {
			(void)usleep(1000);
			(void)next_line(fd);
		}
	}
	for (int i = 0; i < 500; i++)
		logsock_write(&l, LOG_INFO, "ntpd: again");
	IS_I64(l.unread, 0, "one that is only slow loses none of 500");
	if (reader != -1)
		(void)kill(reader, SIGKILL);
	(void)waitpid(reader, NULL, 0);
	(void)close(fd);
	(void)close(l.fd);
	(void)alarm(0);
}

static void
test_new_daemon(void)
{
	struct logsock l;
	int fd;

	(void)unlink(path);
	logsock_open(&l, path);
	logsock_write(&l, LOG_INFO, "ntpd: nobody");
	IS_I64(l.unread, 1, "without a daemon a line is counted");
	fd = log_daemon(SOCK_DGRAM);
	logsock_write(&l, LOG_INFO, "ntpd: first");
	OK(strstr(next_line(fd), "1 lines were left out") != NULL,
	    "one that comes is found, and told");
	OK(ends_with(next_line(fd), "ntpd: first"), "and has the next line");
	(void)close(fd);
	fd = log_daemon(SOCK_DGRAM);
	logsock_write(&l, LOG_INFO, "ntpd: second");
	OK(ends_with(next_line(fd), "ntpd: second"), "so has one after it");
	(void)close(fd);
	(void)close(l.fd);
}

static void
test_stream(void)
{
	struct logsock l;
	int fd = log_daemon(SOCK_STREAM), from;
	const char *line;

	(void)alarm(10);
	logsock_open(&l, path);
	logsock_write(&l, LOG_ERR, "ntpd: one");
	from = accept(fd, NULL, NULL);
	line = next_line(from);
	OK(ends_with(line, "ntpd: one"), "a daemon with a stream: %s", line);
	for (int i = 0; i < 5000; i++)
		logsock_write(&l, LOG_INFO, "ntpd: again");
	OK(l.unread > 0, "that hangs: none waits");
	(void)close(from);
	(void)close(fd);
	if (l.fd != -1)
		(void)close(l.fd);
	(void)alarm(0);
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		err(1, "%s", folder);
	(void)snprintf(path, sizeof(path), "%s/log", folder);
	test_line();
	test_hung();
	test_new_daemon();
	test_stream();
	(void)unlink(path);
	(void)rmdir(folder);
	return DONE();
}
