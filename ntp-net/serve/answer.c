/*
 * Receiving and answering on one socket, see answer.h.  Run by ntp-serve; it
 * must never send more than one datagram for one that came, nor to anybody
 * but its sender, nor log what a client does.
 */
#include "answer.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <string.h>

#include "seal.h"

#define BATCH	    64	 /* requests answered before others get their turn */
#define REQUEST_MAX 2048 /* octets; a longer request is dropped */
#define AGE_MAX_NS  (4 * NS_PER_S) /* no client waits longer */
#define EARLY_NS    NS_PER_MS	   /* arrival "after" now: clocks differ */

union address {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Where a datagram was sent to: the cmsg that also sends from there. */
struct destination {
	sa_family_t family; /* AF_UNSPEC: not known */
	struct in_pktinfo v4;
	struct in6_pktinfo v6;
};

struct datagram {
	uint8_t buf[REQUEST_MAX];
	size_t len;
	union address from;
	socklen_t from_len;
	struct destination to;
	int64_t arrival_ns; /* CLOCK_REALTIME; 0: the kernel did not say */
};

/* Room for both control messages, aligned as the kernel wants. */
union control {
	struct cmsghdr align;
	char buf[CMSG_SPACE(sizeof(struct in6_pktinfo)) +
	    CMSG_SPACE(sizeof(struct scm_timestamping)) + 64];
};

static uint16_t
port_of(const union address *a)
{
	if (a->sa.sa_family == AF_INET6)
		return ntohs(a->v6.sin6_port);
	return ntohs(a->v4.sin_port);
}

int
answer_prepare(struct answer_socket *s, int fd)
{
	const int on = 1;
	const int stamps =
	    SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
	union address own;
	socklen_t len = sizeof(own);

	memset(&own, 0, sizeof(own));
	if (getsockname(fd, &own.sa, &len) == -1)
		return -1;
	if (setsockopt(
		fd, SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof(stamps)) == -1)
		return -1;
	*s = (struct answer_socket){ .fd = fd, .port = port_of(&own) };
	if (own.sa.sa_family == AF_INET)
		return setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	if (own.sa.sa_family == AF_INET6)
		return setsockopt(
		    fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	errno = EAFNOSUPPORT;
	return -1;
}

static void
read_control(struct datagram *d, struct msghdr *mh)
{
	struct scm_timestamping ts;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c != NULL;
	     c = CMSG_NXTHDR(mh, c)) {
		if (c->cmsg_level == SOL_SOCKET &&
		    c->cmsg_type == SCM_TIMESTAMPING) {
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
			d->arrival_ns =
			    ts.ts[0].tv_sec * NS_PER_S + ts.ts[0].tv_nsec;
		} else if (c->cmsg_level == IPPROTO_IP &&
		    c->cmsg_type == IP_PKTINFO) {
			memcpy(&d->to.v4, CMSG_DATA(c), sizeof(d->to.v4));
			d->to.family = AF_INET;
		} else if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&d->to.v6, CMSG_DATA(c), sizeof(d->to.v6));
			d->to.family = AF_INET6;
		}
	}
}

/* Returns 1 for a datagram, 0 for one to be skipped, -1 if none waits. */
static int
receive(const struct answer_socket *s, struct datagram *d)
{
	union control control;
	struct iovec iov = { .iov_base = d->buf, .iov_len = sizeof(d->buf) };
	struct msghdr mh = { .msg_name = &d->from,
		.msg_namelen = sizeof(d->from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf) };
	ssize_t n = recvmsg(s->fd, &mh, MSG_DONTWAIT);

	if (n == -1)
		return errno == EINTR ? 0 : -1;
	d->len = (size_t)n;
	d->from_len = mh.msg_namelen;
	d->arrival_ns = 0;
	d->to.family = AF_UNSPEC;
	if ((mh.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
		return 0;
	read_control(d, &mh);
	return 1;
}

/*
 * True for a datagram that one host sent to this one alone, and not we to
 * ourselves: the destination is no broadcast or multicast address (of IPv4
 * ones the kernel says so by a different spec_dst).
 */
static bool
one_to_one(const struct answer_socket *s, const struct datagram *d)
{
	const struct in6_addr *from6 = &d->from.v6.sin6_addr;
	const struct in6_addr *to6 = &d->to.v6.ipi6_addr;
	struct in_addr from4 = d->from.v4.sin_addr;

	if (d->to.family == AF_UNSPEC || d->from.sa.sa_family != d->to.family)
		return false;
	if (d->to.family == AF_INET)
		return d->to.v4.ipi_addr.s_addr ==
		    d->to.v4.ipi_spec_dst.s_addr &&
		    !IN_MULTICAST(ntohl(from4.s_addr)) &&
		    from4.s_addr != INADDR_BROADCAST &&
		    !(from4.s_addr == d->to.v4.ipi_addr.s_addr &&
			port_of(&d->from) == s->port);
	return !IN6_IS_ADDR_MULTICAST(to6) && !IN6_IS_ADDR_MULTICAST(from6) &&
	    !(IN6_ARE_ADDR_EQUAL(from6, to6) && port_of(&d->from) == s->port);
}

/* The moments of the answer; false if the request waited too long for one. */
static bool
read_times(struct serve_request *rq, const struct datagram *d,
    const struct answer_time *t)
{
	int64_t since_ns, age_ns = 0;

	rq->raw.ns = clock_read_raw(t->timeline);
	since_ns = rq->raw.ns - t->pair.raw_ns;
	rq->transmit.ns = t->utc.ns + since_ns;
	if (d->arrival_ns != 0)
		age_ns = t->pair.real_ns + since_ns - d->arrival_ns;
	/* else the clock was stepped in between, or the machine was stuck */
	if (age_ns < -EARLY_NS || age_ns > AGE_MAX_NS)
		return false;
	rq->receive.ns = rq->transmit.ns - (age_ns > 0 ? age_ns : 0);
	return true;
}

static void
put_cmsg(struct msghdr *mh, union control *control, int level, int type,
    const void *data, size_t len)
{
	struct cmsghdr *c;

	memset(control, 0, sizeof(*control));
	mh->msg_control = control->buf;
	mh->msg_controllen = CMSG_SPACE(len);
	c = CMSG_FIRSTHDR(mh);
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
}

/* From the address that was asked; the route back decides the interface. */
static void
send_answer(
    const struct answer_socket *s, struct datagram *d, uint8_t *out, size_t len)
{
	union control control;
	struct iovec iov = { .iov_base = out, .iov_len = len };
	struct msghdr mh = { .msg_name = &d->from,
		.msg_namelen = d->from_len,
		.msg_iov = &iov,
		.msg_iovlen = 1 };

	if (d->to.family == AF_INET) {
		d->to.v4.ipi_spec_dst = d->to.v4.ipi_addr;
		d->to.v4.ipi_ifindex = 0;
		put_cmsg(&mh, &control, IPPROTO_IP, IP_PKTINFO, &d->to.v4,
		    sizeof(d->to.v4));
	} else {
		if (!IN6_IS_ADDR_LINKLOCAL(&d->to.v6.ipi6_addr))
			d->to.v6.ipi6_ifindex = 0;
		put_cmsg(&mh, &control, IPPROTO_IPV6, IPV6_PKTINFO, &d->to.v6,
		    sizeof(d->to.v6));
	}
	/* An answer that is lost here is one that the network lost. */
	(void)sendmsg(s->fd, &mh, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void
answer_one(const struct answer_socket *s, const struct answer_time *t,
    struct datagram *d)
{
	struct serve_request rq = { .buf = d->buf,
		.len = d->len,
		.port = port_of(&d->from),
		.precision_log2 = t->precision_log2 };
	struct seal_request asked = { .buf = d->buf, .len = d->len };
	uint8_t out[SEAL_ANSWER_MAX];
	size_t out_len;

	if (!one_to_one(s, d) || !read_times(&rq, d, t) ||
	    serve_request(&t->state, &rq, out, &out_len) != SERVE_ANSWER)
		return;
	out_len = seal_answer(t->keys, &asked, out, out_len);
	if (out_len != 0)
		send_answer(s, d, out, out_len);
}

void
answer_waiting(const struct answer_socket *s, const struct answer_time *t)
{
	struct datagram d;
	int got = 0;

	for (int i = 0; i < BATCH && got != -1; i++) {
		got = receive(s, &d);
		if (got == 1)
			answer_one(s, t, &d);
	}
}
