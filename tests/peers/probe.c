/*
 * Checks of an NTP server from outside:
 *
 *	probe [-p PORT] ADDRESS PORT TEST [ARGUMENT]
 *
 * -p: the requests' source port, else any.  The tests are in the table at the
 * end.  Each check prints a line: 0 if it holds, else 1, and a sentence.  The
 * exit status is 0 if all checks could run, whatever their results.
 */
#include <sys/socket.h>

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

#include "tests/peers/probe.h"

#define DRAIN_TRIES 5
#define WAIT_MS	    1000 /* for an expected answer */
#define LINGER_MS   100	 /* to see that none comes */
#define BATCH	    32

void
say(bool holds, const char *sentence)
{
	(void)printf("%d %s\n", holds ? 0 : 1, sentence);
}

socklen_t
parse_address(const char *text, uint16_t port, union address *a)
{
	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET, text, &a->v4.sin_addr) == 1) {
		a->v4.sin_family = AF_INET;
		a->v4.sin_port = htons(port);
		return sizeof(a->v4);
	}
	if (inet_pton(AF_INET6, text, &a->v6.sin6_addr) != 1)
		errx(2, "not an address: %s", text);
	a->v6.sin6_family = AF_INET6;
	a->v6.sin6_port = htons(port);
	return sizeof(a->v6);
}

/* --- sending and receiving ------------------------------------------------- */

/* A request with its transmit timestamp. */
void
request(uint8_t buf[HEADER_LEN], uint8_t first, uint64_t nonce)
{
	memset(buf, 0, HEADER_LEN);
	buf[0] = first;
	buf[AT_PRECISION] = 0x20;
	wire_put(buf + AT_TRANSMIT, nonce, 8);
}

void
transmit(const struct probe *p, const uint8_t *buf, size_t len)
{
	/* An ICMP error of an earlier datagram may be reported here. */
	for (int i = 0; i < 3; i++)
		if (sendto(p->fd, buf, len, 0, &p->server.sa, p->server_len) !=
		    -1)
			return;
	err(2, "sendto");
}

static bool
same_address(const union address *a, const union address *b)
{
	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	if (a->sa.sa_family == AF_INET)
		return a->v4.sin_port == b->v4.sin_port &&
		    a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
	return a->v6.sin6_port == b->v6.sin6_port &&
	    memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, 16) == 0;
}

/* True if a datagram came within wait_ms. */
static bool
receive(const struct probe *p, struct reply *r, int wait_ms)
{
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
	union address from;
	socklen_t from_len = sizeof(from);
	ssize_t n;

	if (poll(&pfd, 1, wait_ms) != 1)
		return false;
	memset(&from, 0, sizeof(from));
	n = recvfrom(
	    p->fd, r->buf, sizeof(r->buf), MSG_DONTWAIT, &from.sa, &from_len);
	if (n == -1)
		return false;
	r->len = (size_t)n;
	r->from_server = same_address(&from, &p->server);
	return true;
}

uint64_t
origin(const struct reply *r)
{
	return r->len < HEADER_LEN ? 0 : wire_get(r->buf + AT_ORIGIN, 8);
}

/* Send it and receive the first datagram that comes back. */
bool
ask(const struct probe *p, const uint8_t *buf, size_t len, struct reply *r)
{
	memset(r, 0, sizeof(*r));
	transmit(p, buf, len);
	return receive(p, r, WAIT_MS);
}

bool
ask_plain(const struct probe *p, uint8_t first, struct reply *r)
{
	uint8_t buf[HEADER_LEN];
	uint64_t nonce = wire_random64();

	request(buf, first, nonce);
	return ask(p, buf, sizeof(buf), r) && r->len == HEADER_LEN &&
	    origin(r) == nonce;
}

/*
 * Send one plain request, so that a dead or slow server is not taken for a
 * silent one.  Returns how many other datagrams came before its answer, or 1000
 * if there was no answer.
 */
int
control(const struct probe *p)
{
	uint8_t buf[HEADER_LEN];
	uint64_t nonce = wire_random64();
	struct reply r;
	int others = 0;

	request(buf, REQUEST, nonce);
	transmit(p, buf, sizeof(buf));
	while (receive(p, &r, WAIT_MS)) {
		if (origin(&r) == nonce)
			return others;
		others++;
	}
	return 1000;
}

/* How many more come before LINGER_MS of silence. */
int
linger(const struct probe *p)
{
	struct reply r;
	int others = 0;

	while (receive(p, &r, LINGER_MS))
		others++;
	return others;
}

/* --- random requests ------------------------------------------------------- */

struct fuzz {
	uint16_t *lens; /* length of request i; 0: answered */
	uint64_t base;	/* transmit timestamp of request 0 */
	uint64_t drain; /* of the last request that must be answered */
	size_t count;
	size_t answered;
	bool longer, unasked;
};

static void
fuzz_reply(struct fuzz *f, const struct reply *r)
{
	uint64_t i = origin(r) - f->base;

	if (i >= f->count || f->lens[i] == 0) {
		f->unasked = true;
		return;
	}
	f->longer = f->longer || r->len > f->lens[i];
	f->lens[i] = 0;
	f->answered++;
}

/* Half have a valid first octet; half of these, a tail that may be a MAC. */
static void
fuzz_send(const struct probe *p, struct fuzz *f, size_t i)
{
	static const size_t tails[] = { 0, 4, 20, 24 };
	uint8_t buf[DATAGRAM_MAX];
	size_t len = wire_random64() % (DATAGRAM_MAX + 1);

	if (i % 4 == 0)
		len = HEADER_LEN + tails[len % 4];
	wire_random(buf, len);
	if (len > 0 && i % 2 == 0)
		buf[0] = (uint8_t)((buf[0] & 0xc0) | REQUEST);
	if (len >= HEADER_LEN) {
		wire_put(buf + AT_TRANSMIT, f->base + i, 8);
		f->lens[i] = (uint16_t)len;
	}
	transmit(p, buf, len);
}

/*
 * Wait for the answer to one more request; false if there is none.  On a busy
 * machine a queue may be full, so the request is sent again, with another
 * timestamp: a late answer then belongs to an older one.
 */
static bool
fuzz_drain(const struct probe *p, struct fuzz *f)
{
	for (int i = 0; i < DRAIN_TRIES; i++) {
		uint8_t buf[HEADER_LEN];
		struct reply r;

		request(buf, REQUEST, --f->drain);
		transmit(p, buf, sizeof(buf));
		while (receive(p, &r, WAIT_MS)) {
			if (origin(&r) == f->drain)
				return true;
			if (origin(&r) < f->drain || origin(&r) >= f->base)
				fuzz_reply(f, &r);
		}
	}
	return false;
}

static void
run_fuzz(const struct probe *p, const char *argument)
{
	struct fuzz f = { .base = wire_random64() >> 1 | 1,
		.count = strtoul(argument, NULL, 10) };
	bool alive = true;

	f.drain = f.base;
	f.lens = calloc(f.count, sizeof(f.lens[0]));
	if (f.lens == NULL)
		err(2, "calloc");
	for (size_t i = 0; i < f.count && alive; i++) {
		fuzz_send(p, &f, i);
		if (i % BATCH == BATCH - 1)
			alive = fuzz_drain(p, &f);
	}
	alive = alive && fuzz_drain(p, &f);
	(void)printf("# %zu of %zu were answered\n", f.answered, f.count);
	say(!f.longer, "S-10 no answer is longer than its request");
	say(!f.unasked, "S-10 nothing is answered twice, or short of a header");
	say(alive && f.answered > 0, "S-10 the server goes on answering");
	free(f.lens);
}

/* --- broadcast ------------------------------------------------------------- */

/* A request to the broadcast or multicast address in the argument. */
static void
run_broadcast(const struct probe *p, const char *argument)
{
	const int on = 1;
	struct probe b = { .fd =
			       socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) };
	uint8_t buf[HEADER_LEN];

	b.server_len =
	    parse_address(argument, ntohs(p->server.v4.sin_port), &b.server);
	if (b.fd == -1 ||
	    setsockopt(b.fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) == -1)
		err(2, "broadcast");
	request(buf, REQUEST, wire_random64());
	transmit(&b, buf, sizeof(buf));
	say(control(p) == 0 && linger(&b) == 0,
	    "S-14 a request to everybody gets no answer");
	(void)close(b.fd);
}

/* --- one answer ------------------------------------------------------------ */

/* LEAP STRATUM REFID ROOT-DELAY ROOT-DISPERSION OFFSET DELAY: four times ns */
static void
run_show(const struct probe *p, const char *argument)
{
	struct reply r;
	int64_t t1_ns = wire_clock_ns(CLOCK_REALTIME), t4_ns, t2_ns, t3_ns;

	(void)argument;
	if (!ask_plain(p, REQUEST, &r))
		errx(1, "no answer");
	t4_ns = wire_clock_ns(CLOCK_REALTIME);
	t2_ns = wire_utc_ns(wire_get(r.buf + AT_RECEIVE, 8));
	t3_ns = wire_utc_ns(wire_get(r.buf + AT_TRANSMIT, 8));
	(void)printf("%d %u %08" PRIx64 " %" PRIu64 " %" PRIu64 " %" PRId64
		     " %" PRId64 "\n",
	    r.buf[0] >> 6, (unsigned int)r.buf[AT_STRATUM],
	    wire_get(r.buf + AT_REFID, 4),
	    (wire_get(r.buf + AT_ROOT_DELAY, 4) * (uint64_t)NS_PER_S) >> 16,
	    (wire_get(r.buf + AT_ROOT_DISPERSION, 4) * (uint64_t)NS_PER_S) >>
		16,
	    ((t2_ns - t1_ns) + (t3_ns - t4_ns)) / 2,
	    (t4_ns - t1_ns) - (t3_ns - t2_ns));
}

static const struct {
	const char *name;
	void (*run)(const struct probe *p, const char *argument);
} tests[] = {
	{ "header", run_header },
	{ "fields", run_fields },
	{ "interleaved", run_interleaved }, /* [few] */
	{ "queue", run_queue },		    /* MS */
	{ "fuzz", run_fuzz },		    /* COUNT */
	{ "forged", run_forged },	    /* IPv4; needs CAP_NET_RAW */
	{ "loop", run_loop },		    /* ADDRESS; the same */
	{ "from", run_from },		    /* ADDRESS; the same; also IPv6 */
	{ "broadcast", run_broadcast },	    /* ADDRESS */
	{ "show", run_show },
};

static void
open_probe(struct probe *p, uint16_t port)
{
	union address own;

	memset(&own, 0, sizeof(own));
	own.sa.sa_family = p->server.sa.sa_family;
	if (own.sa.sa_family == AF_INET)
		own.v4.sin_port = htons(port);
	else
		own.v6.sin6_port = htons(port);
	p->fd = socket(own.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (p->fd == -1 || bind(p->fd, &own.sa, p->server_len) == -1)
		err(2, "port %u", (unsigned int)port);
}

int
main(int argc, char **argv)
{
	struct probe p = { .fd = -1 };
	uint16_t own_port = 0;
	int c;

	while ((c = getopt(argc, argv, "p:")) != -1) {
		if (c != 'p')
			return 2;
		own_port = (uint16_t)strtoul(optarg, NULL, 10);
	}
	argc -= optind;
	argv += optind;
	if (argc != 3 && argc != 4)
		errx(2, "usage: probe [-p PORT] ADDRESS PORT TEST [ARGUMENT]");
	p.server_len = parse_address(
	    argv[0], (uint16_t)strtoul(argv[1], NULL, 10), &p.server);
	open_probe(&p, own_port);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (strcmp(tests[i].name, argv[2]) == 0) {
			tests[i].run(&p, argc == 4 ? argv[3] : "0");
			return 0;
		}
	errx(2, "no such test: %s", argv[2]);
}
