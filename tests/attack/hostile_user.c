/*
 * A local user whom the control socket admits, and who is no operator:
 *
 *	hostile-user linger SOCKET PORT	lends connections to a port of this
 *					machine whose close waits for an hour,
 *					to ntp-observe and, beside a request
 *					for a change, to ntpd
 *	hostile-user hold SOCKET		opens connections and says nothing
 *	hostile-user flood SOCKET		asks for all that may be asked, and for
 *					what may not, as fast as it is taken
 *	hostile-user sync SOCKET		asks for a release of the clock
 *
 * The first three go on until they are ended.
 */
#include <sys/resource.h>
#include <sys/socket.h>

#include <err.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/ctlpath.h"
#include "tests/attack/asking.h"
#include "tests/attack/hostile.h"
#include "tests/attack/lingering.h"

#define CONNECTIONS 200
#define LINGERING   6

static void
hold(const char *path)
{
	int count = 0;

	/* More wait to be accepted than are served: the rest blocks. */
	(void)alarm(2);
	while (count < CONNECTIONS &&
	    ask_connect(path, count % 2 == 0 ? "" : CTL_CHANGE_SUFFIX) != -1)
		count++;
	(void)poll(NULL, 0, 10000); /* until a signal */
}

static void
ask(int fd, uint32_t command)
{
	struct msg_ctl_ask m = { .h = { MSG_CTL_ASK, sizeof(m) },
		.version = CTL_VERSION,
		.command = command };

	(void)send(fd, &m, sizeof(m),
	    MSG_DONTWAIT | MSG_NOSIGNAL); /* some get through */
}

/* To ntp-observe, or to ntpd beside a request for a change. */
static void
lend(const char *path, int socket_fd, bool change)
{
	struct msg_ctl_change m = { .h = { MSG_CTL_CHANGE, sizeof(m) },
		.version = CTL_VERSION,
		.command = CTL_RELOAD };
	int fd = ask_connect(path, change ? CTL_CHANGE_SUFFIX : "");

	if (fd == -1)
		err(1, "%s", path);
	(void)hostile_send(fd, &m, sizeof(m), socket_fd);
	(void)hostile_send(fd, &m, sizeof(m), socket_fd);
	(void)close(socket_fd); /* not the last one that has it */
}

static void
linger(const char *path, uint16_t port)
{
	int fds[LINGERING];

	for (int i = 0; i < LINGERING; i++)
		if ((fds[i] = lingering_socket(port)) == -1)
			err(1, "port %u", port);
	for (int i = 0; i < LINGERING; i++)
		lend(path, fds[i], i % 2 == 0);
	printf("lent\n");
	(void)fflush(stdout);
	(void)poll(NULL, 0, -1); /* until a signal */
}

static void
flood(const char *path)
{
	int fds[8];

	for (uint32_t i = 0;; i++) {
		int *fd = &fds[i % 8];

		if (i >= 8)
			(void)close(*fd); /* answers are not read */
		*fd = ask_connect(path, i % 3 == 0 ? CTL_CHANGE_SUFFIX : "");
		if (*fd == -1)
			err(1, "%s", path);
		for (uint32_t command = 0; command < 10; command++)
			ask(*fd, command);
	}
}

int
main(int argc, char **argv)
{
	char said[REASON_LEN + 32];

	if (argc < 3)
		errx(2,
		    "usage: hostile-user hold|linger|flood|sync socket [port]");
	if (strcmp(argv[1], "hold") == 0)
		hold(argv[2]);
	else if (strcmp(argv[1], "linger") == 0 && argc == 4)
		linger(argv[2], (uint16_t)atoi(argv[3]));
	else if (strcmp(argv[1], "flood") == 0)
		flood(argv[2]);
	else if (strcmp(argv[1], "sync") == 0) {
		ask_for_change(argv[2], CTL_SYNC, 0, said, sizeof(said));
		printf("%s\n", said);
	}
	return 0;
}
