/*
 * An NTP server that lies, for the tests of the client:
 *
 *	rogue ADDRESS PORT [SETTING=VALUE ...]
 *
 * Without a setting it is honest: it serves this machine's clock at stratum 2.
 * The settings are in the table below; they can be combined.  A value is a
 * number or one of the words zero, random, future, cycle, asker.
 *
 * It prints a line for each request: its arrival (UTC by the kernel, ns), its
 * source port, its length, and its first 48 octets in hexadecimal.
 */
#include <sys/socket.h>
#include <sys/uio.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/peers/wire.h"

#define ANSWER_MAX  1472 /* octets */
#define PENDING_MAX 64	 /* answers that are sent late */

enum setting {
	LEAP,
	VERSION_NUMBER,
	MODE,
	STRATUM,
	POLL,
	PRECISION,
	ROOT_DELAY_MS,
	ROOT_DISPERSION_MS,
	REFID,
	REFERENCE,
	ORIGIN,
	RECEIVE,
	TRANSMIT,
	OFFSET_MS,
	GRAIN_MS,
	HELD_MS,
	LENGTH,
	COPIES,
	LATE_MS,
	GARBAGE,
	SILENT,
	SPOOF,
	REPLAY,
	STRAY,
	FLOOD,
	OTHER_PORT,
	SETTINGS
};

static const struct {
	const char *name;
	int64_t value; /* the honest server's */
} settings[SETTINGS] = {
	[LEAP] = { "leap", 0 },
	[VERSION_NUMBER] = { "version", 4 },
	[MODE] = { "mode", 4 },
	[STRATUM] = { "stratum", 2 },
	[POLL] = { "poll", 0 },		    /* a number or cycle */
	[PRECISION] = { "precision", -20 }, /* a number or cycle */
	[ROOT_DELAY_MS] = { "root-delay-ms", 1 },
	[ROOT_DISPERSION_MS] = { "root-dispersion-ms", 1 },
	[REFID] = { "refid", 0xc0000299 }, /* a number, four letters, asker */
	[REFERENCE] = { "reference", 0 },  /* zero, future */
	[ORIGIN] = { "origin", 0 },	   /* zero, random */
	[RECEIVE] = { "receive", 0 },	   /* zero */
	[TRANSMIT] = { "transmit", 0 },	   /* zero */
	[OFFSET_MS] = { "offset-ms", 0 },
	[GRAIN_MS] = { "grain-ms", 0 }, /* timestamps are multiples of it */
	[HELD_MS] = { "held-ms", 0 },	/* time from receive to transmit */
	[LENGTH] = { "length", HEADER_LEN }, /* a number or cycle: 0 to 47 */
	[COPIES] = { "copies", 1 },
	[LATE_MS] = { "late-ms", 0 },
	[GARBAGE] = { "garbage", 0 }, /* 1: random octets, random lengths */
	[SILENT] = { "silent", 0 },
	[SPOOF] = { "spoof", 0 },   /* 1: an honest answer follows the lie */
	[REPLAY] = { "replay", 0 }, /* 1: the previous answer comes first */
	[STRAY] = { "stray", 0 },   /* 1: an answer to no request */
	[FLOOD] = { "flood", 0 },   /* garbage before the first answer */
	[OTHER_PORT] = { "other-port", 0 },
};

enum { W_ZERO = 1000001, W_RANDOM, W_FUTURE, W_CYCLE, W_ASKER };
static const struct {
	const char *name;
	int64_t value;
} words[] = {
	{ "zero", W_ZERO },
	{ "random", W_RANDOM },
	{ "future", W_FUTURE },
	{ "cycle", W_CYCLE },
	{ "asker", W_ASKER },
};

union address {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

struct request {
	union address from;
	socklen_t from_len;
	uint8_t buf[ANSWER_MAX];
	size_t len;
	int64_t utc_ns; /* of its arrival */
};

struct answer {
	union address to;
	socklen_t to_len;
	int64_t due_ns; /* CLOCK_MONOTONIC */
	uint8_t buf[ANSWER_MAX];
	size_t len; /* 0 in a free place */
};

struct rogue {
	int fd;
	int other_fd;
	int64_t is[SETTINGS];
	uint64_t count; /* requests */
	struct answer last;
	struct answer pending[PENDING_MAX];
};

static int64_t
parse_value(enum setting key, const char *text)
{
	char *end;
	long long n;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].name, text) == 0)
			return words[i].value;
	if (key == REFID && strlen(text) == 4)
		return (int64_t)wire_get((const uint8_t *)text, 4);
	n = strtoll(text, &end, 0);
	if (*text == '\0' || *end != '\0')
		errx(2, "not a value: %s", text);
	return n;
}

static void
parse_setting(struct rogue *r, const char *text)
{
	for (int i = 0; i < SETTINGS; i++) {
		size_t len = strlen(settings[i].name);

		if (strncmp(settings[i].name, text, len) != 0 ||
		    text[len] != '=')
			continue;
		r->is[i] = parse_value((enum setting)i, text + len + 1);
		return;
	}
	errx(2, "no such setting: %s", text);
}

static socklen_t
parse_address(const char *text, const char *port, union address *a)
{
	uint16_t n = (uint16_t)strtoul(port, NULL, 10);

	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET, text, &a->v4.sin_addr) == 1) {
		a->v4.sin_family = AF_INET;
		a->v4.sin_port = htons(n);
		return sizeof(a->v4);
	}
	if (inet_pton(AF_INET6, text, &a->v6.sin6_addr) != 1)
		errx(2, "not an address: %s", text);
	a->v6.sin6_family = AF_INET6;
	a->v6.sin6_port = htons(n);
	return sizeof(a->v6);
}

static int
open_socket(const char *address, const char *port)
{
	const int on = 1;
	union address a;
	socklen_t len = parse_address(address, port, &a);
	int fd = socket(a.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || bind(fd, &a.sa, len) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) == -1)
		err(2, "%s port %s", address, port);
	return fd;
}

static void
print_request(const struct request *q)
{
	uint16_t port = q->from.sa.sa_family == AF_INET6 ? q->from.v6.sin6_port
							 : q->from.v4.sin_port;

	(void)printf("%" PRId64 " %u %zu ", q->utc_ns,
	    (unsigned int)ntohs(port), q->len);
	for (size_t i = 0; i < q->len && i < HEADER_LEN; i++)
		(void)printf("%02x", (unsigned int)q->buf[i]);
	(void)printf("\n");
	(void)fflush(stdout);
}

/* --- answers ---------------------------------------------------------------
 */

static uint32_t
short_from_ms(int64_t ms)
{
	return (uint32_t)((ms << 16) / 1000);
}

/* The client's address, as a reference ID. */
static uint64_t
asker_refid(const struct request *q)
{
	if (q->from.sa.sa_family != AF_INET)
		return 0;
	return ntohl(q->from.v4.sin_addr.s_addr);
}

/* The value of a field: the truth, zero, or something else. */
static uint64_t
choose(int64_t is, uint64_t truth)
{
	if (is == W_ZERO)
		return 0;
	if (is == W_RANDOM)
		return wire_random64() | 1;
	return truth;
}

static uint8_t
octet(const struct rogue *r, enum setting key)
{
	if (r->is[key] == W_CYCLE)
		return (uint8_t)(r->count * 67); /* all 256 in some order */
	return (uint8_t)r->is[key];
}

static size_t
length(const struct rogue *r)
{
	if (r->is[LENGTH] == W_CYCLE)
		return (size_t)(r->count * 5 % HEADER_LEN);
	return (size_t)r->is[LENGTH];
}

/* The last tick of the server's clock, which may be coarser than it says. */
static int64_t
ticked(const struct rogue *r, int64_t ns)
{
	int64_t grain_ns = r->is[GRAIN_MS] * NS_PER_MS;

	return grain_ns > 0 ? ns - ns % grain_ns : ns;
}

/* Fill the header as the settings say. */
static void
fill_header(const struct rogue *r, const struct request *q, uint8_t *p)
{
	int64_t receive_ns = q->utc_ns + r->is[OFFSET_MS] * NS_PER_MS;
	int64_t transmit_ns =
	    wire_clock_ns(CLOCK_REALTIME) + r->is[OFFSET_MS] * NS_PER_MS;
	int64_t reference_ns = receive_ns - NS_PER_S;

	if (r->is[HELD_MS] != 0)
		transmit_ns = receive_ns + r->is[HELD_MS] * NS_PER_MS;
	receive_ns = ticked(r, receive_ns);
	transmit_ns = ticked(r, transmit_ns);
	if (r->is[REFERENCE] == W_FUTURE)
		reference_ns = transmit_ns + 3600 * NS_PER_S;
	p[0] = (uint8_t)((r->is[LEAP] & 3) << 6 |
	    (r->is[VERSION_NUMBER] & 7) << 3 | (r->is[MODE] & 7));
	p[AT_STRATUM] = (uint8_t)r->is[STRATUM];
	p[AT_POLL] = octet(r, POLL);
	p[AT_PRECISION] = octet(r, PRECISION);
	wire_put(p + AT_ROOT_DELAY, short_from_ms(r->is[ROOT_DELAY_MS]), 4);
	wire_put(p + AT_ROOT_DISPERSION,
	    short_from_ms(r->is[ROOT_DISPERSION_MS]), 4);
	wire_put(p + AT_REFID,
	    r->is[REFID] == W_ASKER ? asker_refid(q) : (uint64_t)r->is[REFID],
	    4);
	wire_put(p + AT_REFERENCE,
	    choose(r->is[REFERENCE], wire_stamp(reference_ns)), 8);
	wire_put(p + AT_ORIGIN,
	    choose(r->is[ORIGIN], wire_get(q->buf + AT_TRANSMIT, 8)), 8);
	wire_put(
	    p + AT_RECEIVE, choose(r->is[RECEIVE], wire_stamp(receive_ns)), 8);
	wire_put(p + AT_TRANSMIT,
	    choose(r->is[TRANSMIT], wire_stamp(transmit_ns)), 8);
}

static void
fill_answer(const struct rogue *r, const struct request *q, struct answer *a)
{
	memset(a, 0, sizeof(*a));
	a->to = q->from;
	a->to_len = q->from_len;
	a->len = length(r);
	if (r->is[GARBAGE] != 0) {
		a->len = wire_random64() % (ANSWER_MAX + 1);
		wire_random(a->buf, a->len);
	} else {
		fill_header(r, q, a->buf);
	}
}

/* A failure counts as a loss in the network. */
static void
send_answer(const struct rogue *r, const struct answer *a)
{
	int fd = r->is[OTHER_PORT] != 0 ? r->other_fd : r->fd;

	(void)sendto(fd, a->buf, a->len, MSG_DONTWAIT, &a->to.sa, a->to_len);
}

static void
send_later(struct rogue *r, const struct answer *a)
{
	for (size_t i = 0; i < PENDING_MAX; i++) {
		struct answer *place = &r->pending[i];

		if (place->due_ns != 0)
			continue;
		*place = *a;
		place->due_ns =
		    wire_clock_ns(CLOCK_MONOTONIC) + r->is[LATE_MS] * NS_PER_MS;
		return;
	}
}

/* Milliseconds until the next late answer; -1: none. */
static int
send_due(struct rogue *r)
{
	int64_t now_ns = wire_clock_ns(CLOCK_MONOTONIC);
	int64_t wait_ns = INT64_MAX;

	for (size_t i = 0; i < PENDING_MAX; i++) {
		struct answer *a = &r->pending[i];

		if (a->due_ns == 0)
			continue;
		if (a->due_ns <= now_ns) {
			send_answer(r, a);
			a->due_ns = 0;
		} else if (a->due_ns - now_ns < wait_ns) {
			wait_ns = a->due_ns - now_ns;
		}
	}
	return wait_ns == INT64_MAX ? -1 : (int)(wait_ns / NS_PER_MS) + 1;
}

static void
send_flood(const struct rogue *r, const struct answer *like)
{
	struct answer a = *like;

	for (int64_t i = 0; r->count == 1 && i < r->is[FLOOD]; i++) {
		a.len = 1 + (size_t)i % 128;
		wire_random(a.buf, a.len);
		send_answer(r, &a);
	}
}

/* An honest answer, whatever the settings say. */
static void
send_truth(const struct rogue *r, const struct request *q)
{
	struct rogue honest = { .fd = r->fd };
	struct answer a;

	for (int i = 0; i < SETTINGS; i++)
		honest.is[i] = settings[i].value;
	fill_answer(&honest, q, &a);
	send_answer(&honest, &a);
}

/* An answer to no request, wrong by a second. */
static void
send_stray(const struct rogue *r, const struct request *q)
{
	struct rogue liar = *r;
	struct answer a;

	liar.is[OFFSET_MS] = 1000;
	liar.is[ORIGIN] = r->count % 2 == 0 ? W_ZERO : W_RANDOM;
	fill_answer(&liar, q, &a);
	send_answer(r, &a);
}

static void
answer(struct rogue *r, const struct request *q)
{
	struct answer a;

	r->count++;
	if (r->is[SILENT] != 0)
		return;
	fill_answer(r, q, &a);
	send_flood(r, &a);
	if (r->is[REPLAY] != 0 && r->last.to_len != 0) {
		r->last.to = a.to;
		send_answer(r, &r->last);
	}
	r->last = a;
	if (r->is[LATE_MS] != 0) {
		send_later(r, &a);
		return;
	}
	for (int64_t i = 0; i < r->is[COPIES]; i++)
		send_answer(r, &a);
	if (r->is[SPOOF] != 0)
		send_truth(r, q);
	if (r->is[STRAY] != 0)
		send_stray(r, q);
}

/* --- requests -------------------------------------------------------------- */

static void
take_request(struct rogue *r)
{
	struct request q;
	union {
		struct cmsghdr align;
		char buf[256];
	} control;
	struct iovec iov = { q.buf, sizeof(q.buf) };
	struct msghdr mh = { .msg_name = &q.from,
		.msg_namelen = sizeof(q.from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf) };
	ssize_t n;

	memset(&q, 0, sizeof(q));
	n = recvmsg(r->fd, &mh, MSG_DONTWAIT);
	if (n == -1)
		return; /* an ICMP error to our answer, or nothing */
	q.from_len = mh.msg_namelen;
	q.len = (size_t)n;
	q.utc_ns = wire_arrival_ns(&mh);
	if (q.utc_ns == 0)
		q.utc_ns = wire_clock_ns(CLOCK_REALTIME);
	answer(r, &q);
	print_request(&q);
}

int
main(int argc, char **argv)
{
	static struct rogue r;

	if (argc < 3)
		errx(2, "usage: rogue ADDRESS PORT [SETTING=VALUE ...]");
	for (int i = 0; i < SETTINGS; i++)
		r.is[i] = settings[i].value;
	for (int i = 3; i < argc; i++)
		parse_setting(&r, argv[i]);
	if (r.is[LENGTH] != W_CYCLE &&
	    (r.is[LENGTH] < 0 || r.is[LENGTH] > ANSWER_MAX))
		errx(2, "no such length");
	r.fd = open_socket(argv[1], argv[2]);
	r.other_fd = open_socket(argv[1], "0");
	for (;;) {
		struct pollfd pfd = { .fd = r.fd, .events = POLLIN };

		if (poll(&pfd, 1, send_due(&r)) == -1 && errno != EINTR)
			err(2, "poll");
		if (pfd.revents != 0)
			take_request(&r);
	}
}
