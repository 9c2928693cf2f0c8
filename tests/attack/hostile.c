/*
 * What the hostile programs share, see hostile.h.
 */
#include "tests/attack/hostile.h"

#include <sys/auxv.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"

struct channel hostile_parent;
struct plan hostile_plan;

void
hostile_read_plan(void)
{
	/* ntpd starts a program by its path, which the kernel keeps for us. */
	const char *self = (const char *)(uintptr_t)getauxval(AT_EXECFN);
	char path[256], line[160] = "";
	int fd, n;

	n = snprintf(path, sizeof(path), "%s.plan", self);
	if (n < 0 || (size_t)n >= sizeof(path))
		_exit(1);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1 || read(fd, line, sizeof(line) - 1) == -1 ||
	    sscanf(line, "%31s %107s", hostile_plan.name, hostile_plan.text) <
		1)
		_exit(1);
	(void)close(fd); /* only read */
	hostile_plan.number = strtoll(hostile_plan.text, NULL, 10);
}

void
hostile_run(const struct strategy *table)
{
	log_warning("evil: %s %s", hostile_plan.name, hostile_plan.text);
	for (; table->name != NULL; table++)
		if (strcmp(table->name, hostile_plan.name) == 0)
			table->run();
	log_error("evil: there is no such plan");
	hostile_hang();
}

int64_t
hostile_raw_ns(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC_RAW, &ts) == -1)
		_exit(1);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

void
hostile_rest(int ms)
{
	int64_t end_ns = hostile_raw_ns() + ms * NS_PER_MS, left_ns;
	union msg msg;
	int fd;

	while ((left_ns = end_ns - hostile_raw_ns()) > 0) {
		struct pollfd pfd = { hostile_parent.fd, POLLIN, 0 };
		struct timespec wait = { left_ns / NS_PER_S,
			left_ns % NS_PER_S };

		if (ppoll(&pfd, 1, &wait, NULL) != 1)
			continue;
		if (msg_recv(&hostile_parent, &msg, &fd) == MSG_CLOSED)
			_exit(0);
	}
}

uint32_t
hostile_random(void)
{
	/* Not getrandom(2), which not every filter allows: xorshift64. */
	static uint64_t x;

	if (x == 0)
		x = (uint64_t)hostile_raw_ns() | 1;
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x >> 32);
}

int
hostile_send(int channel_fd, void *bytes, size_t length, int pass_fd)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int))];
	} control = { .buf = { 0 } };
	struct iovec iov = { bytes, length };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (pass_fd != -1) {
		mh.msg_control = control.buf;
		mh.msg_controllen = sizeof(control.buf);
		control.align = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
			.cmsg_len = CMSG_LEN(sizeof(int)) };
		memcpy(CMSG_DATA(&control.align), &pass_fd, sizeof(int));
	}
	return sendmsg(channel_fd, &mh, MSG_DONTWAIT | MSG_NOSIGNAL) == -1 ? -1
									   : 0;
}

/* ntpd is gone: so are we, even in the middle of a flood. */
static void
end_with_ntpd(void)
{
	struct pollfd pfd = { hostile_parent.fd, 0, 0 };
	struct timespec none = { 0, 0 };

	if (ppoll(&pfd, 1, &none, NULL) == 1 && (pfd.revents & POLLHUP) != 0)
		_exit(0);
}

void
hostile_chatter(void)
{
	struct msg_log line = { .level = LOG_LEVEL_ERROR };
	struct msg_ready ready = { .flags = 0 };

	memset(line.text, 'A', sizeof(line.text) - 1);
	for (uint32_t i = 0;; i++) {
		line.level = i % 8; /* half of them are no level at all */
		line.suppressed = i;
		msg_offer(&hostile_parent, MSG_LOG, &line);
		msg_offer(&hostile_parent, MSG_READY, &ready);
		if (i % 256 == 0)
			end_with_ntpd();
	}
}

void
hostile_forbidden(void)
{
	static union msg msg;
	struct msg_header *h = &msg.h;

	/* Any type but the two that everyone may send, and any length. */
	do
		h->type = hostile_random() % (MSG_COUNT + 2);
	while (h->type == MSG_READY || h->type == MSG_LOG);
	h->length = (uint32_t)(hostile_random() % sizeof(msg));
	log_warning("evil: sends type=%u length=%u", h->type, h->length);
	(void)hostile_send(
	    hostile_parent.fd, &msg, h->length, -1); /* one try is enough */
	for (;;)
		hostile_rest(1000);
}

void
hostile_descriptors(int pass_fd)
{
	struct msg_ready ready = { .h = { MSG_READY, sizeof(ready) } };
	uint32_t sent = 0;

	for (;;) {
		if (hostile_send(
			hostile_parent.fd, &ready, sizeof(ready), pass_fd) == 0)
			sent++;
		else if (errno == EPIPE || errno == ECONNRESET)
			_exit(0);
		if (sent % 4096 == 1)
			end_with_ntpd();
	}
}

void
hostile_hang(void)
{
	for (;;)
		(void)ppoll(NULL, 0, NULL, NULL); /* a signal is no reason */
}

void
hostile_crash(void)
{
	_exit(1);
}
