/*
 * Tells ntpd of a sibling process that does not respond, see silent.h.  Run by
 * ntp-net.
 */
#include "ntp-net/poll/silent.h"

#define READ_WITHIN_NS (2 * NS_PER_S) /* ntp-clock accepts ten per second */

/* When the last sample was sent, in ns. */
static int64_t sent_ns;

static void
tell(struct net *n, enum proc peer)
{
	struct msg_silent m = { .peer = (uint32_t)peer };

	msg_offer(&n->parent, MSG_SILENT, &m);
}

void
silent_clock(struct net *n)
{
	int64_t now_ns = n->clocks.pair.raw_ns;

	if (now_ns - sent_ns < READ_WITHIN_NS)
		return; /* the previous one may still be unread */
	sent_ns = now_ns;
	if (msg_unread(&n->clock))
		tell(n, PROC_CLOCK);
}

void
silent_resolve(struct net *n)
{
	tell(n, PROC_RESOLVE);
}
