/*
 * How right a server's timestamps are, on one machine whose clock it serves:
 * the receive timestamp against the kernel's moment of sending the request, and
 * the transmit timestamp against the kernel's moment of the answer's arrival.
 * On loopback each pair is one moment but for what the loopback itself takes.
 *
 *   stamps ADDRESS PORT [COUNT [GAP-MICROSECONDS]]
 *
 * Prints the medians of the two differences without their signs, then with
 * them, in ns: RECEIVE TRANSMIT RECEIVE TRANSMIT
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <endian.h>
#include <err.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PACKET	   48
#define COUNT_MAX  100000
#define UNIX_EPOCH INT64_C(2208988800)
#define NS	   INT64_C(1000000000)
#define WAIT_MS	   1000

static int64_t errors[4][COUNT_MAX];

static int64_t
wire_ns(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	v = be64toh(v);
	return ((int64_t)(v >> 32) - UNIX_EPOCH) * NS +
	    (int64_t)(((v & UINT32_MAX) * (uint64_t)NS) >> 32);
}

/* One message with its kernel timestamp; false: none came. */
static bool
receive(int fd, int flags, uint8_t *buf, int64_t *ns)
{
	struct pollfd pfd = { .fd = fd, .events = flags == 0 ? POLLIN : 0 };
	_Alignas(struct cmsghdr) char control[512];
	struct iovec iov = { buf, 512 };
	struct msghdr mh = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	struct scm_timestamping ts;

	if (poll(&pfd, 1, WAIT_MS) != 1 || recvmsg(fd, &mh, flags) == -1)
		return false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&mh); c != NULL;
	     c = CMSG_NXTHDR(&mh, c))
		if (c->cmsg_level == SOL_SOCKET &&
		    c->cmsg_type == SCM_TIMESTAMPING) {
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
			*ns = ts.ts[0].tv_sec * NS + ts.ts[0].tv_nsec;
			return true;
		}
	return false;
}

/* Returns false if there was no answer. */
static bool
ask(int fd, int i)
{
	uint8_t request[PACKET] = { 0x23 }, got[512];
	int64_t sent_ns, arrived_ns;

	request[40] = (uint8_t)(i >> 8);
	request[41] = (uint8_t)i;
	if (send(fd, request, sizeof(request), 0) != PACKET)
		err(1, "send");
	if (!receive(fd, MSG_ERRQUEUE, got, &sent_ns) ||
	    !receive(fd, 0, got, &arrived_ns) ||
	    memcmp(got + 24, request + 40, 8) != 0)
		return false;
	errors[2][i] = wire_ns(got + 32) - sent_ns;
	errors[3][i] = wire_ns(got + 40) - arrived_ns;
	errors[0][i] = llabs(errors[2][i]);
	errors[1][i] = llabs(errors[3][i]);
	return true;
}

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int
open_socket(const char *address, const char *port)
{
	const int stamps = SOF_TIMESTAMPING_TX_SOFTWARE |
	    SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE |
	    SOF_TIMESTAMPING_OPT_TSONLY;
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(port)) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
		errx(1, "not an IPv4 address: %s", address);
	if (fd == -1 || connect(fd, (struct sockaddr *)&to, sizeof(to)) == -1 ||
	    setsockopt(
		fd, SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof(stamps)) == -1)
		err(1, "socket");
	return fd;
}

int
main(int argc, char **argv)
{
	int count = argc > 3 ? atoi(argv[3]) : 1000, answers = 0, fd;
	struct timespec gap = { .tv_nsec =
				    1000 * (argc > 4 ? atoi(argv[4]) : 2000) };

	if (argc < 3 || count < 1 || count > COUNT_MAX)
		errx(1, "see the head of stamps.c");
	fd = open_socket(argv[1], argv[2]);
	for (int i = 0; i < count; i++) {
		answers += ask(fd, answers);
		(void)nanosleep(&gap, NULL);
	}
	if (answers < count / 2)
		errx(1, "%d answers to %d requests", answers, count);
	for (int k = 0; k < 4; k++) {
		qsort(errors[k], (size_t)answers, sizeof(int64_t), by_size);
		printf("%lld%c", (long long)errors[k][answers / 2],
		    k < 3 ? ' ' : '\n');
	}
	return 0;
}
