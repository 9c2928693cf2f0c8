/*
 * Dispatch: each message type goes to its function, and to no other.
 */
#include <sys/socket.h>

#include <fcntl.h>
#include <unistd.h>

#include "common/dispatch.h"
#include "tests/tap.h"

static struct channel parent, sibling;
static struct received last;
static int taken;

static int
take_source(struct received *r)
{
	taken++;
	last = *r;
	return r->m.net_source.port == 123 ? 0 : -1;
}

static const struct handler handlers[MSG_COUNT] = {
	[MSG_PEER] = { dispatch_peer, &sibling },
	[MSG_NET_SOURCE] = { take_source, NULL },
	[MSG_NET_HURRY] = { dispatch_nothing, NULL },
};

int
main(void)
{
	struct channel ntpd = channel_none(PROC_NTPD, PROC_NET);
	struct msg_net_source source = { .port = 123 };
	struct msg_level level = { .log_level = 3 };
	struct msg_net_hurry hurry;
	struct msg_net_commit commit = { .sources = 1 };
	struct msg_peer peer = { .peer = PROC_CLOCK };
	int fds[2] = { -1, -1 }, old, before;

	OK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) == 0, "a channel");
	parent = channel_none(PROC_NET, PROC_NTPD);
	sibling = channel_none(PROC_NET, PROC_CLOCK);
	ntpd.fd = fds[0];
	parent.fd = fds[1];
	IS_I64(dispatch_next(&parent, handlers), MSG_NOTHING, "nothing came");
	OK(msg_send(&ntpd, MSG_NET_SOURCE, &source, -1) == 0 &&
		dispatch_next(&parent, handlers) == MSG_GOT && taken == 1 &&
		last.m.net_source.port == 123 && last.fd == -1,
	    "its function gets the message");
	source.port = 124;
	OK(msg_send(&ntpd, MSG_NET_SOURCE, &source, -1) == 0 &&
		dispatch_next(&parent, handlers) == MSG_BAD && taken == 2,
	    "what it refuses is bad");
	OK(msg_send(&ntpd, MSG_LEVEL, &level, -1) == 0 &&
		msg_send(&ntpd, MSG_NET_HURRY, &hurry, -1) == 0 &&
		dispatch_next(&parent, handlers) == MSG_GOT &&
		dispatch_next(&parent, handlers) == MSG_GOT && taken == 2,
	    "a level is for all, and one message is ignored");
	OK(msg_send(&ntpd, MSG_NET_COMMIT, &commit, -1) == 0 &&
		dispatch_next(&parent, handlers) == MSG_BAD && taken == 2,
	    "one without a function is bad");
	OK(msg_send(&ntpd, MSG_PEER, &peer, 0) == 0 &&
		dispatch_next(&parent, handlers) == MSG_GOT && sibling.fd != -1,
	    "a channel to another program");
	old = sibling.fd;
	before = fcntl(old, F_GETFD);
	OK(msg_send(&ntpd, MSG_PEER, &peer, 0) == 0 &&
		dispatch_next(&parent, handlers) == MSG_GOT &&
		sibling.fd != old && before != -1 &&
		(fcntl(old, F_GETFD) == -1 || sibling.kept == 1),
	    "replaces the old one, which is closed");
	old = sibling.fd;
	peer.peer = PROC_RESOLVE;
	OK(msg_send(&ntpd, MSG_PEER, &peer, 0) == 0 &&
		dispatch_next(&parent, handlers) == MSG_BAD &&
		sibling.fd == old,
	    "but one to a third program does not");
	dispatch_all(&parent, handlers);
	OK(true, "all that there is has been read");
	return DONE();
}
