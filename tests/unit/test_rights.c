/*
 * Descriptors that nobody asked for: the kernel refuses them if it can; if not,
 * as here unless it is told to, no program waits while they are closed.
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "common/msg.h"
#include "ntp-net/observe/client.h"
#include "ntpd/sockets/letgo.h"
#include "tests/linger.h"
#include "tests/tap.h"

#define SOON_S 0.5 /* the longest allowed time, below LINGER_S */

static struct sockaddr_in sink;

struct ends {
	struct channel bad; /* sends unwanted descriptors */
	struct channel good;
};

static struct ends
connect_ends(enum proc bad, enum proc good)
{
	struct ends e = { channel_none(bad, good), channel_none(good, bad) };
	int fds[2] = { -1, -1 };

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) == -1)
		OK(false, "a pair of sockets");
	e.bad.fd = fds[0];
	e.good.fd = fds[1];
	return e;
}

static int
open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	if (d == NULL)
		return -1;
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n;
}

/* A valid message, except that a socket comes with it. */
static bool
send_linger(struct ends *e)
{
	struct msg_log log = { .h = { MSG_LOG, sizeof(log) } };
	int fd = linger_socket(&sink);
	bool sent = fd != -1 &&
	    linger_send(e->bad.fd, &log, sizeof(log), &fd, 1) ==
		(ssize_t)sizeof(log);

	linger_close(&fd, fd == -1 ? 0 : 1, sent);
	return sent;
}

static void
test_table(void)
{
	int wrong = 0, down = 0;

	for (int from = 0; from < PROC_COUNT; from++)
		for (int to = 0; to < PROC_COUNT; to++) {
			if (!msg_may_pass((enum proc)from, (enum proc)to))
				continue;
			down++;
			if (from != PROC_NTPD || to == PROC_NTPD ||
			    to == PROC_CTL)
				wrong++;
		}
	IS_I64(wrong, 0, "nobody but ntpd passes descriptors, to its children");
	IS_I64(down, 5, "to all five of them");
}

static void
test_refused_by_kernel(void)
{
	struct ends e = connect_ends(PROC_RESOLVE, PROC_NET);
	struct msg_resolve out = { .id = 1 };
	union msg msg;
	int fd;

	if (msg_refuse_rights(e.good.fd) == -1) {
		SKIP("this kernel cannot refuse descriptors");
	} else {
		OK(!send_linger(&e) && errno == EPERM,
		    "the kernel refuses a descriptor");
		OK(msg_recv(&e.good, &msg, &fd) == MSG_NOTHING,
		    "and nothing of it arrives");
		e.good.peer = PROC_NTPD;
		e.good.self = PROC_RESOLVE;
		e.bad.self = PROC_NET;
		e.bad.peer = PROC_RESOLVE;
		OK(msg_send(&e.bad, MSG_RESOLVE, &out, -1) == 0,
		    "but not a message");
		OK(linger_send(e.good.fd, "x", 1, &(int){ 0 }, 1) == 1,
		    "nor one the other way");
	}
	(void)close(e.bad.fd);
	(void)close(e.good.fd);
}

/* Nothing is accepted, nothing waits, only one descriptor is left. */
static void
test_channel(void)
{
	struct ends e = connect_ends(PROC_RESOLVE, PROC_NTPD);
	int before = open_files(), fd = 7;
	double start;
	union msg msg;

	OK(send_linger(&e), "a descriptor that nobody asked for is sent");
	start = linger_now();
	for (int i = 0; i < 3; i++)
		OK(msg_recv(&e.good, &msg, &fd) == MSG_BAD && fd == -1,
		    "a message with one is bad, and not taken");
	OK(open_files() == before, "no descriptor has come");
	channel_close(&e.good);
	OK(e.good.fd == -1 && e.good.kept == 1 && open_files() == before,
	    "the channel is left open");
	OK(linger_now() - start < SOON_S, "without a wait");
	OK(linger_send(e.bad.fd, "x", 1, NULL, 0) == -1 && errno == EPIPE,
	    "and nothing more can be sent to it");
	channel_close(&e.bad);
}

/* What comes before the bad message does not hide it. */
static void
test_hidden(void)
{
	static const struct {
		size_t len;
		int count;
		const char *what;
	} cases[] = {
		{ 0, 1, "an empty message" },
		{ 0, 200, "many empty messages" },
		{ 8, 100, "many messages" },
		{ 4000, 3, "large messages" },
	};
	char zeros[4000] = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ends e = connect_ends(PROC_RESOLVE, PROC_NTPD);
		double start;
		int sent = 0;

		while (sent < cases[i].count &&
		    linger_send(e.bad.fd, zeros, cases[i].len, NULL, 0) ==
			(ssize_t)cases[i].len)
			sent++;
		OK(sent == cases[i].count && send_linger(&e), "%s before it",
		    cases[i].what);
		(void)close(e.bad.fd); /* its sender is dead */
		start = linger_now();
		channel_close(&e.good);
		OK(e.good.kept == 1 && linger_now() - start < SOON_S,
		    "do not hide it, and nobody waits");
	}
}

static void
test_harmless(void)
{
	struct ends e = connect_ends(PROC_RESOLVE, PROC_NTPD);
	int before = open_files();

	for (int i = 0; i < 100; i++)
		if (linger_send(e.bad.fd, "12345678", 8, NULL, 0) != 8)
			break;
	channel_close(&e.good);
	OK(e.good.kept == 0 && open_files() == before - 1,
	    "a channel with messages that nobody read is closed");
	channel_close(&e.bad);
}

/* As ntpd does, whatever is in the queue. */
static void
test_letgo(void)
{
	struct letgo l = { { 0 } };
	struct ends e = connect_ends(PROC_RESOLVE, PROC_NTPD);
	int before = open_files(), status;
	double start;
	pid_t pid;

	OK(send_linger(&e), "to ntpd");
	start = linger_now();
	letgo_channel(&l, &e.good);
	OK(e.good.fd == -1 && open_files() == before - 1 &&
		linger_now() - start < SOON_S,
	    "its descriptor is closed, without a wait");
	IS_I64((int64_t)letgo_left(&l), 1, "by a process");
	pid = waitpid(-1, &status, 0);
	OK(pid > 0 && linger_now() - start < SOON_S,
	    "that ends without a wait, too");
	letgo_reap(&l, pid);
	IS_I64((int64_t)letgo_left(&l), 0, "and is forgotten then");
	channel_close(&e.bad);
	e = connect_ends(PROC_RESOLVE, PROC_NTPD);
	e.good.guarded = true;
	letgo_channel(&l, &e.good);
	IS_I64((int64_t)letgo_left(&l), 0,
	    "none is needed where the kernel refuses descriptors");
	channel_close(&e.bad);
}

static void
test_letgo_bound(void)
{
	struct letgo l = { { 0 } };
	struct ends e[LETGO_MAX + 2];
	int left = 0;

	for (int i = 0; i < LETGO_MAX + 2; i++) {
		int fd;

		e[i] = connect_ends(PROC_RESOLVE, PROC_NTPD);
		fd = e[i].good.fd;
		letgo_channel(&l, &e[i].good);
		if (fcntl(fd, F_GETFD) != -1)
			left++;
		channel_close(&e[i].bad);
	}
	IS_I64((int64_t)letgo_left(&l), LETGO_MAX, "so many processes at most");
	IS_I64(left, 2, "what is over that stays open");
	while (waitpid(-1, NULL, 0) > 0)
		continue;
}

/* As ntp-observe does, with the most that a message can carry. */
static void
test_observe(int count, bool nested)
{
	static struct client c;
	struct ends e = connect_ends(PROC_CTL, PROC_OBSERVE);
	int fds[LINGER_MANY], sent = 0, before, pair[2];
	double start;

	for (int i = 0; i < count; i++) {
		fds[i] = linger_socket(&sink);
		sent += fds[i] != -1;
	}
	IS_I64(sent, count, "sockets that linger");
	if (nested && socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0) {
		/* inside a socket that is sent, then closed */
		OK(linger_send(pair[0], "x", 1, fds, count) == 1 &&
			linger_send(e.bad.fd, "x", 1, pair, 2) == 1,
		    "in the queue of a socket that is in a queue");
		(void)close(pair[0]);
		(void)close(pair[1]);
	} else {
		OK(linger_send(e.bad.fd, "x", 1, fds, count) == 1,
		    "%d of them in one message", count);
	}
	for (int i = 0; i < count; i++)
		(void)close(fds[i]);
	client_init(&c);
	client_open(&c, e.good.fd, 0);
	before = open_files();
	start = linger_now();
	OK(client_read(&c, NULL, 0) == -1 && c.ch.fd == -1 &&
		open_files() == before - 1,
	    "ntp-observe closes the connection");
	OK(linger_now() - start < SOON_S, "and does not wait for it: %.4f s",
	    linger_now() - start);
	channel_close(&e.bad);
}

int
main(void)
{
	struct client unused;
	int fd = linger_sink(&sink);

	OK(fd != -1, "somebody who reads nothing");
	if (client_catch_ticks() == -1)
		return 1;
	client_init(&unused);
	client_close(&unused);
	test_table();
	test_refused_by_kernel();
	test_channel();
	test_hidden();
	test_harmless();
	test_letgo();
	test_letgo_bound();
	test_observe(1, false);
	test_observe(LINGER_MANY, false);
	test_observe(20, true);
	return DONE();
}
