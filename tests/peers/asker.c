/*
 * Sends many requests to an NTP server and counts the answers:
 *
 *	asker [-v] [-g MICROSECONDS] [-w MILLISECONDS] FROM TO PORT COUNT
 *	asker flood TO PORT COUNT
 *
 * The first sends COUNT requests from one address.  -g is the gap between them.
 * -v says on standard error when all are sent.  -w is how long it waits for
 * missing replies, instead of LINGER_MS.  The second sends one request from
 * each of COUNT addresses of 127.64.0.0/10.  Both print
 *
 *	ANSWERS KISSES CODE BAD
 *
 * CODE is that of the last kiss, or "-".  BAD counts kisses that contain more
 * than they should (RFC 5905 section 7.4), replies to nothing, second replies,
 * and replies that are longer than their request.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <err.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/peers/wire.h"

#define LINGER_MS   300
#define OUTSTANDING 32 /* of a flood: no queue may overflow */
#define FLOOD_FIRST UINT32_C(0x7f400000)

struct change {
	int fd;
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} server;
	socklen_t server_len;
	int wait_ms;
	bool verbose;
	uint64_t base; /* transmit timestamp of request 0 */
	uint64_t count;
	uint64_t sent;
	bool *replied;
	uint64_t answers, kisses, bad;
	char code[5];
};

static void
parse_address(struct change *a, const char *text, const char *port)
{
	uint16_t number = htons((uint16_t)strtoul(port, NULL, 10));

	memset(&a->server, 0, sizeof(a->server));
	if (inet_pton(AF_INET, text, &a->server.v4.sin_addr) == 1) {
		a->server.v4.sin_family = AF_INET;
		a->server.v4.sin_port = number;
		a->server_len = sizeof(a->server.v4);
	} else if (inet_pton(AF_INET6, text, &a->server.v6.sin6_addr) == 1) {
		a->server.v6.sin6_family = AF_INET6;
		a->server.v6.sin6_port = number;
		a->server_len = sizeof(a->server.v6);
	} else {
		errx(2, "not an address: %s", text);
	}
}

/* It has only what the request had: no time of the server. */
static bool
kiss_ok(const uint8_t *buf)
{
	uint64_t origin = wire_get(buf + AT_ORIGIN, 8);

	for (size_t i = AT_REFID; i < AT_REFID + 4; i++)
		if (!isupper(buf[i]))
			return false;
	return buf[0] >> 6 == 3 && wire_get(buf + AT_REFERENCE, 8) == 0 &&
	    wire_get(buf + AT_RECEIVE, 8) == origin &&
	    wire_get(buf + AT_TRANSMIT, 8) == origin;
}

static void
take(struct change *a, const uint8_t *buf, ssize_t len)
{
	uint64_t i = wire_get(buf + AT_ORIGIN, 8) - a->base;

	if (len != HEADER_LEN || i >= a->sent || a->replied[i]) {
		a->bad++;
		return;
	}
	a->replied[i] = true;
	if (buf[AT_STRATUM] != 0) {
		a->answers++;
		return;
	}
	a->kisses++;
	a->bad += kiss_ok(buf) ? 0 : 1;
	memcpy(a->code, buf + AT_REFID, 4);
}

/* Wait up to wait_ms for the first; returns how many were there. */
static uint64_t
receive(struct change *a, int wait_ms)
{
	struct pollfd pfd = { .fd = a->fd, .events = POLLIN };
	uint8_t buf[1500];
	uint64_t n = 0;

	for (; poll(&pfd, 1, wait_ms) == 1; wait_ms = 0) {
		ssize_t len;

		memset(buf, 0, HEADER_LEN);
		len = recv(a->fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (len == -1)
			continue; /* an ICMP error: ignore it */
		take(a, buf, len);
		n++;
	}
	return n;
}

static void
make_request(struct change *a, uint8_t buf[HEADER_LEN])
{
	memset(buf, 0, HEADER_LEN);
	buf[0] = 0x23;
	wire_put(buf + AT_TRANSMIT, a->base + a->sent, 8);
}

static void
ask_all(struct change *a, useconds_t gap_us)
{
	uint8_t buf[HEADER_LEN];

	while (a->sent < a->count) {
		make_request(a, buf);
		if (sendto(a->fd, buf, sizeof(buf), 0, &a->server.sa,
			a->server_len) == -1)
			err(2, "sendto");
		a->sent++;
		(void)usleep(gap_us);
		(void)receive(a, 0);
	}
	if (a->verbose)
		(void)fputs("sent\n", stderr);
	while (a->answers + a->kisses < a->count && receive(a, a->wait_ms) > 0)
		continue;
	while (receive(a, LINGER_MS) > 0)
		continue;
}

/* Send the next request, from the next address. */
static void
forge(struct change *a)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control;
	struct in_pktinfo info = { .ipi_spec_dst.s_addr =
				       htonl(FLOOD_FIRST + (uint32_t)a->sent) };
	uint8_t buf[HEADER_LEN];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct msghdr mh = { .msg_name = &a->server,
		.msg_namelen = a->server_len,
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf) };
	struct cmsghdr *c;

	memset(&control, 0, sizeof(control));
	c = CMSG_FIRSTHDR(&mh);
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
	make_request(a, buf);
	if (sendmsg(a->fd, &mh, 0) == -1)
		err(2, "sendmsg");
	a->sent++;
}

static void
flood(struct change *a)
{
	uint64_t waiting = 0, came;

	while (a->sent < a->count) {
		for (; waiting < OUTSTANDING && a->sent < a->count; waiting++)
			forge(a);
		came = receive(a, LINGER_MS);
		/* If none comes, they were not answered or were lost. */
		waiting = came == 0 || came > waiting ? 0 : waiting - came;
	}
	while (receive(a, LINGER_MS) > 0)
		continue;
}

static void
open_change(struct change *a, const char *from)
{
	struct change own;

	parse_address(&own, from, "0");
	a->fd = socket(own.server.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (a->fd == -1 || bind(a->fd, &own.server.sa, own.server_len) == -1)
		err(2, "%s", from);
	a->base = wire_random64() >> 1 | 1;
	a->replied = calloc(a->count, sizeof(a->replied[0]));
	if (a->replied == NULL)
		err(2, NULL);
}

int
main(int argc, char **argv)
{
	struct change a = { .fd = -1, .wait_ms = LINGER_MS, .code = "-" };
	useconds_t gap_us = 100;
	int c;

	while ((c = getopt(argc, argv, "g:vw:")) != -1) {
		if (c == 'g')
			gap_us = (useconds_t)strtoul(optarg, NULL, 10);
		else if (c == 'w')
			a.wait_ms = (int)strtol(optarg, NULL, 10);
		else if (c == 'v')
			a.verbose = true;
		else
			return 2;
	}
	argc -= optind;
	argv += optind;
	if (argc != 4)
		errx(2, "usage: asker [-v] [-g us] [-w ms] FROM TO PORT COUNT");
	a.count = strtoull(argv[3], NULL, 10);
	parse_address(&a, argv[1], argv[2]);
	if (strcmp(argv[0], "flood") == 0) {
		open_change(&a, "0.0.0.0");
		flood(&a);
	} else {
		open_change(&a, argv[0]);
		ask_all(&a, gap_us);
	}
	(void)printf("%llu %llu %s %llu\n", (unsigned long long)a.answers,
	    (unsigned long long)a.kisses, a.code, (unsigned long long)a.bad);
	free(a.replied);
	return 0;
}
