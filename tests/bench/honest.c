/*
 * Honest clients of an NTP server, each with an address of its own, that ask at
 * an even pace and want the time:
 *
 *	honest [-a FIRST] [-c CLIENTS] [-i MILLISECONDS] [-s SECONDS]
 *	       ADDRESS PORT
 *
 * -a: the address of the first client; the others follow it.  The machine must
 *     take them for its own (ip route add local 172.16.0.0/16 dev lo).
 * -i: between two requests of a client.  An answer counts if it comes before
 *     the next one.
 *
 * Prints SENT ANSWERED KISSES DENIED BAD LOSSLESS WORST MEDIAN P99: kisses of
 * which DENIED are DENY; answers that say what they must not, or come twice;
 * clients all of whose requests were answered; the least share of a window of
 * WINDOW_MS in thousandths; round trips in microseconds.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/peers/wire.h"

#define CLIENTS_MAX 4096
#define TRIPS_MAX   10000000
#define WINDOW_MS   2000
#define NEAR_NS	    (2 * NS_PER_S)

struct client {
	uint64_t nonce;
	int64_t sent_ns;
	size_t window; /* in which it asked */
	bool waits;
	bool lost;
};

struct window {
	uint32_t sent, answered;
};

static struct honest {
	int fd;
	struct sockaddr_in server;
	uint32_t first, count;
	struct client clients[CLIENTS_MAX];
	struct window *windows;
	size_t window_count;
	uint32_t *trips_us;
	size_t trip_count;
	uint64_t sent, answered, kisses, denied, bad;
} honest;

/* A request from the client's own address. */
static void
ask(struct honest *h, uint32_t i, size_t window)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control = { 0 };
	struct in_pktinfo info = { .ipi_spec_dst.s_addr = htonl(h->first + i) };
	uint8_t buf[HEADER_LEN] = { 0x23 };
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr mh = { .msg_name = &h->server,
		.msg_namelen = sizeof(h->server),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf) };
	struct cmsghdr *m = CMSG_FIRSTHDR(&mh);
	struct client *c = &h->clients[i];

	m->cmsg_level = IPPROTO_IP;
	m->cmsg_type = IP_PKTINFO;
	m->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(m), &info, sizeof(info));
	c->lost = c->lost || c->waits;
	c->nonce = wire_random64();
	c->window = window;
	c->waits = true;
	wire_put(buf + AT_TRANSMIT, c->nonce, 8);
	c->sent_ns = wire_clock_ns(CLOCK_MONOTONIC);
	if (sendmsg(h->fd, &mh, 0) == -1)
		err(2, "sendmsg");
	h->sent++;
	h->windows[window].sent++;
}

/* Whose answer is it?  CLIENTS_MAX: nobody waits for it. */
static uint32_t
find_client(const struct honest *h, const uint8_t *buf)
{
	uint64_t nonce = wire_get(buf + AT_ORIGIN, 8);

	for (uint32_t i = 0; i < h->count; i++)
		if (h->clients[i].nonce == nonce)
			return i;
	return CLIENTS_MAX;
}

static bool
time_ok(const uint8_t *buf)
{
	int64_t now_ns = wire_clock_ns(CLOCK_REALTIME);
	uint64_t t2 = wire_get(buf + AT_RECEIVE, 8);
	uint64_t t3 = wire_get(buf + AT_TRANSMIT, 8);

	return (buf[0] & 0x3f) == 0x24 && buf[0] >> 6 != 3 && t3 >= t2 &&
	    llabs(wire_utc_ns(t2) - now_ns) < NEAR_NS &&
	    llabs(wire_utc_ns(t3) - now_ns) < NEAR_NS;
}

static void
take(struct honest *h, const uint8_t *buf, size_t len)
{
	uint32_t i = len == HEADER_LEN ? find_client(h, buf) : CLIENTS_MAX;
	int64_t now_ns = wire_clock_ns(CLOCK_MONOTONIC);
	struct client *c = &h->clients[i % CLIENTS_MAX];

	if (i == CLIENTS_MAX) {
		/* Later than the next request, and lost already. */
		h->bad += len != HEADER_LEN;
		return;
	}
	if (!c->waits) {
		h->bad++;
		return;
	}
	if (buf[AT_STRATUM] == 0) {
		h->kisses++;
		h->denied += memcmp(buf + AT_REFID, "DENY", 4) == 0;
		return;
	}
	c->waits = false;
	h->bad += !time_ok(buf);
	h->answered++;
	h->windows[c->window].answered++;
	if (h->trip_count < TRIPS_MAX)
		h->trips_us[h->trip_count++] =
		    (uint32_t)((now_ns - c->sent_ns) / 1000);
}

static void
receive(struct honest *h, int wait_ms)
{
	struct pollfd pfd = { .fd = h->fd, .events = POLLIN };
	uint8_t buf[2048];
	ssize_t n;

	if (poll(&pfd, 1, wait_ms) != 1)
		return;
	while ((n = recv(h->fd, buf, sizeof(buf), MSG_DONTWAIT)) != -1)
		take(h, buf, (size_t)n);
}

/* Requests at even distances, each client in its turn. */
static void
run(struct honest *h, int64_t interval_ns, int64_t seconds)
{
	const int64_t gap_ns = interval_ns / h->count;
	const int64_t begin_ns = wire_clock_ns(CLOCK_MONOTONIC);
	int64_t end_ns = begin_ns + seconds * NS_PER_S;
	int64_t now_ns, next_ns = begin_ns;

	for (uint32_t i = 0; next_ns < end_ns;) {
		now_ns = wire_clock_ns(CLOCK_MONOTONIC);
		if (now_ns >= next_ns) {
			ask(h, i,
			    (size_t)((next_ns - begin_ns) /
				(WINDOW_MS * NS_PER_MS)));
			i = (i + 1) % h->count;
			next_ns += gap_ns;
			receive(h, 0);
			continue;
		}
		receive(h, (int)((next_ns - now_ns) / NS_PER_MS) + 1);
	}
	/* The last answers get as long as the others. */
	end_ns = wire_clock_ns(CLOCK_MONOTONIC) + interval_ns;
	while (wire_clock_ns(CLOCK_MONOTONIC) < end_ns)
		receive(h, 10);
}

static int
compare(const void *a, const void *b)
{
	uint32_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x < y ? -1 : x > y;
}

static uint32_t
number(const char *text, uint32_t max)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (*end != '\0' || v < 1 || v > max)
		errx(2, "not a number from 1 to %u: %s", max, text);
	return (uint32_t)v;
}

static uint32_t
address(const char *text)
{
	struct in_addr a;

	if (inet_pton(AF_INET, text, &a) != 1)
		errx(2, "not an IPv4 address: %s", text);
	return ntohl(a.s_addr);
}

static void
print_result(struct honest *h)
{
	uint32_t lossless = 0, worst = 1000, median_us = 0, p99_us = 0;

	for (uint32_t i = 0; i < h->count; i++)
		lossless += !h->clients[i].lost && !h->clients[i].waits;
	for (size_t i = 0; i < h->window_count; i++) {
		const struct window *w = &h->windows[i];

		if (w->sent > 0 && 1000 * w->answered / w->sent < worst)
			worst = 1000 * w->answered / w->sent;
	}
	qsort(h->trips_us, h->trip_count, sizeof(h->trips_us[0]), compare);
	if (h->trip_count > 0) {
		median_us = h->trips_us[h->trip_count / 2];
		p99_us = h->trips_us[h->trip_count * 99 / 100];
	}
	(void)printf("%llu %llu %llu %llu %llu %u %u %u %u\n",
	    (unsigned long long)h->sent, (unsigned long long)h->answered,
	    (unsigned long long)h->kisses, (unsigned long long)h->denied,
	    (unsigned long long)h->bad, lossless, worst, median_us, p99_us);
}

int
main(int argc, char **argv)
{
	struct honest *h = &honest;
	struct sockaddr_in any = { .sin_family = AF_INET };
	uint32_t seconds = 5, interval_ms = 1000;
	int c;

	h->count = 1;
	while ((c = getopt(argc, argv, "a:c:i:s:")) != -1) {
		if (c == 'a')
			h->first = address(optarg);
		else if (c == 'c')
			h->count = number(optarg, CLIENTS_MAX);
		else if (c == 'i')
			interval_ms = number(optarg, 60000);
		else if (c == 's')
			seconds = number(optarg, 100000);
		else
			errx(2, "see the head of honest.c");
	}
	if (argc - optind != 2)
		errx(2, "an address and a port are needed");
	h->server = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons((uint16_t)number(argv[optind + 1], 65535)),
		.sin_addr.s_addr = htonl(address(argv[optind])) };
	h->window_count = (size_t)seconds * 1000 / WINDOW_MS + 1;
	h->windows = calloc(h->window_count, sizeof(h->windows[0]));
	h->trips_us = calloc(TRIPS_MAX, sizeof(h->trips_us[0]));
	h->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (h->windows == NULL || h->trips_us == NULL || h->fd == -1 ||
	    bind(h->fd, (struct sockaddr *)&any, sizeof(any)) == -1)
		err(2, "cannot begin");
	run(h, (int64_t)interval_ms * NS_PER_MS, seconds);
	print_result(h);
	free(h->windows);
	free(h->trips_us);
	return 0;
}
