/*
 * Receiving and sending in batches, see batch.h.  Run by ntp-serve; it must
 * never send to anybody but the sender of a datagram that came.
 */
#include "batch.h"

#include <errno.h>
#include <string.h>

#define NS_PER_SECOND INT64_C(1000000000)

uint16_t
address_port(const union address *a)
{
	if (a->sa.sa_family == AF_INET6)
		return ntohs(a->v6.sin6_port);
	return ntohs(a->v4.sin_port);
}

/* What the kernel changes with every datagram. */
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
}

static void
read_control(struct datagram *d, struct msghdr *mh)
{
	struct timespec ts;

	d->to = NULL;
	d->arrival_ns = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c != NULL;
	     c = CMSG_NXTHDR(mh, c)) {
		if (c->cmsg_level == SOL_SOCKET &&
		    c->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
			d->arrival_ns = ts.tv_sec * NS_PER_SECOND + ts.tv_nsec;
		} else if ((c->cmsg_level == IPPROTO_IP &&
			       c->cmsg_type == IP_PKTINFO) ||
		    (c->cmsg_level == IPPROTO_IPV6 &&
			c->cmsg_type == IPV6_PKTINFO)) {
			d->to = c;
		}
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
 * The control message that told where a request was sent also sends from there.
 * The route back decides the interface, but for a link-local address.
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

unsigned int
batch_send(struct batch *b, int fd)
{
	unsigned int at = 0, lost = 0;

	while (at < b->out_count) {
		int sent = sendmmsg(fd, b->out + at, b->out_count - at,
		    MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent > 0) {
			at += (unsigned int)sent;
		} else if (sent == -1 && errno == EINTR) {
			continue;
		} else if (sent == -1 && errno == EAGAIN) {
			lost += b->out_count - at;
			break; /* no room: the others would not find any */
		} else {
			at++; /* this one has nowhere to go */
			lost++;
		}
	}
	b->out_count = 0;
	return lost;
}
