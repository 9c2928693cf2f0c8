/*
 * Receive and send in batches, see batch.h.  Run by ntp-serve.  It must never
 * send to anybody but the sender of a datagram that came.
 */
#include "ntp-net/serve/batch.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/sock_diag.h>
#include <string.h>

#include "core/types.h"

uint16_t
address_port(const union address *a)
{
	if (a->sa.sa_family == AF_INET6)
		return ntohs(a->v6.sin6_port);
	return ntohs(a->v4.sin_port);
}

/* Reset what the kernel changes with every datagram. */
static void
make_ready(struct batch *b, unsigned int i)
{
	struct msghdr *mh = &b->in[i].msg_hdr;

	mh->msg_namelen = sizeof(b->datagrams[i].from);
	mh->msg_controllen = sizeof(b->datagrams[i].control);
	mh->msg_flags = 0;
}

void
batch_init(struct batch *b)
{
	memset(b, 0, sizeof(*b));
	for (unsigned int i = 0; i < BATCH_MAX; i++) {
		struct datagram *d = &b->datagrams[i];

		d->buf = b->octets[i];
		b->in_iov[i] = (struct iovec){ d->buf, REQUEST_MAX };
		b->in[i].msg_hdr = (struct msghdr){ .msg_name = &d->from,
			.msg_iov = &b->in_iov[i],
			.msg_iovlen = 1,
			.msg_control = d->control };
		make_ready(b, i);
	}
	for (unsigned int i = 0; i < BATCH_ERRORS; i++)
		b->err[i].msg_hdr.msg_control = b->errors[i].control;
}

int
batch_timestamps(int fd)
{
	const int plain = SOF_TIMESTAMPING_RX_SOFTWARE |
	    SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY;
	const int counted = plain | SOF_TIMESTAMPING_OPT_ID;

	/*
	 * Numbers begin at 0 only when they are turned on: turn them off first.
	 */
	if (setsockopt(
		fd, SOL_SOCKET, SO_TIMESTAMPING, &plain, sizeof(plain)) == -1)
		return -1;
	return setsockopt(
	    fd, SOL_SOCKET, SO_TIMESTAMPING, &counted, sizeof(counted));
}

/* The software timestamp, CLOCK_REALTIME; 0: the message is not one. */
static int64_t
timestamp_of(struct cmsghdr *c)
{
	struct scm_timestamping ts;

	if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPING)
		return 0;
	memcpy(&ts, CMSG_DATA(c), sizeof(ts));
	return ts.ts[0].tv_sec * NS_PER_S + ts.ts[0].tv_nsec;
}

static void
read_control(struct datagram *d, struct msghdr *mh)
{
	d->to = NULL;
	d->arrival_ns = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c != NULL;
	     c = CMSG_NXTHDR(mh, c)) {
		if ((c->cmsg_level == IPPROTO_IP &&
			c->cmsg_type == IP_PKTINFO) ||
		    (c->cmsg_level == IPPROTO_IPV6 &&
			c->cmsg_type == IPV6_PKTINFO))
			d->to = c;
		else if (c->cmsg_level == SOL_SOCKET)
			d->arrival_ns = timestamp_of(c);
	}
}

unsigned int
batch_receive(struct batch *b, int fd)
{
	int got = recvmmsg(fd, b->in, BATCH_MAX, MSG_DONTWAIT, NULL);

	b->out_count = 0;
	for (int i = 0; i < got; i++) {
		struct datagram *d = &b->datagrams[i];
		struct msghdr *mh = &b->in[i].msg_hdr;

		d->len = b->in[i].msg_len;
		if ((mh->msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
			d->len = 0;
		read_control(d, mh);
		make_ready(b, (unsigned int)i);
	}
	return got > 0 ? (unsigned int)got : 0;
}

/*
 * The control message that told the request's destination also sets the
 * answer's source.  The route back selects the interface, except for link-local
 * addresses.
 */
static size_t
reply_from(struct cmsghdr *to)
{
	if (to->cmsg_level == IPPROTO_IP) {
		struct in_pktinfo info;

		memcpy(&info, CMSG_DATA(to), sizeof(info));
		info.ipi_spec_dst = info.ipi_addr;
		info.ipi_ifindex = 0;
		memcpy(CMSG_DATA(to), &info, sizeof(info));
		return CMSG_SPACE(sizeof(info));
	}
	struct in6_pktinfo info;

	memcpy(&info, CMSG_DATA(to), sizeof(info));
	if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
		info.ipi6_ifindex = 0;
	memcpy(CMSG_DATA(to), &info, sizeof(info));
	return CMSG_SPACE(sizeof(info));
}

void
batch_answer(struct batch *b, struct datagram *d, size_t len)
{
	unsigned int i = b->out_count++;
	struct msghdr *mh = &b->out[i].msg_hdr;

	b->out_of[i] = d;
	b->asks[i] = false;
	b->out_iov[i] = (struct iovec){ d->buf, len };
	*mh = (struct msghdr){ .msg_name = &d->from,
		.msg_namelen = d->from.sa.sa_family == AF_INET6
		    ? sizeof(d->from.v6)
		    : sizeof(d->from.v4),
		.msg_iov = &b->out_iov[i],
		.msg_iovlen = 1 };
	if (d->to != NULL) {
		mh->msg_control = d->to;
		mh->msg_controllen = reply_from(d->to);
	}
}

/* Put it behind the message that sets the source, if there is one. */
void
batch_ask_txstamp(struct batch *b, unsigned int i)
{
	const uint32_t what = SOF_TIMESTAMPING_TX_SOFTWARE;
	struct msghdr *mh = &b->out[i].msg_hdr;
	struct datagram *d = b->out_of[i];
	struct cmsghdr *c;
	char *at = d->control;

	if (d->to != NULL)
		at = (char *)d->to + mh->msg_controllen;
	else
		mh->msg_control = at;
	c = (struct cmsghdr *)(void *)at;
	*c = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
		.cmsg_type = SO_TIMESTAMPING,
		.cmsg_len = CMSG_LEN(sizeof(what)) };
	memcpy(CMSG_DATA(c), &what, sizeof(what));
	mh->msg_controllen += CMSG_SPACE(sizeof(what));
	b->asks[i] = true;
}

static struct batch_left
read_txstamp(struct msghdr *mh)
{
	struct batch_left left = { 0, 0 };
	struct sock_extended_err e = { .ee_origin = SO_EE_ORIGIN_NONE };

	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c != NULL;
	     c = CMSG_NXTHDR(mh, c)) {
		if ((c->cmsg_level == IPPROTO_IP &&
			c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == IPPROTO_IPV6 &&
			c->cmsg_type == IPV6_RECVERR))
			memcpy(&e, CMSG_DATA(c), sizeof(e));
		else if (c->cmsg_level == SOL_SOCKET && left.ns == 0)
			left.ns = timestamp_of(c);
	}
	if (e.ee_origin != SO_EE_ORIGIN_TIMESTAMPING)
		return (struct batch_left){ 0, 0 };
	left.key = e.ee_data;
	return left;
}

unsigned int
batch_txstamps(struct batch *b, int fd, struct batch_left left[BATCH_ERRORS])
{
	int got;

	for (unsigned int i = 0; i < BATCH_ERRORS; i++)
		b->err[i].msg_hdr.msg_controllen = ERROR_CONTROL_LEN;
	got = recvmmsg(
	    fd, b->err, BATCH_ERRORS, MSG_ERRQUEUE | MSG_DONTWAIT, NULL);
	for (int i = 0; i < got; i++)
		left[i] = read_txstamp(&b->err[i].msg_hdr);
	return got > 0 ? (unsigned int)got : 0;
}

struct batch_queue
batch_queue(int fd)
{
	struct batch_queue q = { .queue_full = false };
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len) == -1)
		return q;
	/* What was just read may still be counted, at most a quarter. */
	q.queue_full =
	    info[SK_MEMINFO_RMEM_ALLOC] > info[SK_MEMINFO_RCVBUF] / 4 * 3;
	q.dropped = info[SK_MEMINFO_DROPS];
	return q;
}

/* Sending the next one failed, though it may succeed in a later try. */
static void
note_failure(const struct batch *b, unsigned int at, struct batch_sent *result)
{
	if (!b->asks[at])
		return;
	result->misnumbered = true;
	if (at < result->sure)
		result->sure = at;
}

struct batch_sent
batch_send(struct batch *b, int fd)
{
	struct batch_sent result = { .sure = b->out_count };
	unsigned int at = 0;

	while (at < b->out_count) {
		int sent = sendmmsg(fd, b->out + at, b->out_count - at,
		    MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent > 0)
			at += (unsigned int)sent;
		if (at == b->out_count)
			break;
		note_failure(b, at, &result);
		if (sent > 0 || (sent == -1 && errno == EINTR))
			continue;
		if (sent == -1 && errno == EAGAIN) {
			/* The queue is full: the others would fail, too. */
			result.lost += b->out_count - at;
			if (at < result.sure)
				result.sure = at;
			break;
		}
		at++; /* this one cannot be sent */
		result.lost++;
	}
	b->out_count = 0;
	return result;
}
