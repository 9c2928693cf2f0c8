/*
 * ntp-observe, broken into: it has the control socket, and the connections of
 * those who ask there, operators among them.
 *
 * Plans:
 *
 *	borrow		asks ntpd for a change on each connection that it gets
 *	listener	the same with the socket that listens, and with its own
 *			channel: whose other end is ntpd
 *	asks		asks ntp-net for its status as fast as that is taken
 *	descriptors	the control socket, for ntpd, with messages that bring none
 *	chatter, forbidden, hang, crash: see hostile.h
 */
#include <sys/socket.h>

#include <poll.h>
#include <unistd.h>

#include "common/child.h"
#include "common/log.h"
#include "ntp-net/observe/profile.h"
#include "tests/attack/hostile.h"

static int listener = -1;
static struct channel net;

static void
from_ntpd(int ms)
{
	struct pollfd pfd = { hostile_parent.fd, POLLIN, 0 };
	struct timespec wait = { ms / 1000, ms % 1000 * NS_PER_MS };
	enum msg_result result;
	union msg msg;
	int fd;

	(void)ppoll(&pfd, 1, &wait, NULL); /* then it is tried */
	while ((result = msg_recv(&hostile_parent, &msg, &fd)) == MSG_GOT) {
		if (msg.h.type == MSG_SOCKET) {
			listener = fd;
		} else if (msg.h.type == MSG_PEER) {
			channel_close(&net);
			net.fd = fd;
		} else if (fd != -1) {
			(void)close(fd); /* of no use */
		}
	}
	if (result == MSG_CLOSED)
		_exit(0);
}

/* The table has no such message any more, nor may a descriptor come with it. */
static void
change(int fd, enum ctl_command command)
{
	struct msg_ctl_change m = { .h = { MSG_CTL_CHANGE, sizeof(m) },
		.version = CTL_VERSION,
		.command = (uint32_t)command };

	if (hostile_send(hostile_parent.fd, &m, sizeof(m), fd) == -1)
		from_ntpd(10); /* it is full, or gone */
}

/* Whoever connects to ask for the status is said to ask for a change. */
static NORETURN void
borrow(void)
{
	uint32_t count = 0;
	int fd;

	for (;;) {
		from_ntpd(100);
		if (listener == -1)
			continue;
		fd =
		    accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd == -1)
			continue;
		log_warning("evil: borrows a connection");
		change(fd, count++ % 2 == 0 ? CTL_SYNC : CTL_RELOAD);
		(void)close(fd); /* ntpd has it */
	}
}

static NORETURN void
lend_own(void)
{
	for (;;) {
		from_ntpd(1);
		if (listener != -1)
			change(listener, CTL_SYNC);
		change(hostile_parent.fd, CTL_SYNC);
	}
}

static NORETURN void
asks(void)
{
	uint32_t sent = 0;

	for (;;) {
		struct msg_status_ask m = { .id = sent++ };

		if (sent % 1024 == 1 || net.fd == -1)
			from_ntpd(1);
		msg_offer(&net, MSG_STATUS_ASK, &m);
	}
}

static NORETURN void
descriptors(void)
{
	while (listener == -1)
		from_ntpd(100);
	hostile_descriptors(listener);
}

static const struct strategy strategies[] = {
	{ "borrow", borrow },
	{ "listener", lend_own },
	{ "asks", asks },
	{ "descriptors", descriptors },
	{ "chatter", hostile_chatter },
	{ "forbidden", hostile_forbidden },
	{ "hang", hostile_hang },
	{ "crash", hostile_crash },
	{ NULL, NULL },
};

int
main(void)
{
	hostile_read_plan();
	net = channel_none(PROC_OBSERVE, PROC_NET);
	(void)child_begin(PROC_OBSERVE, &observe_profile, &hostile_parent,
	    NULL); /* sets no clock */
	hostile_run(strategies);
}
