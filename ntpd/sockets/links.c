/*
 * Interfaces that come and go, see links.h.  The kernel's notices say that
 * something has changed; their content is not read, since ntpd looks at the
 * interfaces itself.  Run by ntpd only.
 */
#include "ntpd/sockets/links.h"

#include <sys/socket.h>

#include <errno.h>
#include <linux/rtnetlink.h>
#include <unistd.h>

#include "common/clock.h"
#include "ntpd/sockets/interface.h"
#include "ntpd/sockets/notices.h"

#define NOTICES_A_TURN 256
#define GROUPS	       (RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR)

/* After a notice, since a change has several steps; and without notices. */
#define PAUSE_NS NS_PER_S
#define AGAIN_NS (10 * PAUSE_NS)

void
links_open(struct links *l, const struct conf *c)
{
	l->fd = -1;
	links_watch(l, c);
}

void
links_watch(struct links *l, const struct conf *c)
{
	bool named = interface_is_named(c);

	if (named && l->fd == -1)
		l->fd = notices_open(GROUPS);
	if (!named && l->fd != -1) {
		(void)close(l->fd); /* only notices were read from it */
		l->fd = -1;
	}
	l->due_ns = INT64_MAX;
	if (named && l->fd == -1)
		l->due_ns = clock_read_boot() + AGAIN_NS;
}

/* A notice that is too long for the buffer, or was lost, counts too. */
void
links_hear(struct links *l, int64_t now_ns)
{
	uint8_t notice[64];

	for (int i = 0; i < NOTICES_A_TURN; i++)
		if (recv(l->fd, notice, sizeof(notice), MSG_DONTWAIT) == -1 &&
		    errno != ENOBUFS)
			break;
	if (l->due_ns == INT64_MAX)
		l->due_ns = now_ns + PAUSE_NS;
}
