/*
 * A local user who sends descriptors to whom he may only ask for the status.
 * usage: control_linger SOCKET SECONDS PORT: all kinds, for so long, on
 * connections of which he has more than there are places.  Says how many were
 * sent and how many the kernel refused.  At the port of loopback somebody must
 * be who reads nothing and outlives this: "control_linger sink" is.
 */
#include <sys/time.h>
#include <sys/un.h>

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/msg.h"
#include "tests/linger.h"

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

static void
on_tick(int sig)
{
	(void)sig;
}

/* Where whoever got a descriptor closes it before us, we do not wait either. */
static void
tick(void)
{
	const struct sigaction sa = { .sa_handler = on_tick };
	const struct itimerval ticks = { { 0, 10000 }, { 0, 10000 } };

	if (sigaction(SIGALRM, &sa, NULL) == -1 ||
	    setitimer(ITIMER_REAL, &ticks, NULL) == -1)
		err(1, "ticks");
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
			n = i; /* a tick came in between, perhaps */
	if (n == 0)
		return;
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

/* Take connections, and keep the last of them. */
static void
read_nothing(void)
{
	int kept[500], n = 0, listener = linger_sink(&sink);

	if (listener == -1)
		err(1, "no place to send to");
	printf("%d\n", ntohs(sink.sin_port));
	(void)fflush(stdout); /* whoever waits for it will see */
	for (;; n++) {
		int *place = &kept[n % 500];

		if (n >= 500)
			(void)close(*place);
		*place = accept(listener, NULL, NULL);
	}
}

int
main(int argc, char **argv)
{
	int held[HELD], kind = 0;
	double end;

	if (argc == 2)
		read_nothing();
	if (argc != 4)
		errx(1, "usage: control_linger SOCKET SECONDS PORT");
	end = linger_now() + atof(argv[2]);
	sink = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)atoi(argv[3])) };
	for (int i = 0; i < HELD; i++)
		held[i] = -1;
	tick();
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
