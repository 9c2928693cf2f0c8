/*
 * A local user who sends descriptors to whom he may only ask for the status.
 * usage: control_linger SOCKET SECONDS: all kinds, for so long, on connections
 * of which he has more than there are places.  Says how many were sent and how
 * many the kernel refused.
 */
#include <sys/un.h>

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "linger.h"
#include "msg.h"

#define HELD 24

static struct sockaddr_in sink;
static int sent, refused, failed;

static int
connect_to(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd =
	    socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static bool
count(ssize_t n)
{
	if (n >= 0)
		sent++;
	else if (errno == EPERM)
		refused++;
	else
		failed++;
	return n >= 0;
}

/* Of every kind in turn: alone, behind others, many, in another socket. */
static void
attack(int fd, int kind)
{
	struct msg_ctl_ask ask = { .h = { MSG_CTL_ASK, sizeof(ask) },
		.version = CTL_VERSION,
		.command = CTL_LOG };
	int fds[16], n = kind % 5 == 2 ? 16 : 1, pair[2];
	bool gone;

	for (int i = 0; i < n; i++)
		if ((fds[i] = linger_socket(&sink)) == -1)
			err(1, "a socket that lingers");
	if (kind % 5 == 1)
		(void)count(linger_send(fd, &ask, sizeof(ask), NULL, 0));
	if (kind % 5 == 3)
		(void)count(linger_send(fd, "", 0, NULL, 0));
	if (kind % 5 == 4 &&
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0) {
		(void)count(linger_send(pair[0], "x", 1, fds, n));
		gone = count(linger_send(fd, &ask, sizeof(ask), pair, 2));
		linger_close(fds, n, gone); /* before what has them */
		(void)close(pair[0]);
		(void)close(pair[1]);
		return;
	}
	gone = count(linger_send(fd, &ask, sizeof(ask), fds, n));
	linger_close(fds, n, gone);
}

int
main(int argc, char **argv)
{
	int held[HELD], kind = 0;
	double end;

	if (argc != 3)
		errx(1, "usage: control_linger SOCKET SECONDS");
	end = linger_now() + atof(argv[2]);
	if (linger_sink(&sink) == -1)
		err(1, "a place to send to");
	for (int i = 0; i < HELD; i++)
		held[i] = -1;
	while (linger_now() < end) {
		int *place = &held[kind % HELD];

		if (*place != -1)
			(void)close(*place);
		*place = connect_to(argv[1]);
		if (*place != -1)
			attack(*place, kind);
		else
			(void)poll(NULL, 0, 5);
		kind++;
	}
	printf("sent %d refused %d failed %d\n", sent, refused, failed);
	return 0;
}
