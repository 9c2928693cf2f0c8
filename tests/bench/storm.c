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
 * Over IPv6 an address is 2001:db8:ADDR:ESS::1, of an IPv4 address so written.
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

#include "tests/bench/kinds.h"
#include "tests/peers/wire.h"

#define ROOM	  2048 /* for a reply */
#define BATCH	  32
#define WINDOW	  3
#define FENCE_NS  (500 * NS_PER_MS) /* then they are lost */
#define FENCES	  65536
#define PORTS	  8
#define SENT_LOG2 20   /* datagrams that a reply may come to */
#define KEPT	  4096 /* receive timestamps for interleaved requests */

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

union address {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Room for where a datagram comes from or goes to, of either family. */
#define CONTROL_LEN CMSG_SPACE(sizeof(struct in6_pktinfo))

struct slot {
	uint8_t octets[DATAGRAM_MAX];
	struct iovec iov;
	_Alignas(struct cmsghdr) char control[CONTROL_LEN];
};

struct faults {
	uint64_t longer, twice, unasked, elsewhere;
};

static struct storm {
	union address server;
	socklen_t server_len;
	uint32_t first, count, fence_first;
	bool open_loop, plain, random_from;
	int fds[PORTS], raw;
	uint16_t ports[PORTS]; /* host order */
	struct dice dice;
	uint64_t tag, number, fences, fences_answered;
	uint64_t sent_count, replies, kisses, interleaved;
	uint32_t waiting;
	uint32_t next;
	struct sent sent[1 << SENT_LOG2];
	struct kept kept[KEPT];
	struct faults faults;
	struct slot slots[BATCH];
	struct mmsghdr out[BATCH];
} storm;

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
	    s->tag | (below(&s->dice, 8) == 0 ? FROM_XMT : FROM_RECV) | number,
	    8);
}

static struct in6_addr
address6(uint32_t address)
{
	struct in6_addr a = { .s6_addr = { 0x20, 0x01, 0x0d, 0xb8 } };

	wire_put(a.s6_addr + 4, address, 4);
	a.s6_addr[15] = 1;
	return a;
}

static void
set_from(struct slot *b, struct msghdr *mh, uint32_t from)
{
	const union address *to = mh->msg_name;
	struct in_pktinfo info = { .ipi_spec_dst.s_addr = htonl(from) };
	struct in6_pktinfo info6 = { .ipi6_addr = address6(from) };
	bool v6 = to->sa.sa_family == AF_INET6;
	size_t len = v6 ? sizeof(info6) : sizeof(info);
	struct cmsghdr *c;

	mh->msg_control = b->control;
	mh->msg_controllen = CMSG_SPACE(len);
	c = CMSG_FIRSTHDR(mh);
	c->cmsg_level = v6 ? IPPROTO_IPV6 : IPPROTO_IP;
	c->cmsg_type = v6 ? IPV6_PKTINFO : IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), v6 ? (void *)&info6 : (void *)&info, len);
}

static uint32_t
next_from(struct storm *s)
{
	uint32_t i =
	    s->random_from ? below(&s->dice, s->count) : s->next++ % s->count;

	return s->first + i;
}

static void
set_slot(struct storm *s, uint32_t i, size_t len, uint32_t from)
{
	struct slot *b = &s->slots[i];

	b->iov = (struct iovec){ b->octets, len };
	s->out[i].msg_hdr = (struct msghdr){ .msg_name = &s->server,
		.msg_namelen = s->server_len,
		.msg_iov = &b->iov,
		.msg_iovlen = 1 };
	set_from(b, &s->out[i].msg_hdr, from);
}

static void
make_one(struct storm *s, uint32_t i, uint16_t port)
{
	enum kind kind = s->plain ? KIND_PLAIN : below(&s->dice, KINDS);
	uint32_t from = next_from(s);
	uint8_t *p = s->slots[i].octets;
	size_t len = kind_make(&s->dice, kind, p);
	struct kept *k = &s->kept[below(&s->dice, KEPT)];

	if (kind == KIND_INTERLEAVED && k->receive != 0 &&
	    below(&s->dice, 4) != 0) {
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
	size_t len = kind_make(&s->dice, KIND_PLAIN, s->slots[i].octets);

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
	uint32_t from = next_from(s), what = below(&s->dice, 4);
	uint16_t port = 0;

	if (what == 1)
		from = strange[below(&s->dice, 4)];
	if (what == 2)
		from = ntohl(s->server.v4.sin_addr.s_addr);
	if (what != 0)
		port = what == 2 ? ntohs(s->server.v4.sin_port) : s->ports[0];
	memset(buf, 0, sizeof(buf));
	(void)kind_make(&s->dice, KIND_PLAIN, buf + data);
	mark(s, buf + data, HEADER_LEN, from, port);
	if (what != 3) /* nothing must come back to us */
		last_sent(s)->len = 0;
	buf[0] = 0x45;
	wire_put(buf + 2, sizeof(buf), 2);
	buf[8] = 64; /* time to live */
	buf[9] = IPPROTO_UDP;
	wire_put(buf + 12, from, 4);
	memcpy(buf + 16, &s->server.v4.sin_addr, 4);
	wire_put(buf + udp, port, 2);
	wire_put(buf + udp + 2, ntohs(s->server.v4.sin_port), 2);
	wire_put(buf + udp + 4, sizeof(buf) - udp, 2);
	/* A kernel that does not send it does the server's work. */
	(void)sendto(s->raw, buf, sizeof(buf), MSG_DONTWAIT, &s->server.sa,
	    s->server_len);
}

static void
send_batch(struct storm *s)
{
	uint32_t which = below(&s->dice, PORTS);
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

/* Where it was sent to; 0 if it is none of our addresses. */
static uint32_t
address_to(struct msghdr *mh)
{
	struct in_pktinfo info;
	struct in6_pktinfo info6;
	struct in6_addr a;
	uint32_t address;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c != NULL;
	     c = CMSG_NXTHDR(mh, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			return ntohl(info.ipi_addr.s_addr);
		}
		if (c->cmsg_level != IPPROTO_IPV6 ||
		    c->cmsg_type != IPV6_PKTINFO)
			continue;
		memcpy(&info6, CMSG_DATA(c), sizeof(info6));
		address = (uint32_t)wire_get(info6.ipi6_addr.s6_addr + 4, 4);
		a = address6(address);
		return IN6_ARE_ADDR_EQUAL(&a, &info6.ipi6_addr) ? address : 0;
	}
	return 0;
}

static bool
is_server(const struct storm *s, const union address *from)
{
	if (s->server.sa.sa_family == AF_INET6)
		return from->v6.sin6_port == s->server.v6.sin6_port &&
		    IN6_ARE_ADDR_EQUAL(
			&from->v6.sin6_addr, &s->server.v6.sin6_addr);
	return from->v4.sin_port == s->server.v4.sin_port &&
	    from->v4.sin_addr.s_addr == s->server.v4.sin_addr.s_addr;
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
	static union address from[BATCH];
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
		if (!is_server(s, &from[i]))
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

/* A socket of the server's family; port 123, from which servers ask, or any. */
static int
open_socket(struct storm *s, uint16_t port, uint16_t *got)
{
	const int on = 1, bytes = 4 << 20;
	const bool v6 = s->server.sa.sa_family == AF_INET6;
	union address own = { .sa.sa_family = s->server.sa.sa_family };
	socklen_t len = s->server_len;
	int fd = socket(own.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	own.v4.sin_port = htons(port); /* where IPv6 has it too */
	if (fd == -1 ||
	    setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
		v6 ? IPV6_RECVPKTINFO : IP_PKTINFO, &on, sizeof(on)) == -1)
		err(2, "socket");
	/* Else what is ours by a route only may not be sent from. */
	if (v6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof(on)) == -1)
		err(2, "IPV6_FREEBIND");
	if (bind(fd, &own.sa, len) == -1) {
		own.v4.sin_port = 0;
		if (bind(fd, &own.sa, len) == -1)
			err(2, "bind");
	}
	if (getsockname(fd, &own.sa, &len) == -1)
		err(2, "getsockname");
	*got = ntohs(own.v4.sin_port);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes,
	    sizeof(bytes)); /* less will do */
	return fd;
}

static void
open_sockets(struct storm *s)
{
	for (uint32_t i = 0; i < PORTS; i++)
		s->fds[i] = open_socket(s, i == 1 ? 123 : 0, &s->ports[i]);
	s->raw = -1;
	if (s->server.sa.sa_family == AF_INET)
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
set_server(struct storm *s, const char *host, const char *port)
{
	uint16_t p = htons((uint16_t)number(port, 65535));

	if (inet_pton(AF_INET6, host, &s->server.v6.sin6_addr) == 1) {
		s->server.v6.sin6_family = AF_INET6;
		s->server.v6.sin6_port = p;
		s->server_len = sizeof(s->server.v6);
		return;
	}
	s->server.v4 = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = p,
		.sin_addr.s_addr = htonl(address(host)) };
	s->server_len = sizeof(s->server.v4);
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
	uint64_t count = UINT64_MAX, seconds = 100000, seed = wire_random64();
	int c;

	s->count = 1;
	s->first = s->fence_first = INADDR_LOOPBACK;
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
			seed = number(optarg, UINT64_MAX);
		else if (c == 'R')
			s->random_from = true;
		else if (c == 's')
			seconds = number(optarg, 100000);
		else
			errx(2, "see the head of storm.c");
	}
	if (argc - optind != 2)
		errx(2, "an address and a port are needed");
	(void)fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
	set_server(s, argv[optind], argv[optind + 1]);
	dice_init(&s->dice, seed);
	s->tag = draw(&s->dice) << TAG_SHIFT;
	open_sockets(s);
	return run(s, count, seconds);
}
