/*
 * Queries on the network, see exchange.h.  Run by ntp-net: its only file that
 * talks to the network.  It does not parse packets; core/source/source.c does.
 */
#include "ntp-net/poll/exchange.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>

#include "common/addr.h"
#include "common/log.h"
#include "common/random.h"
#include "ntp-net/poll/query_mac.h"
#include "ntp-net/poll/record/record.h"
#include "ntp-net/poll/refid.h"

_Static_assert(ITEM_DATAGRAM_MAX == DATAGRAM_MAX, "datagrams");

#define STAMP_AGE_MAX_NS NS_PER_S
#define DATAGRAMS_A_TURN 8 /* so that no sender can keep us busy */

/* Room for the timestamps and for the origin of an error. */
union control {
	struct cmsghdr align;
	char buf[256];
};

struct mono
clocks_read(struct clocks *c)
{
	c->pair = clock_read_pair(&c->line);
	record_clock(c->recorder, &c->pair);
	/* The first reading reports the suspends before our start. */
	if (c->begun)
		c->suspended_ns += c->pair.suspended_ns;
	c->begun = true;
	return (struct mono){ c->pair.raw_ns };
}

bool
exchange_stamp_raw(
    const struct clock_pair *pair, int64_t stamp_ns, struct mono *at)
{
	int64_t age_ns;

	at->ns = 0;
	if (__builtin_sub_overflow(pair->real_ns, stamp_ns, &age_ns) ||
	    age_ns < 0 || age_ns >= STAMP_AGE_MAX_NS)
		return false;
	at->ns = pair->raw_ns - age_ns;
	return true;
}

/* --- random bits ---------------------------------------------------------- */

static void
fill_random(struct recorder *r, void *buf, size_t len)
{
	ssize_t n;

	do
		n = random_raw(buf, len, 0);
	while (n == -1 && errno == EINTR);
	if (n == (ssize_t)len) {
		record_random(r, buf, len);
		return;
	}
	log_error("cannot get random numbers: %s", strerrordesc_np(errno));
	_exit(1);
}

uint32_t
exchange_random32(struct recorder *r)
{
	uint32_t v;

	fill_random(r, &v, sizeof(v));
	return v;
}

uint64_t
exchange_random_nonce(struct recorder *r)
{
	uint64_t v;

	do
		fill_random(r, &v, sizeof(v));
	while (v == 0);
	return v;
}

/* --- sockets -------------------------------------------------------------- */

static int
ask_for_stamps(int fd)
{
	int flags = SOF_TIMESTAMPING_RX_SOFTWARE |
	    SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE |
	    SOF_TIMESTAMPING_OPT_TSONLY;

	return setsockopt(
	    fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags));
}

static int
open_socket(int family)
{
	const int one = 1;
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd == -1)
		return -1;
	/* Without kernel timestamps, our own readings are used. */
	(void)ask_for_stamps(fd);
	if (family == AF_INET6)
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	return fd;
}

void
exchange_keep_stamps(void)
{
	int fd = open_socket(AF_INET);

	if (fd == -1)
		fd = open_socket(AF_INET6);
	if (fd == -1)
		log_debug("the kernel has no such protocol: %s",
		    strerrordesc_np(errno));
}

/* A socket connected to the slot's address, or -1 with errno. */
static int
open_query(const struct slot *s, uint16_t port)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_socket(&s->addr, port, &ss);
	int fd = open_socket(s->addr.family == 6 ? AF_INET6 : AF_INET);
	int saved;

	if (fd == -1)
		return -1;
	if (connect(fd, (struct sockaddr *)&ss, len) == 0)
		return fd;
	saved = errno;
	(void)close(fd);
	errno = saved;
	return -1;
}

/*
 * The local address of a socket.  Servers that use us as a source, even
 * indirectly, may show it as their reference ID.
 */
static struct msg_addr
learn_local(struct table *t, int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct msg_addr local = { .family = 0 };

	if (getsockname(fd, (struct sockaddr *)&ss, &len) != -1)
		(void)addr_from_socket(&ss, &local);
	record_local(t->recorder, &local);
	/* Every machine has these, so they identify nobody. */
	if (local.family != 0 && !addr_loopback(&local))
		table_learn_refid(t, refid_of(&local));
	return local;
}

/*
 * Would the query go to ourselves?  To an address of its own, the kernel sends
 * from that same address.  A different port may belong to another program.
 */
static bool
is_self(const struct table *t, const struct slot *s, struct msg_addr local)
{
	local.scope = s->addr.scope;
	return addr_equal(&local, &s->addr) &&
	    table_answers(t, &s->addr, t->entries[s->entry].port);
}

static void
close_query(struct slot *s)
{
	if (s->fd != -1)
		(void)close(s->fd); /* a failure cannot be handled */
	s->fd = -1;
}

/* The query is not sent: there is no route, or no need. */
static void
keep_query(struct slot *s, int error, struct mono not_before)
{
	char text[ADDR_TEXT];

	close_query(s);
	source_unsent(&s->source, not_before);
	s->error = error;
	if (error == 0)
		return;
	addr_text(&s->addr, text);
	log_debug("cannot send a query: address=%s error=%s", text,
	    strerrordesc_np(error));
}

static void
send_query(struct table *t, struct slot *s, struct clocks *c,
    const struct source_out *out)
{
	const struct entry *e = &t->entries[s->entry];
	uint8_t query[QUERY_MAC_QUERY_MAX];
	int error = 0;
	size_t len;

	close_query(s);
	memcpy(query, out->packet, sizeof(out->packet));
	len = query_mac_append(e->key_id, query);
	if (len == 0)
		errno = ENOKEY; /* ntpd sent the keys of all sources */
	else
		s->fd = open_query(s, e->port);
	error = s->fd == -1 ? errno : 0;
	record_open(t->recorder, s, error);
	if (s->fd != -1) {
		s->self = is_self(t, s, learn_local(t, s->fd));
		source_sent(&s->source, clocks_read(c));
	}
	if (s->fd != -1 && s->self) {
		keep_query(s, 0,
		    (struct mono){ s->source.sent_at.ns + SELF_AGAIN_NS });
		return;
	}
	if (s->fd != -1) {
		error = send(s->fd, query, len, 0) == -1 ? errno : 0;
		record_sent(t->recorder, error);
	}
	/* Its interface may be back with another number. */
	s->unsent = error != 0 && e->scoped;
	if (error != 0)
		keep_query(s, error, (struct mono){ 0 });
}

void
exchange_probe(struct table *t, struct mono now)
{
	struct probe next = t->probe;
	bool found = false;

	next.tries += next.tries < UINT32_MAX;
	next.at.ns =
	    now.ns + (next.tries < URGENT_TRIES ? URGENT_NS : 16 * URGENT_NS);
	for (uint32_t i = 0; i < t->end && !found; i++) {
		struct slot *s = &t->slots[i];

		if (!s->used || s->source.query != QUERY_UNSENT || s->self)
			continue;
		s->fd = open_query(s, t->entries[s->entry].port);
		record_open(t->recorder, s, s->fd == -1 ? errno : 0);
		found = s->fd != -1;
		close_query(s);
	}
	if (found)
		table_hurry(t, now);
	t->probe = next; /* there is a route; a firewall may block us */
}

const char *
exchange_error_str(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return "connection refused: nothing listens on its port";
	case ENETUNREACH:
		return "network is unreachable";
	case EHOSTUNREACH:
		return "host is unreachable";
	case EPERM:
	case EACCES:
		return "a firewall of this machine forbids to ask it";
	case EAFNOSUPPORT:
		return "this kernel has not its address family";
	default:
		return strerrordesc_np(error);
	}
}

void
exchange_timer(struct table *t, struct slot *s, struct clocks *c)
{
	/*
	 * Draw these in order: C does not order arguments, and a recording has
	 * an order.
	 */
	struct mono now = clocks_read(c);
	struct source_bits bits = { .transmit =
					exchange_random_nonce(c->recorder) };
	struct source_out out;

	if (s->source.query == QUERY_UNSENT)
		s->error = 0; /* it may get out this time */
	bits.interval = exchange_random32(c->recorder);
	if (s->source.config.interleaved)
		bits.receive = exchange_random_nonce(c->recorder);
	source_timer(&s->source, now, &bits, &out);
	s->fresh = s->fresh || out.estimate_changed;
	if (out.close)
		close_query(s);
	if (out.send)
		send_query(t, s, c, &out);
}

/* --- receiving ------------------------------------------------------------ */

/* The software timestamp of a control message, in CLOCK_REALTIME; 0: none. */
static int64_t
find_stamp(struct msghdr *mh)
{
	int64_t ns = 0;

	for (struct cmsghdr *m = CMSG_FIRSTHDR(mh); m != NULL;
	     m = CMSG_NXTHDR(mh, m)) {
		struct scm_timestamping ts;

		if (m->cmsg_level != SOL_SOCKET ||
		    m->cmsg_type != SCM_TIMESTAMPING ||
		    m->cmsg_len < CMSG_LEN(sizeof(ts)))
			continue;
		memcpy(&ts, CMSG_DATA(m), sizeof(ts));
		ns = (int64_t)ts.ts[0].tv_sec * NS_PER_S + ts.ts[0].tv_nsec;
	}
	return ns;
}

/* Take the kernel's time of sending.  There is one query per socket. */
static void
take_sent_stamp(struct slot *s, struct clocks *c)
{
	for (int i = 0; i < DATAGRAMS_A_TURN; i++) {
		union control control;
		char payload[NTP_PACKET_LEN];
		struct iovec iov = { payload, sizeof(payload) };
		struct msghdr mh = { .msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control.buf,
			.msg_controllen = sizeof(control.buf) };
		int64_t stamp_ns;
		struct mono at;

		if (recvmsg(s->fd, &mh, MSG_ERRQUEUE | MSG_DONTWAIT) == -1) {
			record_stamp(c->recorder, false, 0);
			return;
		}
		stamp_ns = find_stamp(&mh);
		record_stamp(c->recorder, true, stamp_ns);
		(void)clocks_read(c);
		if (stamp_ns != 0 &&
		    exchange_stamp_raw(&c->pair, stamp_ns, &at))
			source_sent(&s->source, at);
	}
}

struct datagram {
	uint8_t buf[DATAGRAM_MAX];
	size_t len;	  /* 0 if it did not fit */
	int64_t stamp_ns; /* kernel's CLOCK_REALTIME; 0: none */
};

/*
 * Returns 1 with a datagram, 0 if none is waiting, -1 after an error to ignore.
 */
static int
take_datagram(int fd, struct datagram *d)
{
	union control control;
	struct iovec iov = { d->buf, sizeof(d->buf) };
	struct msghdr mh = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf) };
	ssize_t n = recvmsg(fd, &mh, MSG_DONTWAIT);

	if (n == -1)
		return errno == EAGAIN ? 0 : -1;
	d->len = (mh.msg_flags & MSG_TRUNC) != 0 ? 0 : (size_t)n;
	d->stamp_ns = find_stamp(&mh);
	return 1;
}

static void
handle_datagram(const struct table *t, struct slot *s, struct clocks *c,
    const struct datagram *d)
{
	uint32_t key_id = t->entries[s->entry].key_id;
	struct source_rx rx = { .at = { c->pair.raw_ns } };
	struct source_out out;
	enum verdict verdict;
	struct mono at;
	char text[ADDR_TEXT];

	/*
	 * A timestamp before the query was sent means that the clock was
	 * stepped.
	 */
	if (d->stamp_ns != 0 &&
	    exchange_stamp_raw(&c->pair, d->stamp_ns, &at) &&
	    at.ns >= s->source.sent_at.ns)
		rx.at = at;
	if (key_id != 0) {
		rx.auth = query_mac_check(key_id, d->buf, d->len);
		record_auth(c->recorder, rx.auth);
	}
	verdict = source_packet(&s->source, &rx, d->buf, d->len, &out);
	record_answer(c->recorder, s, verdict);
	s->fresh = s->fresh || out.estimate_changed;
	s->alarm = s->alarm || out.alarm;
	if (out.close)
		close_query(s);
	if (verdict == VERDICT_USED)
		return;
	addr_text(&s->addr, text);
	log_debug("rejected an answer: address=%s reason=%s", text,
	    verdict_str(verdict));
}

void
exchange_readable(
    const struct table *t, struct slot *s, struct clocks *c, bool quiet)
{
	struct datagram d;

	take_sent_stamp(s, c);
	for (int i = 0; i < DATAGRAMS_A_TURN && s->fd != -1; i++) {
		int got = take_datagram(s->fd, &d), error = errno;

		record_datagram(c->recorder, s, got, d.buf, d.len, d.stamp_ns);
		if (got == 0)
			return;
		s->error = got == 1 ? 0 : error;
		(void)clocks_read(c);
		if (got == 1 && !quiet)
			handle_datagram(t, s, c, &d);
	}
}
