/*
 * ntp-resolve, broken into: it reads what name servers send, loads modules,
 * and may make sockets.
 *
 * Plans:
 *
 *	feed		every name has the address of the attacker
 *	release SOCKET	that, and every 20 s it asks ntpd to release the clock
 *	reload SOCKET	it asks for a reload
 *	kill		signals to ntpd and all that it has started
 *	stop		a signal that stops ntpd
 *	linger PORT	a connection for ntpd whose close waits for an hour
 *	halfway PORT	the same, while ntpd is stopped by a signal
 *	answers		answers for ntp-net, as fast as they are taken
 *	memory		all that there is
 *	descriptors	for ntpd, with messages that bring none
 *	chatter, forbidden, hang, crash: see hostile.h
 */
#include <sys/mman.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/child.h"
#include "common/log.h"
#include "ntp-net/resolve/profile.h"
#include "tests/attack/asking.h"
#include "tests/attack/hostile.h"
#include "tests/attack/lingering.h"

#define NEXT_PIDS   24 /* children of ntpd have numbers after its own */
#define RELEASE_NS  (20 * NS_PER_S)
#define LIE_NS	    (50000 * NS_PER_S) /* what siblings.sh lies */
#define MAP_BYTES   (INT64_C(16) << 20)
#define MAPS	    64
#define FD_ATTEMPTS 8

static struct channel net;

/* --- answering names ------------------------------------------------------ */

static void
answer(uint32_t id)
{
	struct msg_resolved m = { .id = id, .count = 1 };
	static const uint8_t localhost[] = { 127, 0, 0, 1 };

	m.addrs[0].family = 4;
	memcpy(m.addrs[0].addr, localhost, sizeof(localhost));
	msg_offer(&net, MSG_RESOLVED, &m);
}

static void
attend(int ms)
{
	struct pollfd pfd[] = { { hostile_parent.fd, POLLIN, 0 },
		{ net.fd, POLLIN, 0 } };
	struct timespec wait = { ms / 1000, ms % 1000 * NS_PER_MS };
	enum msg_result result;
	union msg msg;
	int fd;

	(void)ppoll(pfd, 2, &wait, NULL); /* then both are tried */
	while ((result = msg_recv(&hostile_parent, &msg, &fd)) == MSG_GOT) {
		if (msg.h.type != MSG_PEER)
			continue;
		channel_close(&net);
		net.fd = fd;
	}
	if (result == MSG_CLOSED)
		_exit(0);
	if (net.fd == -1)
		return;
	while ((result = msg_recv(&net, &msg, &fd)) == MSG_GOT)
		answer(msg.resolve.id);
	if (result == MSG_CLOSED)
		channel_close(&net);
}

static NORETURN void
feed(void)
{
	for (;;)
		attend(1000);
}

static NORETURN void
answers(void)
{
	for (uint32_t i = 0;; i++) {
		struct msg_resolved m = { .id = i, .count = i % 64 };

		if (i % 256 == 0)
			attend(1);
		if (net.fd != -1)
			msg_offer(&net, MSG_RESOLVED, &m);
	}
}

/* --- asking as an operator does ------------------------------------------- */

static NORETURN void
ask_for(enum ctl_command command)
{
	int64_t next_ns = hostile_raw_ns() + RELEASE_NS;
	char said[REASON_LEN + 32];

	for (;;) {
		attend(500);
		if (hostile_raw_ns() < next_ns)
			continue;
		next_ns = hostile_raw_ns() + RELEASE_NS;
		log_warning("evil: asks for a change"); /* or is ended first */
		ask_for_change(hostile_plan.text, command,
		    command == CTL_SYNC ? LIE_NS : 0, said, sizeof(said));
		log_warning("evil: the answer is: %s", said);
	}
}

static NORETURN void
release(void)
{
	ask_for(CTL_SYNC);
}

static NORETURN void
ask_reload(void)
{
	ask_for(CTL_RELOAD);
}

/* --- signals without kill(2) ---------------------------------------------- */

/* A datagram socket that hears itself. */
static int
echo_socket(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct sockaddr *addr = (struct sockaddr *)&to;
	socklen_t len = sizeof(to);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, addr, len) == -1 ||
	    getsockname(fd, addr, &len) == -1 || connect(fd, addr, len) == -1)
		_exit(1);
	return fd;
}

/* The kernel signals the owner of a descriptor that has become readable. */
static void
signal_by_owner(pid_t pid, int sig)
{
	int fd = echo_socket();

	if (fcntl(fd, F_SETOWN, pid) == -1 || fcntl(fd, F_SETSIG, sig) == -1 ||
	    fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK) == -1 ||
	    send(fd, "x", 1, 0) != 1)
		log_warning("evil: no signal for %d: %s", (int)pid,
		    strerrordesc_np(errno));
	else
		log_warning("evil: a signal for %d", (int)pid);
	hostile_rest(100);
	(void)close(fd); /* it has done its work */
}

static NORETURN void
kill_all(void)
{
	pid_t first = getppid();

	hostile_rest(2000); /* all are there, and work */
	for (pid_t pid = first + 1; pid < first + NEXT_PIDS; pid++)
		if (pid != getpid())
			signal_by_owner(pid, SIGKILL);
	signal_by_owner(first, SIGKILL);
	feed();
}

static NORETURN void
stop_ntpd(void)
{
	hostile_rest(2000);
	signal_by_owner(getppid(), SIGSTOP);
	feed();
}

/* --- closes that wait ----------------------------------------------------- */

static NORETURN void
linger_for_ntpd(void)
{
	struct msg_ready m = { .h = { MSG_READY, sizeof(m) } };

	for (int i = 0; i < FD_ATTEMPTS; i++) {
		int fd = lingering_socket((uint16_t)hostile_plan.number);

		if (fd == -1)
			log_warning(
			    "evil: no connection: %s", strerrordesc_np(errno));
		else if (hostile_send(hostile_parent.fd, &m, sizeof(m), fd) ==
		    -1)
			log_warning(
			    "evil: not sent: %s", strerrordesc_np(errno));
		else
			log_warning("evil: lent a connection that lingers");
		if (fd != -1)
			(void)close(fd); /* not the last one that has it */
	}
	feed();
}

static NORETURN void
halfway(void)
{
	struct msg_ready m = { .h = { MSG_READY, sizeof(m) } };
	int fd = lingering_socket((uint16_t)hostile_plan.number);

	signal_by_owner(getppid(), SIGSTOP);
	if (hostile_send(hostile_parent.fd, &m, sizeof(m), fd) == 0)
		log_warning("evil: lent a connection that lingers");
	(void)close(fd); /* not the last one that has it */
	signal_by_owner(getppid(), SIGCONT);
	feed();
}

/* --- the rest ------------------------------------------------------------- */

static NORETURN void
memory(void)
{
	int maps = 0;

	for (; maps < MAPS; maps++) {
		void *p = mmap(NULL, MAP_BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			break;
		memset(p, 1, MAP_BYTES);
	}
	log_warning("evil: wrote to %d MiB", maps * (int)(MAP_BYTES >> 20));
	feed();
}

static NORETURN void
descriptors(void)
{
	hostile_descriptors(socket(AF_INET, SOCK_DGRAM, 0));
}

static const struct strategy strategies[] = {
	{ "feed", feed },
	{ "release", release },
	{ "reload", ask_reload },
	{ "kill", kill_all },
	{ "stop", stop_ntpd },
	{ "linger", linger_for_ntpd },
	{ "halfway", halfway },
	{ "answers", answers },
	{ "memory", memory },
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
	net = channel_none(PROC_RESOLVE, PROC_NET);
	(void)child_begin(PROC_RESOLVE, &resolve_profile, &hostile_parent,
	    NULL); /* sets no clock */
	hostile_run(strategies);
}
