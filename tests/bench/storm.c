/*
 * Everything that the internet sends to an NTP server, as fast as the server
 * takes it, from forged addresses; and a check of all that comes back.
 *
 *	storm [-a FIRST] [-c ADDRESSES] [-f FIRST] [-n COUNT] [-o] [-p]
 *	      [-r SEED] [-s SECONDS] ADDRESS PORT
 *
 * -a, -c: the first address and their number; each datagram comes from the next
 *     one, or one at random with -R.  The machine must take them for its own
 *     (ip route add local 10.0.0.0/8 dev lo), and so those of -f, 65536 of
 *     them: every BATCH datagrams a plain request comes from one of these, and
 *     while WINDOW of them wait for an answer nothing is sent, so that the
 *     server has always something to do and nothing is lost in its queue.
 * -o: do not wait, whatever is lost.
 * -p: plain requests only, else of all kinds: see the table of kinds.
 * -n, -s: end after so many datagrams, or seconds.
 *
 * No reply may be longer than its request, or come twice, or to nobody's
 * request, or from another address than was asked, or to another than has
 * asked.  Prints SENT REPLIES INTERLEAVED KISSES FENCES ANSWERED SECONDS, of
 * the whole, and of the plain requests between; and a line for each kind of
 * reply that may not be.  Exit status 1 if there was one.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peers/wire.h"

#define DATAGRAM_MAX 1500
#define ROOM	     2048 /* for a reply */
#define BATCH	     32
#define WINDOW	     3
#define FENCE_NS     (200 * NS_PER_MS) /* then they are lost */
#define FENCES	     65536
#define PORTS	     8
#define SENT_LOG2    20 /* datagrams that a reply may come to */
#define POOL	     (1U << 20)
#define KEPT	     4096 /* receive timestamps for interleaved requests */

/* What is echoed: a tag, which of the two timestamps it is, and a number. */
#define TAG_SHIFT   48
#define FROM_XMT    (UINT64_C(0) << 47)
#define FROM_RECV   (UINT64_C(1) << 47)
#define NUMBER_MASK ((UINT64_C(1) << 47) - 1)

struct sent {
	uint32_t number; /* its lower half */
	uint32_t from;
	uint16_t len; /* 0: nothing may come back any more */
	uint16_t port;
	bool fence;
};

struct kept {
	uint32_t from;
	uint64_t receive;
};

struct slot {
	uint8_t octets[DATAGRAM_MAX];
	struct iovec iov;
	_Alignas(
	    struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in_pktinfo))];
};

struct faults {
	uint64_t longer, twice, unasked, elsewhere;
};

static struct storm {
	struct sockaddr_in server;
	uint32_t first, count, fence_first;
	bool open_loop, plain, random_from;
	int fds[PORTS], raw;
	uint16_t ports[PORTS]; /* host order */
	uint64_t random, tag, number, fences, fences_answered;
	uint64_t sent_count, replies, kisses, interleaved;
	uint32_t waiting;
	uint32_t next;
	struct sent sent[1 << SENT_LOG2];
	struct kept kept[KEPT];
	struct faults faults;
	struct slot slots[BATCH];
	struct mmsghdr out[BATCH];
	uint8_t pool[POOL];
} storm;

/* --- random numbers -------------------------------------------------------- */

/* SplitMix64: what is random here need not be secret. */
static uint64_t
draw(struct storm *s)
{
	uint64_t z = s->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static uint32_t
below(struct storm *s, uint32_t n)
{
	return (uint32_t)(draw(s) >> 33) % n;
}

static void
fill_random(struct storm *s, uint8_t *p, size_t len)
{
	memcpy(p, s->pool + below(s, POOL - DATAGRAM_MAX), len);
}

/* --- the kinds of datagrams ------------------------------------------------ */

static size_t
plain_request(struct storm *s, uint8_t *p)
{
	(void)s;
	memset(p, 0, HEADER_LEN);
	p[0] = 0x23;
	p[AT_PRECISION] = 0x20;
	return HEADER_LEN;
}

/* Any octets, any length; a half of them looks like a request. */
static size_t
anything(struct storm *s, uint8_t *p)
{
	size_t len = below(s, DATAGRAM_MAX + 1);

	fill_random(s, p, len);
	if (len > 0 && below(s, 2) == 0)
		p[0] = (uint8_t)((p[0] & 0xc0) | 0x23);
	return len;
}

/* A header with any version and mode. */
static size_t
any_mode(struct storm *s, uint8_t *p)
{
	fill_random(s, p, HEADER_LEN);
	return HEADER_LEN;
}

/* Some bits of a request are other ones. */
static size_t
flipped(struct storm *s, uint8_t *p)
{
	size_t len = plain_request(s, p) + 4 * below(s, 8);
	uint32_t flips = 1 + below(s, 8);

	memset(p + HEADER_LEN, 0, len - HEADER_LEN);
	while (flips-- > 0)
		p[below(s, (uint32_t)len)] ^= (uint8_t)(1U << below(s, 8));
	return len;
}

/* Extension fields, of which one in a while has a wrong length. */
static size_t
with_fields(struct storm *s, uint8_t *p)
{
	static const uint16_t types[] = { 0x0104, 0x0204, 0x0304, 0x0404,
		0x2005, 0xf000, 0xf323, 0x010a, 0x0002 };
	uint32_t fields = 1 + below(s, 24);
	size_t at = plain_request(s, p);

	while (fields-- > 0) {
		size_t len = 16 + 4 * (size_t)below(s, 16), said = len;

		if (at + len > DATAGRAM_MAX)
			break;
		fill_random(s, p + at, len);
		if (below(s, 16) == 0)
			said = below(s, 65536);
		wire_put(
		    p + at, types[below(s, sizeof(types) / sizeof(*types))], 2);
		wire_put(p + at + 2, said, 2);
		at += len;
	}
	return at;
}

/* A MAC, mostly of a length that there is, behind a field or not. */
static size_t
with_mac(struct storm *s, uint8_t *p)
{
	static const uint8_t lens[] = { 4, 20, 24, 20, 24, 36, 52, 68 };
	size_t at = plain_request(s, p), len = lens[below(s, 8)];

	p[0] = (uint8_t)((1 + below(s, 4)) << 3 | 3);
	if (below(s, 4) == 0) {
		memset(p + at, 0, 28);
		wire_put(p + at, 0xf000, 2);
		wire_put(p + at + 2, 28, 2);
		at += 28;
	}
	fill_random(s, p + at, len);
	wire_put(p + at, below(s, 4), 4); /* a key, or a crypto-NAK */
	return at + len;
}

/* Interleaved: after an answer that was one, or as if. */
static size_t
interleaved(struct storm *s, uint8_t *p)
{
	plain_request(s, p);
	wire_put(p + AT_ORIGIN, draw(s) | 1, 8);
	return HEADER_LEN;
}

/* Modes 6 and 7, which many scan for. */
static size_t
management(struct storm *s, uint8_t *p)
{
	memset(p, 0, HEADER_LEN);
	fill_random(s, p + 1, 11);
	p[0] = (uint8_t)(below(s, 8) << 3 | (6 + below(s, 2)));
	return 8 + 4 * below(s, 11);
}

static size_t (*const kinds[])(struct storm *s, uint8_t *p) = { plain_request,
	anything, any_mode, flipped, with_fields, with_mac, interleaved,
	management };
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* --- sending --------------------------------------------------------------- */

static struct sent *
find_sent(struct storm *s, uint64_t number)
{
	return &s->sent[number & ((1U << SENT_LOG2) - 1)];
}

static struct sent *
last_sent(struct storm *s)
{
	return find_sent(s, s->number - 1);
}

/* Make what is echoed of a datagram tell which one it was. */
static void
mark(struct storm *s, uint8_t *p, size_t len, uint32_t from, uint16_t port)
{
	uint64_t number = s->number++ & NUMBER_MASK;
	struct sent *e = find_sent(s, number);

	s->sent_count++;
	*e = (struct sent){ .number = (uint32_t)number,
		.from = from,
		.len = (uint16_t)len,
		.port = port };
	if (len < HEADER_LEN)
		return; /* cannot be told apart, and must get nothing */
	wire_put(p + AT_TRANSMIT, s->tag | FROM_XMT | number, 8);
	if (wire_get(p + AT_ORIGIN, 8) == 0)
		return;
	/* Where both are the same an interleaved reply must not come. */
	wire_put(p + AT_RECEIVE,
	    s->tag | (below(s, 8) == 0 ? FROM_XMT : FROM_RECV) | number, 8);
}

static void
set_from(struct slot *b, struct msghdr *mh, uint32_t from)
{
	struct in_pktinfo info = { .ipi_spec_dst.s_addr = htonl(from) };
	struct cmsghdr *c;

	mh->msg_control = b->control;
	mh->msg_controllen = sizeof(b->control);
	c = CMSG_FIRSTHDR(mh);
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
}

static uint32_t
next_from(struct storm *s)
{
	uint32_t i = s->random_from ? below(s, s->count) : s->next++ % s->count;

	return s->first + i;
}

static void
set_slot(struct storm *s, uint32_t i, size_t len, uint32_t from)
{
	struct slot *b = &s->slots[i];

	b->iov = (struct iovec){ b->octets, len };
	s->out[i].msg_hdr = (struct msghdr){ .msg_name = &s->server,
		.msg_namelen = sizeof(s->server),
		.msg_iov = &b->iov,
		.msg_iovlen = 1 };
	set_from(b, &s->out[i].msg_hdr, from);
}

static void
make_one(struct storm *s, uint32_t i, uint16_t port)
{
	uint32_t kind = s->plain ? 0 : below(s, KINDS), from = next_from(s);
	uint8_t *p = s->slots[i].octets;
	size_t len = kinds[kind](s, p);
	struct kept *k = &s->kept[below(s, KEPT)];

	if (kinds[kind] == interleaved && k->receive != 0 && below(s, 4) != 0) {
		from = k->from;
		wire_put(p + AT_ORIGIN, k->receive, 8);
	}
	mark(s, p, len, from, port);
	set_slot(s, i, len, from);
}

/* A request that is answered for certain, unless it is lost. */
static void
make_fence(struct storm *s, uint32_t i, uint16_t port)
{
	uint32_t from = s->fence_first + (uint32_t)(s->fences++ % FENCES);
	size_t len = plain_request(s, s->slots[i].octets);

	mark(s, s->slots[i].octets, len, from, port);
	last_sent(s)->fence = true;
	set_slot(s, i, len, from);
	s->waiting++;
}

/* An address that nobody has, or a port: what answers these is seen by us. */
static void
send_raw(struct storm *s)
{
	static const uint32_t strange[] = { 0x7f000001, 0xe0000101, 0xffffffff,
		0xf0000001 };
	const size_t udp = sizeof(struct iphdr);
	const size_t data = udp + sizeof(struct udphdr);
	uint8_t buf[sizeof(struct iphdr) + sizeof(struct udphdr) + HEADER_LEN];
	uint32_t from = next_from(s), what = below(s, 4);
	uint16_t port = 0;

	if (what == 1)
		from = strange[below(s, 4)];
	if (what == 2)
		from = ntohl(s->server.sin_addr.s_addr);
	if (what != 0)
		port = what == 2 ? ntohs(s->server.sin_port) : s->ports[0];
	memset(buf, 0, sizeof(buf));
	(void)plain_request(s, buf + data);
	mark(s, buf + data, HEADER_LEN, from, port);
	if (what != 3) /* nothing must come back to us */
		last_sent(s)->len = 0;
	buf[0] = 0x45;
	wire_put(buf + 2, sizeof(buf), 2);
	buf[8] = 64; /* time to live */
	buf[9] = IPPROTO_UDP;
	wire_put(buf + 12, from, 4);
	memcpy(buf + 16, &s->server.sin_addr, 4);
	wire_put(buf + udp, port, 2);
	wire_put(buf + udp + 2, ntohs(s->server.sin_port), 2);
	wire_put(buf + udp + 4, sizeof(buf) - udp, 2);
	/* A kernel that does not send it does the server's work. */
	(void)sendto(s->raw, buf, sizeof(buf), MSG_DONTWAIT,
	    (const struct sockaddr *)&s->server, sizeof(s->server));
}

static void
send_batch(struct storm *s)
{
	uint32_t which = below(s, PORTS);
	unsigned int at = 0;

	for (uint32_t i = 0; i < BATCH - 1; i++)
		make_one(s, i, s->ports[which]);
	make_fence(s, BATCH - 1, s->ports[which]);
	while (at < BATCH) {
		int n = sendmmsg(s->fds[which], s->out + at, BATCH - at, 0);

		if (n > 0)
			at += (unsigned int)n;
		else if (errno != EINTR && errno != EAGAIN && errno != ENOBUFS)
			err(2, "sendmmsg");
	}
	if (!s->plain && s->raw != -1)
		send_raw(s);
}

/* --- what comes back ------------------------------------------------------- */

static uint32_t
address_to(struct msghdr *mh)
{
	struct in_pktinfo info;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c != NULL;
	     c = CMSG_NXTHDR(mh, c)) {
		if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO)
			continue;
		memcpy(&info, CMSG_DATA(c), sizeof(info));
		return ntohl(info.ipi_addr.s_addr);
	}
	return 0;
}

static void
take(struct storm *s, const uint8_t *p, size_t len, uint32_t to, uint16_t port)
{
	uint64_t echo = len < HEADER_LEN ? 0 : wire_get(p + AT_ORIGIN, 8);
	uint64_t number = echo & NUMBER_MASK;
	struct sent *e = find_sent(s, number);

	s->replies++;
	if (len < HEADER_LEN || echo >> TAG_SHIFT != s->tag >> TAG_SHIFT ||
	    e->number != (uint32_t)number || number >= s->number) {
		s->faults.unasked++;
		return;
	}
	if (e->len == 0) {
		s->faults.twice++;
		return;
	}
	s->faults.longer += len > e->len;
	s->faults.elsewhere += e->from != to || e->port != port;
	e->len = 0;
	s->kisses += p[AT_STRATUM] == 0;
	s->interleaved += (echo & FROM_RECV) != 0;
	s->kept[number % KEPT] = (struct kept){ to, wire_get(p + 32, 8) };
	if (e->fence) {
		s->fences_answered++;
		s->waiting -= s->waiting > 0;
	}
}

static bool
receive(struct storm *s, uint32_t which)
{
	static uint8_t bufs[BATCH][ROOM];
	static struct sockaddr_in from[BATCH];
	static struct slot rooms[BATCH];
	struct mmsghdr in[BATCH];
	int got;

	for (uint32_t i = 0; i < BATCH; i++) {
		rooms[i].iov = (struct iovec){ bufs[i], ROOM };
		in[i].msg_hdr = (struct msghdr){ .msg_name = &from[i],
			.msg_namelen = sizeof(from[i]),
			.msg_iov = &rooms[i].iov,
			.msg_iovlen = 1,
			.msg_control = rooms[i].control,
			.msg_controllen = sizeof(rooms[i].control) };
	}
	got = recvmmsg(s->fds[which], in, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < got; i++) {
		if (from[i].sin_addr.s_addr != s->server.sin_addr.s_addr ||
		    from[i].sin_port != s->server.sin_port)
			s->faults.elsewhere++;
		take(s, bufs[i], in[i].msg_len, address_to(&in[i].msg_hdr),
		    s->ports[which]);
	}
	return got == BATCH;
}

static void
receive_all(struct storm *s)
{
	for (uint32_t i = 0; i < PORTS; i++)
		while (receive(s, i))
			continue;
}

static void
wait_fences(struct storm *s)
{
	int64_t begin_ns = wire_clock_ns(CLOCK_MONOTONIC);

	receive_all(s);
	while (s->waiting >= WINDOW) {
		if (wire_clock_ns(CLOCK_MONOTONIC) - begin_ns > FENCE_NS)
			s->waiting = 0;
		receive_all(s);
	}
}

/* --- the program ----------------------------------------------------------- */

static void
open_sockets(struct storm *s)
{
	const int on = 1, bytes = 4 << 20;

	for (uint32_t i = 0; i < PORTS; i++) {
		struct sockaddr_in own = { .sin_family = AF_INET,
			.sin_port = htons(i == 1 ? 123 : 0) };
		socklen_t len = sizeof(own);

		s->fds[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (s->fds[i] == -1)
			err(2, "socket");
		/* Port 123, from which servers ask, may not be ours. */
		if (bind(s->fds[i], (struct sockaddr *)&own, len) == -1) {
			own.sin_port = 0;
			if (bind(s->fds[i], (struct sockaddr *)&own, len) == -1)
				err(2, "bind");
		}
		if (getsockname(s->fds[i], (struct sockaddr *)&own, &len) ==
			-1 ||
		    setsockopt(s->fds[i], IPPROTO_IP, IP_PKTINFO, &on,
			sizeof(on)) == -1)
			err(2, "socket");
		s->ports[i] = ntohs(own.sin_port);
		(void)setsockopt(s->fds[i], SOL_SOCKET, SO_RCVBUF, &bytes,
		    sizeof(bytes)); /* less will do */
	}
	s->raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
}

static uint64_t
number(const char *text, uint64_t max)
{
	char *end;
	uint64_t v = strtoull(text, &end, 10);

	if (*end != '\0' || v < 1 || v > max)
		errx(2, "not a number from 1 on: %s", text);
	return v;
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
print_fault(const char *what, uint64_t count)
{
	if (count > 0)
		(void)printf("%llu %s\n", (unsigned long long)count, what);
}

static int
print_result(const struct storm *s, int64_t took_ns)
{
	const struct faults *f = &s->faults;

	(void)printf("%llu %llu %llu %llu %llu %llu %.3f\n",
	    (unsigned long long)s->sent_count, (unsigned long long)s->replies,
	    (unsigned long long)s->interleaved, (unsigned long long)s->kisses,
	    (unsigned long long)s->fences,
	    (unsigned long long)s->fences_answered, 1e-9 * (double)took_ns);
	print_fault("replies were longer than their requests", f->longer);
	print_fault(
	    "requests got more than one reply, or must get none", f->twice);
	print_fault("replies were to nobody's request", f->unasked);
	print_fault("replies came from or went elsewhere", f->elsewhere);
	return f->longer + f->twice + f->unasked + f->elsewhere > 0;
}

static int
run(struct storm *s, uint64_t count, uint64_t seconds)
{
	int64_t begin_ns = wire_clock_ns(CLOCK_MONOTONIC), took_ns = 0;

	while (s->sent_count < count && took_ns < (int64_t)seconds * NS_PER_S) {
		send_batch(s);
		if (s->open_loop)
			receive_all(s);
		else
			wait_fences(s);
		took_ns = wire_clock_ns(CLOCK_MONOTONIC) - begin_ns;
	}
	for (int i = 0; i < 100; i++) {
		(void)usleep(1000);
		receive_all(s);
	}
	return print_result(s, took_ns);
}

int
main(int argc, char **argv)
{
	struct storm *s = &storm;
	uint64_t count = UINT64_MAX, seconds = 100000;
	int c;

	s->count = 1;
	s->first = s->fence_first = INADDR_LOOPBACK;
	s->random = wire_random64();
	while ((c = getopt(argc, argv, "a:c:f:n:opr:Rs:")) != -1) {
		if (c == 'a')
			s->first = address(optarg);
		else if (c == 'c')
			s->count = (uint32_t)number(optarg, 1U << 24);
		else if (c == 'f')
			s->fence_first = address(optarg);
		else if (c == 'n')
			count = number(optarg, UINT64_MAX);
		else if (c == 'o')
			s->open_loop = true;
		else if (c == 'p')
			s->plain = true;
		else if (c == 'r')
			s->random = number(optarg, UINT64_MAX);
		else if (c == 'R')
			s->random_from = true;
		else if (c == 's')
			seconds = number(optarg, 100000);
		else
			errx(2, "see the head of storm.c");
	}
	if (argc - optind != 2)
		errx(2, "an address and a port are needed");
	(void)fprintf(stderr, "seed %llu\n", (unsigned long long)s->random);
	s->server = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons((uint16_t)number(argv[optind + 1], 65535)),
		.sin_addr.s_addr = htonl(address(argv[optind])) };
	s->tag = draw(s) << TAG_SHIFT;
	for (size_t i = 0; i < POOL; i++)
		s->pool[i] = (uint8_t)draw(s);
	open_sockets(s);
	return run(s, count, seconds);
}
