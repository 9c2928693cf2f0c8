/*
 * A program of ntpd that was broken into, whichever it is called: it begins as
 * that one does, in the real sandbox, and then breaks the rules in the way that
 * the file "mode" beside it says, one line, read before the sandbox:
 *
 *	flood		log, state and further messages to ntpd, without end
 *	ready		it says twice that it is ready
 *	bad		a message to ntpd that is no message
 *	fault		it reads where nothing is
 *	exit		it ends with status 1
 *	bad PEER	a message to another program that may not be
 *	flood PEER	messages to another program that may be, without end
 *	accuse PEER	ten accusations a second
 *	silent PEER	ten times a second it says that this one does not respond
 *	loop		it reads nothing
 *
 * "flood SOCKET" is a user who asks there for a reload, without end.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/child.h"
#include "common/log.h"
#include "ntp-clock/profile.h"
#include "ntp-net/observe/profile.h"
#include "ntp-net/poll/profile.h"
#include "ntp-net/resolve/profile.h"

static struct channel parent, peer;
static char mode[32], target[32];

static enum proc
proc_of(const char *name)
{
	for (int p = PROC_NTPD; p < PROC_COUNT; p++)
		if (strcmp(proc_name((enum proc)p), name) == 0)
			return (enum proc)p;
	return PROC_COUNT;
}

static const struct sandbox_profile *
profile_of(enum proc p)
{
	if (p == PROC_CLOCK)
		return &clock_profile;
	if (p == PROC_NET)
		return &net_profile;
	return p == PROC_OBSERVE ? &observe_profile : &resolve_profile;
}

static void
read_mode(void)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 8);
	char *slash;
	FILE *f;

	if (n <= 0)
		_exit(1);
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (slash == NULL)
		_exit(1);
	(void)snprintf(slash, 8, "/mode");
	f = fopen(path, "r");
	if (f == NULL || fscanf(f, "%31s %31s", mode, target) < 1)
		_exit(1);
	(void)fclose(f);
}

/* What ntpd says, for so long; a new channel to the target is taken. */
static void
listen_for(int ms)
{
	struct pollfd pfd = { .fd = parent.fd, .events = POLLIN };
	struct timespec wait = { ms / 1000, ms % 1000 * 1000000L };
	enum msg_result got;
	union msg m;
	int fd;

	(void)ppoll(&pfd, 1, &wait, NULL);
	while ((got = msg_recv(&parent, &m, &fd)) == MSG_GOT) {
		if (fd == -1)
			continue;
		if (m.h.type == MSG_PEER &&
		    (enum proc)m.peer.peer == proc_of(target)) {
			channel_close(&peer);
			peer.fd = fd;
		} else {
			(void)close(fd);
		}
	}
	if (got != MSG_NOTHING)
		_exit(0);
}

/* Of any type and length, by the header that it is given. */
static void
send_raw(int fd, enum msg_type type, size_t length)
{
	static union msg m;
	struct iovec iov = { &m, length };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };

	m.h = (struct msg_header){ (uint32_t)type, (uint32_t)length };
	(void)sendmsg(fd, &mh, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void
flood_parent(void)
{
	for (unsigned int i = 0;; i++) {
		struct msg_log line = { .level = i / 3 % 4 };
		struct msg_net_state state = { .flags = i & 1, .sources = i };
		struct msg_accuse accuse = { .peer = PROC_NET };

		memset(line.text, 'A', sizeof(line.text) - 1);
		msg_offer(&parent, MSG_LOG, &line);
		if (parent.self == PROC_NET)
			msg_offer(&parent, MSG_NET_STATE, &state);
		else
			msg_offer(&parent, MSG_ACCUSE, &accuse);
		if (i % 64 == 0)
			listen_for(0);
	}
}

/* A message that this program may send to the target. */
static void
offer_peer(uint32_t i)
{
	struct msg_status status = { .id = i };
	struct msg_status_ask ask = { .id = i };
	struct msg_resolved resolved = { .id = i, .error = -2 };
	struct msg_resolve resolve = { .id = i, .name = "127.0.0.1" };

	if (peer.peer == PROC_OBSERVE)
		msg_offer(&peer, MSG_STATUS, &status);
	else if (peer.self == PROC_OBSERVE)
		msg_offer(&peer, MSG_STATUS_ASK, &ask);
	else if (peer.self == PROC_RESOLVE)
		msg_offer(&peer, MSG_RESOLVED, &resolved);
	else
		msg_offer(&peer, MSG_RESOLVE, &resolve);
}

static void
wait_for_peer(void)
{
	while (peer.fd == -1)
		listen_for(100);
}

static void
flood_peer(void)
{
	for (uint32_t i = 0;; i++) {
		wait_for_peer();
		offer_peer(i);
		if (i % 64 == 0)
			listen_for(0);
	}
}

/* On every channel that it gets. */
static void
bad_to_peer(void)
{
	for (;;) {
		wait_for_peer();
		send_raw(peer.fd, MSG_LOG, sizeof(struct msg_log));
		channel_close(&peer); /* to get another */
	}
}

static void
accuse(void)
{
	struct msg_accuse m = { .peer = (uint32_t)proc_of(target) };

	for (;;) {
		msg_offer(&parent, MSG_ACCUSE, &m);
		listen_for(100);
	}
}

static void
hint(void)
{
	struct msg_silent m = { .peer = (uint32_t)proc_of(target) };

	for (;;) {
		msg_offer(&parent, MSG_SILENT, &m);
		listen_for(100);
	}
}

static void
misbehave(void)
{
	const struct timespec second = { .tv_sec = 1 };
	struct msg_ready ready = { .flags = 0 };
	bool flood = strcmp(mode, "flood") == 0;
	bool bad = strcmp(mode, "bad") == 0;
	volatile int *volatile nowhere = NULL;

	if (flood && target[0] == '\0')
		flood_parent();
	else if (flood)
		flood_peer();
	else if (bad && target[0] != '\0')
		bad_to_peer();
	else if (strcmp(mode, "accuse") == 0)
		accuse();
	else if (strcmp(mode, "silent") == 0)
		hint();
	while (strcmp(mode, "loop") == 0)
		(void)ppoll(NULL, 0, &second, NULL); /* to burn no power */
	if (bad)
		send_raw(parent.fd, MSG_SAMPLE, sizeof(struct msg_sample));
	if (strcmp(mode, "ready") == 0)
		msg_offer(&parent, MSG_READY, &ready);
	if (strcmp(mode, "exit") == 0)
		_exit(1);
	if (strcmp(mode, "fault") == 0)
		(void)*nowhere;
}

static void
ask_forever(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct msg_ctl_ask m = { .version = CTL_VERSION,
		.command = CTL_RELOAD };

	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	for (;;) {
		struct channel ch = channel_none(PROC_CTL, PROC_OBSERVE);

		ch.fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
		if (ch.fd == -1 ||
		    connect(ch.fd, (const struct sockaddr *)&sun,
			sizeof(sun)) == -1)
			_exit(1);
		msg_offer(&ch, MSG_CTL_ASK, &m);
		channel_close(&ch);
	}
}

int
main(int argc, char **argv)
{
	enum proc self = proc_of(argc > 0 ? argv[0] : "");

	if (argc == 2)
		ask_forever(argv[1]);
	if (self == PROC_COUNT)
		return 1;
	read_mode();
	(void)child_begin(self, profile_of(self), &parent, NULL);
	peer = channel_none(self, proc_of(target));
	misbehave();
	for (;;)
		listen_for(1000);
}
