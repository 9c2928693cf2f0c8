/*
 * Interfaces that come, go, and get other addresses, where the configuration
 * names any.  The kernel tells that something has changed; what it says is not
 * read, ntpd looks for itself what there is.  Run by ntpd only.
 */
#include <sys/socket.h>

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "ntpd/sockets/interface.h"
#include "ntpd/sockets/notices.h"
#include "ntpd/supervise.h"

#define NOTICES_A_TURN 256
#define GROUPS	       (RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR)

/* A change comes in several steps; and where nobody tells of it. */
#define PAUSE_NS NS_PER_S
#define AGAIN_NS (10 * PAUSE_NS)

void
links_watch(struct supervisor *s)
{
	bool named = interface_is_named(&s->conf);

	if (named && s->links_fd == -1)
		s->links_fd = notices_open(GROUPS);
	if (!named && s->links_fd != -1) {
		(void)close(s->links_fd); /* it was only listened to */
		s->links_fd = -1;
	}
	s->links_due_ns = INT64_MAX;
	if (named && s->links_fd == -1)
		s->links_due_ns = clock_read_boot() + AGAIN_NS;
}

/* What is longer than the buffer, or was lost, is a notice all the same. */
void
links_hear(struct supervisor *s, int64_t now_ns)
{
	uint8_t notice[64];

	for (int i = 0; i < NOTICES_A_TURN; i++)
		if (recv(s->links_fd, notice, sizeof(notice), MSG_DONTWAIT) ==
			-1 &&
		    errno != ENOBUFS)
			break;
	if (s->links_due_ns == INT64_MAX)
		s->links_due_ns = now_ns + PAUSE_NS;
}

void
links_follow(struct supervisor *s)
{
	struct conf *next = malloc(sizeof(*next));
	FILE *report = fopen("/dev/null", "we");

	links_watch(s);
	if (next != NULL && report != NULL) {
		*next = s->conf; /* all that it points to stays there */
		await_join(&s->awaited, next);
		interface_renew(next, report);
		reload_listens(s, next);
	}
	if (report != NULL)
		(void)fclose(report); /* it was said at the start */
	free(next);
}
