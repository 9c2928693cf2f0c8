/*
 * Descriptors that hurt whoever closes the last of them: TCP sockets that have
 * unsent data and SO_LINGER, and how to send such to who did not ask for one.
 */
#ifndef TESTS_LINGER_H
#define TESTS_LINGER_H

#include <sys/socket.h>
#include <sys/uio.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINGER_S    20	/* of a close that nothing interrupts */
#define LINGER_MANY 253 /* the most descriptors that one message takes */

/* A socket on loopback whose connections nobody accepts or reads. */
static inline int
linger_sink(struct sockaddr_in *addr)
{
	socklen_t len = sizeof(*addr);
	const int little = 4096;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*addr = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	if (fd == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof(little)) ==
		-1 ||
	    bind(fd, (struct sockaddr *)addr, len) == -1 ||
	    listen(fd, 1024) == -1 ||
	    getsockname(fd, (struct sockaddr *)addr, &len) == -1)
		return -1;
	return fd;
}

/* Returns a descriptor, or -1. */
static inline int
linger_socket(const struct sockaddr_in *sink)
{
	const struct linger how = { 1, LINGER_S };
	static const char zeros[65536];
	const int much = 65536; /* more than the other end will ever take */
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &much, sizeof(much)) == -1 ||
	    connect(fd, (const struct sockaddr *)sink, sizeof(*sink)) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_LINGER, &how, sizeof(how)) == -1)
		return -1;
	for (int quiet = 0; quiet < 3;) {
		if (send(fd, zeros, sizeof(zeros), MSG_DONTWAIT) > 0) {
			quiet = 0;
			continue;
		}
		quiet++;
		(void)poll(NULL, 0, 2);
	}
	return fd;
}

/* Octets with count descriptors.  Returns what sendmsg(2) does. */
static inline ssize_t
linger_send(int to, const void *buf, size_t len, const int *fds, int count)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(LINGER_MANY * sizeof(int))];
	} control;
	size_t size = (size_t)count * sizeof(int);
	char copy[4096];
	struct iovec iov = { .iov_base = copy, .iov_len = len };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };

	memset(&control, 0, sizeof(control));
	memcpy(copy, buf, len);
	if (count > 0) {
		mh.msg_control = control.buf;
		mh.msg_controllen = CMSG_SPACE(size);
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(size);
		memcpy(CMSG_DATA(&control.align), fds, size);
	}
	return sendmsg(to, &mh, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* They are in a queue, or else none of them shall make us wait. */
static inline void
linger_close(const int *fds, int count, int sent)
{
	const struct linger how = { 0, 0 };

	for (int i = 0; i < count; i++) {
		if (!sent)
			(void)setsockopt(
			    fds[i], SOL_SOCKET, SO_LINGER, &how, sizeof(how));
		(void)close(fds[i]);
	}
}

static inline double
linger_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts); /* exists everywhere */
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

#endif
