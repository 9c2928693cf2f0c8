/*
 * Notices of links, addresses and routes, see ways.h.  Run by ntpd, which
 * accepts them from the kernel only, not from others that may write to such a
 * socket.
 */
#include "ntpd/sockets/ways.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "ntpd/sockets/notices.h"

#define NOTICES_A_TURN 64
#define NOTICE_MAX     4096  /* the rest of a longer one is ignored */
#define QUEUE_BYTES    32768 /* more is lost, which counts as news */

#define GROUPS                                                                 \
	(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE |                \
	    RTMGRP_IPV6_IFADDR | RTMGRP_IPV6_ROUTE)

void
ways_open(struct ways *w)
{
	const int size = QUEUE_BYTES;

	w->due_ns = 0;
	w->fd = notices_open(GROUPS);
	if (w->fd != -1) /* if it fails, the kernel's default is larger */
		(void)setsockopt(
		    w->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

bool
ways_listens(const struct ways *w, int64_t now_ns)
{
	return w->fd != -1 && now_ns >= w->due_ns;
}

/* A link that carries nothing yet does not count. */
static bool
runs(const struct nlmsghdr *h)
{
	struct ifinfomsg link;

	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(link)))
		return false;
	memcpy(&link, (const unsigned char *)h + NLMSG_HDRLEN, sizeof(link));
	return (link.ifi_flags & IFF_RUNNING) != 0;
}

static bool
is_news(const struct nlmsghdr *h)
{
	return h->nlmsg_type == RTM_NEWADDR || h->nlmsg_type == RTM_NEWROUTE ||
	    h->nlmsg_type == RTM_DELADDR ||
	    (h->nlmsg_type == RTM_NEWLINK && runs(h));
}

/* Returns 1 for news, 0 for anything else, -1 if nothing is queued. */
static int
read_one(int fd)
{
	union {
		struct nlmsghdr align;
		char bytes[NOTICE_MAX];
	} buf;
	struct sockaddr_nl from = { .nl_pid = 1 };
	socklen_t from_len = sizeof(from);
	ssize_t n = recvfrom(fd, buf.bytes, sizeof(buf.bytes), MSG_DONTWAIT,
	    (struct sockaddr *)&from, &from_len);

	if (n == -1)
		return errno == ENOBUFS ? 1 : -1;
	if (from_len != sizeof(from) || from.nl_pid != 0)
		return 0;
	for (const struct nlmsghdr *h = &buf.align; (size_t)n >= sizeof(*h) &&
	     h->nlmsg_len >= sizeof(*h) && h->nlmsg_len <= (size_t)n;) {
		size_t step = NLMSG_ALIGN(h->nlmsg_len);

		if (is_news(h))
			return 1;
		if (step >= (size_t)n)
			break;
		n -= (ssize_t)step;
		h = (const struct nlmsghdr *)(const void *)((const char *)h +
		    step);
	}
	return 0;
}

bool
ways_read(struct ways *w, int64_t now_ns)
{
	bool news = false;

	w->due_ns = now_ns + WAYS_PAUSE_NS;
	for (int i = 0; i < NOTICES_A_TURN; i++) {
		int got = read_one(w->fd);

		if (got == -1)
			break;
		news = news || got == 1;
	}
	return news;
}
