/*
 * The message table, and how a message is sent and received.  Linked into
 * every program.  It must never wait, allocate or log.
 */
#include "msg.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <unistd.h>

struct row {
	enum msg_type type;
	enum proc from;
	enum proc to;
	size_t length;
	bool with_fd;
};

#define TO_EVERY_CHILD(t, s)                                                   \
	{ t, PROC_NTPD, PROC_CLOCK, sizeof(struct s), false },                 \
	    { t, PROC_NTPD, PROC_NET, sizeof(struct s), false },               \
	    { t, PROC_NTPD, PROC_RESOLVE, sizeof(struct s), false },           \
	    { t, PROC_NTPD, PROC_SERVE, sizeof(struct s), false },             \
	{                                                                      \
		t, PROC_NTPD, PROC_OBSERVE, sizeof(struct s), false            \
	}
#define FROM_EVERY_CHILD(t, s)                                                 \
	{ t, PROC_CLOCK, PROC_NTPD, sizeof(struct s), false },                 \
	    { t, PROC_NET, PROC_NTPD, sizeof(struct s), false },               \
	    { t, PROC_RESOLVE, PROC_NTPD, sizeof(struct s), false },           \
	    { t, PROC_SERVE, PROC_NTPD, sizeof(struct s), false },             \
	{                                                                      \
		t, PROC_OBSERVE, PROC_NTPD, sizeof(struct s), false            \
	}
#define ROW(t, from, to, s)                                                    \
	{                                                                      \
		t, from, to, sizeof(struct s), false                           \
	}
#define ROW_FD(t, from, to, s)                                                 \
	{                                                                      \
		t, from, to, sizeof(struct s), true                            \
	}

/* clang-format off */
static const struct row rows[] = {
	TO_EVERY_CHILD(MSG_START, msg_start),
	TO_EVERY_CHILD(MSG_LEVEL, msg_level),
	FROM_EVERY_CHILD(MSG_READY, msg_ready),
	FROM_EVERY_CHILD(MSG_LOG, msg_log),
	ROW(MSG_ACCUSE, PROC_CLOCK, PROC_NTPD, msg_accuse),
	ROW(MSG_ACCUSE, PROC_NET, PROC_NTPD, msg_accuse),
	ROW(MSG_ACCUSE, PROC_RESOLVE, PROC_NTPD, msg_accuse),
	ROW(MSG_ACCUSE, PROC_OBSERVE, PROC_NTPD, msg_accuse),
	ROW(MSG_SILENT, PROC_NET, PROC_NTPD, msg_silent),
	ROW(MSG_SILENT, PROC_OBSERVE, PROC_NTPD, msg_silent),
	ROW_FD(MSG_PEER, PROC_NTPD, PROC_CLOCK, msg_peer),
	ROW_FD(MSG_PEER, PROC_NTPD, PROC_NET, msg_peer),
	ROW_FD(MSG_PEER, PROC_NTPD, PROC_RESOLVE, msg_peer),
	ROW_FD(MSG_PEER, PROC_NTPD, PROC_OBSERVE, msg_peer),

	ROW(MSG_CLOCK_CONFIG, PROC_NTPD, PROC_CLOCK, msg_clock_config),
	ROW(MSG_CLOCK_RELEASE, PROC_NTPD, PROC_CLOCK, msg_clock_release),
	ROW_FD(MSG_CLOCK_RTC, PROC_NTPD, PROC_CLOCK, msg_clock_rtc),
	ROW(MSG_CLOCK_SET, PROC_NTPD, PROC_CLOCK, msg_clock_set),
	ROW_FD(MSG_CLOCK_PAGE, PROC_NTPD, PROC_CLOCK, msg_clock_page),
	ROW_FD(MSG_CLOCK_PAGE, PROC_NTPD, PROC_OBSERVE, msg_clock_page),
	ROW(MSG_CLOCK_CHARGE, PROC_CLOCK, PROC_NTPD, msg_clock_charge),
	ROW(MSG_CLOCK_CHARGED, PROC_NTPD, PROC_CLOCK, msg_clock_charged),
	ROW(MSG_CLOCK_STATE, PROC_CLOCK, PROC_NTPD, msg_clock_state),
	ROW(MSG_CLOCK_STATE, PROC_CLOCK, PROC_NET, msg_clock_state),
	ROW(MSG_CLOCK_STATE, PROC_NTPD, PROC_OBSERVE, msg_clock_state),
	ROW(MSG_CLOCK_EVENT, PROC_CLOCK, PROC_NTPD, msg_clock_event),
	ROW(MSG_CLOCK_EVENT, PROC_CLOCK, PROC_NET, msg_clock_event),
	ROW(MSG_CLOCK_EVENT, PROC_NTPD, PROC_OBSERVE, msg_clock_event),
	ROW(MSG_SAMPLE, PROC_NET, PROC_CLOCK, msg_sample),

	ROW(MSG_NET_CONFIG, PROC_NTPD, PROC_NET, msg_net_config),
	ROW(MSG_NET_SOURCE, PROC_NTPD, PROC_NET, msg_net_source),
	ROW(MSG_NET_LISTENS, PROC_NTPD, PROC_NET, msg_net_listens),
	ROW(MSG_NET_HURRY, PROC_NTPD, PROC_NET, msg_net_hurry),
	ROW(MSG_NET_COMMIT, PROC_NTPD, PROC_NET, msg_net_commit),
	ROW(MSG_LEAPS, PROC_NTPD, PROC_NET, msg_leaps),
	ROW(MSG_KEYS, PROC_NTPD, PROC_NET, msg_keys),
	ROW(MSG_KEYS, PROC_NTPD, PROC_SERVE, msg_keys),
	ROW(MSG_NET_STATE, PROC_NET, PROC_NTPD, msg_net_state),
	ROW_FD(MSG_PAGE, PROC_NTPD, PROC_NET, msg_page),
	ROW_FD(MSG_PAGE, PROC_NTPD, PROC_SERVE, msg_page),
	ROW_FD(MSG_FAST, PROC_NTPD, PROC_SERVE, msg_fast),
	ROW_FD(MSG_RECORD, PROC_NTPD, PROC_NET, msg_record),

	ROW(MSG_RESOLVE, PROC_NET, PROC_RESOLVE, msg_resolve),
	ROW(MSG_RESOLVED, PROC_RESOLVE, PROC_NET, msg_resolved),

	ROW(MSG_SERVE_CONFIG, PROC_NTPD, PROC_SERVE, msg_serve_config),
	ROW_FD(MSG_PREFIXES, PROC_NTPD, PROC_SERVE, msg_prefixes),
	ROW_FD(MSG_SOCKET, PROC_NTPD, PROC_SERVE, msg_socket),
	ROW_FD(MSG_SOCKET, PROC_NTPD, PROC_OBSERVE, msg_socket),
	ROW_FD(MSG_COUNTS, PROC_NTPD, PROC_SERVE, msg_counts),
	ROW_FD(MSG_COUNTS, PROC_NTPD, PROC_OBSERVE, msg_counts),
	ROW_FD(MSG_FAST_COUNTS, PROC_NTPD, PROC_OBSERVE, msg_fast_counts),
	ROW(MSG_FAST_NONE, PROC_NTPD, PROC_OBSERVE, msg_fast_none),
	ROW(MSG_PROCESS, PROC_NTPD, PROC_OBSERVE, msg_process),

	ROW(MSG_STATUS_ASK, PROC_OBSERVE, PROC_NET, msg_status_ask),
	ROW(MSG_STATUS, PROC_NET, PROC_OBSERVE, msg_status),
	ROW(MSG_SOURCE_STATUS, PROC_NET, PROC_OBSERVE, msg_source_status),
	ROW(MSG_STATUS_END, PROC_NET, PROC_OBSERVE, msg_status_end),

	ROW(MSG_CTL_ASK, PROC_CTL, PROC_OBSERVE, msg_ctl_ask),
	ROW(MSG_STATUS, PROC_OBSERVE, PROC_CTL, msg_status),
	ROW(MSG_SOURCE_STATUS, PROC_OBSERVE, PROC_CTL, msg_source_status),
	ROW(MSG_PROCESS, PROC_OBSERVE, PROC_CTL, msg_process),
	ROW(MSG_CLOCK_STATE, PROC_OBSERVE, PROC_CTL, msg_clock_state),
	ROW(MSG_CLOCK_EVENT, PROC_OBSERVE, PROC_CTL, msg_clock_event),
	ROW(MSG_SERVER_STATUS, PROC_OBSERVE, PROC_CTL, msg_server_status),
	ROW(MSG_CLIENT_STATUS, PROC_OBSERVE, PROC_CTL, msg_client_status),
	ROW(MSG_FAST_STATUS, PROC_OBSERVE, PROC_CTL, msg_fast_status),
	ROW(MSG_CTL_RESULT, PROC_OBSERVE, PROC_CTL, msg_ctl_result),
	ROW(MSG_CTL_CHANGE, PROC_CTL, PROC_NTPD, msg_ctl_change),
	ROW(MSG_CTL_CONFIRM, PROC_NTPD, PROC_CTL, msg_ctl_confirm),
	ROW(MSG_CTL_CONFIRM, PROC_CTL, PROC_NTPD, msg_ctl_confirm),
	ROW(MSG_CTL_RESULT, PROC_NTPD, PROC_CTL, msg_ctl_result),
};
/* clang-format on */

/* A struct that had padding would send bytes of the sender's stack. */
#define NO_PADDING(s, n) _Static_assert(sizeof(struct s) == (n), #s)
NO_PADDING(msg_start, 8 + 16 + 104);
NO_PADDING(msg_log, 8 + 8 + TEXT_LEN);
NO_PADDING(msg_silent, 8 + 8);
NO_PADDING(msg_ledger, LEDGER_NUMBERS * 8);
NO_PADDING(msg_clock_config,
    8 + 14 * 8 + LEAPS_MAX * 8 + LEDGER_NUMBERS * 8 + 8 + REASON_LEN);
NO_PADDING(msg_clock_charge, 8 + 16 + LEDGER_NUMBERS * 8);
NO_PADDING(msg_clock_release, 8 + 16);
NO_PADDING(msg_clock_state, 8 + 16 * 8 + LEDGER_NUMBERS * 8 + 8 + REASON_LEN);
NO_PADDING(msg_clock_event, 8 + 16 + 8 + REASON_LEN);
NO_PADDING(msg_sample, 8 + 7 * 8 + 8);
NO_PADDING(msg_net_config, 8 + 16 + 24);
NO_PADDING(msg_net_listens, 8 + 8 + LISTENS_MAX * 28);
NO_PADDING(msg_leaps, 8 + 16 + LEAPS_MAX * 12);
NO_PADDING(msg_net_source, 8 + 28 + NAME_LEN);
NO_PADDING(msg_keys, 8 + 8 + KEYS_A_MESSAGE * (16 + MAC_KEY_MAX));
NO_PADDING(msg_record, 8 + 16 + 8);
NO_PADDING(msg_serve_config, 8 + 8 + 8);
NO_PADDING(msg_prefixes, 8 + 8);
NO_PADDING(msg_prefix, 20);
NO_PADDING(msg_resolve, 8 + 8 + NAME_LEN);
NO_PADDING(msg_addr, 24);
NO_PADDING(msg_resolved, 8 + 16 + ADDRS_MAX * 24);
NO_PADDING(msg_status, 8 + 40 + 12 * 8 + REASON_LEN);
NO_PADDING(msg_process, 8 + 6 * 4 + 8);
NO_PADDING(msg_source_status, 8 + 32 + 8 * 8 + 24 + 8 + NAME_LEN + REASON_LEN);
NO_PADDING(msg_counts, 8 + 8);
NO_PADDING(msg_server_status, 8 + 8 + 24 + COUNT_KINDS * 8);
NO_PADDING(msg_client_status, 8 + 8 + 24 + 4 * 8 + 8);
NO_PADDING(msg_fast_counts, 8 + 8);
NO_PADDING(msg_fast_status, 8 + 4 * 8);
NO_PADDING(msg_ctl_change, 8 + 8 + 16);
NO_PADDING(msg_ctl_confirm, 8 + 8 + 16);
NO_PADDING(msg_ctl_result, 8 + 8 + REASON_LEN);

static const struct row *
find(uint32_t type, enum proc from, enum proc to)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].type == type && rows[i].from == from &&
		    rows[i].to == to)
			return &rows[i];
	return NULL;
}

struct channel
channel_none(enum proc self, enum proc peer)
{
	return (struct channel){ .fd = -1, .self = self, .peer = peer };
}

bool
msg_may_pass(enum proc from, enum proc to)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].with_fd && rows[i].from == from && rows[i].to == to)
			return true;
	return false;
}

/* Younger than the headers; these two have numbers of their own. */
#if !defined(SO_PASSRIGHTS) && !defined(__hppa__) && !defined(__sparc__)
#define SO_PASSRIGHTS 83
#endif

int
msg_refuse_rights(int fd)
{
#ifdef SO_PASSRIGHTS
	const int off = 0;

	return setsockopt(fd, SOL_SOCKET, SO_PASSRIGHTS, &off, sizeof(off));
#else
	(void)fd;
	errno = ENOPROTOOPT;
	return -1;
#endif
}

/*
 * The next message, or the start of it with MSG_PEEK.  There is no room for a
 * descriptor: one that comes is not taken over, and MSG_CTRUNC tells of it.
 */
static ssize_t
receive_bare(int fd, struct iovec *iov, int how, int *flags)
{
	struct msghdr mh = { .msg_iov = iov, .msg_iovlen = 1 };
	ssize_t n = recvmsg(fd, &mh, how | MSG_DONTWAIT);

	*flags = n == -1 ? 0 : mh.msg_flags;
	return n;
}

/*
 * Does the next message bring a descriptor?  Returns 1 if so, 0 if not, or at
 * the end, and -1 with errno if there is no message.  It stays where it is; the
 * kernel lets go of a copy of the descriptor, which does not close it.
 */
static int
brings_rights(int fd, ssize_t *n)
{
	char c;
	struct iovec iov = { .iov_base = &c, .iov_len = sizeof(c) };
	int flags;

	*n = receive_bare(fd, &iov, MSG_PEEK, &flags);
	if (*n == -1)
		return -1;
	return (flags & MSG_CTRUNC) != 0 ? 1 : 0;
}

/*
 * More than a socket pair holds: an empty message takes 768 octets of its
 * sender's room, which is 208 kibibytes.
 */
#define QUEUE_MAX 1024

/*
 * Nothing can be sent here any more: read what there is.  An empty message looks
 * like the end, so that is not believed.  Returns false where a descriptor
 * waits.
 */
static bool
drain(int fd)
{
	char c;
	struct iovec iov = { .iov_base = &c, .iov_len = sizeof(c) };
	int flags;
	ssize_t n;

	for (int i = 0; i < QUEUE_MAX; i++) {
		int rights = brings_rights(fd, &n);

		if (rights == -1 && errno == ECONNRESET)
			continue; /* said once, before what is in the queue */
		if (rights != 0 || receive_bare(fd, &iov, 0, &flags) == -1)
			return false;
	}
	return true;
}

void
channel_close(struct channel *ch)
{
	int fd = ch->fd;

	ch->fd = -1;
	if (fd == -1)
		return;
	if (!ch->guarded && !msg_may_pass(ch->peer, ch->self) &&
	    (shutdown(fd, SHUT_RDWR) == -1 || !drain(fd)))
		ch->kept++;
	else
		(void)close(fd); /* nothing can be done about a failure */
}

/* Room for one descriptor beside a message, aligned as the kernel wants. */
union control {
	struct cmsghdr align;
	char buf[CMSG_SPACE(sizeof(int))];
};

int
msg_send(struct channel *ch, enum msg_type type, void *msg, int pass_fd)
{
	const struct row *row = find((uint32_t)type, ch->self, ch->peer);
	struct msg_header h;
	union control control;
	struct iovec iov;
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (row == NULL || row->with_fd != (pass_fd != -1)) {
		errno = EPROTO;
		return -1;
	}
	h.type = (uint32_t)type;
	h.length = (uint32_t)row->length;
	memcpy(msg, &h, sizeof(h));
	iov.iov_base = msg;
	iov.iov_len = row->length;
	if (pass_fd != -1) {
		struct cmsghdr *cmsg;

		memset(&control, 0, sizeof(control));
		mh.msg_control = control.buf;
		mh.msg_controllen = sizeof(control.buf);
		cmsg = CMSG_FIRSTHDR(&mh);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &pass_fd, sizeof(int));
	}
	if (sendmsg(ch->fd, &mh, MSG_DONTWAIT | MSG_NOSIGNAL) == -1) {
		if (errno == EAGAIN || errno == ENOBUFS)
			ch->dropped++;
		return -1;
	}
	return 0;
}

void
msg_offer(struct channel *ch, enum msg_type type, void *msg)
{
	if (ch->fd != -1 && msg_send(ch, type, msg, -1) == -1)
		return; /* as agreed */
}

bool
msg_unread(const struct channel *ch)
{
	int bytes = 0;

	return ch->fd != -1 && ioctl(ch->fd, SIOCOUTQ, &bytes) == 0 &&
	    bytes > 0;
}

/* Take the descriptor that came along, if one did. */
static int
received_fd(struct msghdr *mh)
{
	int fd = -1;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c != NULL;
	     c = CMSG_NXTHDR(mh, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
		    c->cmsg_len == CMSG_LEN(sizeof(int)))
			memcpy(&fd, CMSG_DATA(c), sizeof(int));
	return fd;
}

static bool
acceptable(const struct channel *ch, const union msg *msg, size_t n, bool fd)
{
	const struct row *row;

	if (n < sizeof(msg->h) || msg->h.length != n)
		return false;
	row = find(msg->h.type, ch->peer, ch->self);
	return row != NULL && row->length == n && row->with_fd == fd;
}

/* A message from ntpd, with its descriptor. */
static ssize_t
receive_with_fd(int from, struct iovec *iov, int *flags, int *fd)
{
	union control control;
	struct msghdr mh = { .msg_iov = iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		/* not CMSG_SPACE: its padding has room for a second one */
		.msg_controllen = CMSG_LEN(sizeof(int)) };
	ssize_t n = recvmsg(from, &mh, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n > 0)
		*fd = received_fd(&mh);
	*flags = mh.msg_flags;
	return n;
}

/* A message from anybody else; one with a descriptor is not touched. */
static ssize_t
receive_without_fd(int from, struct iovec *iov, int *flags)
{
	ssize_t n;

	int rights = brings_rights(from, &n);

	*flags = rights == 1 ? MSG_CTRUNC : 0;
	if (rights != 0 || n == 0)
		return n;
	return receive_bare(from, iov, 0, flags);
}

static ssize_t
receive(struct channel *ch, struct iovec *iov, int *flags, int *fd)
{
	if (msg_may_pass(ch->peer, ch->self))
		return receive_with_fd(ch->fd, iov, flags, fd);
	return receive_without_fd(ch->fd, iov, flags);
}

enum msg_result
msg_recv(struct channel *ch, union msg *msg, int *fd)
{
	struct iovec iov = { .iov_base = msg, .iov_len = sizeof(*msg) };
	int flags;
	ssize_t n;

	*fd = -1;
	n = receive(ch, &iov, &flags, fd);
	/* It has not read all that it was sent; what it said comes after that. */
	if (n == -1 && errno == ECONNRESET)
		n = receive(ch, &iov, &flags, fd);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return MSG_NOTHING;
	if (n == -1 || (n == 0 && (flags & MSG_CTRUNC) == 0))
		return MSG_CLOSED;
	if ((flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 &&
	    acceptable(ch, msg, (size_t)n, *fd != -1))
		return MSG_GOT;
	if (*fd != -1)
		(void)close(*fd); /* ntpd's, who knows what it sends */
	*fd = -1;
	return MSG_BAD;
}

const char *
proc_name(enum proc p)
{
	switch (p) {
	case PROC_NTPD:
		return "ntpd";
	case PROC_CLOCK:
		return "ntp-clock";
	case PROC_NET:
		return "ntp-net";
	case PROC_RESOLVE:
		return "ntp-resolve";
	case PROC_SERVE:
		return "ntp-serve";
	case PROC_OBSERVE:
		return "ntp-observe";
	case PROC_CTL:
		return "ntpctl";
	case PROC_COUNT:
		break;
	}
	return "?";
}

enum proc
child_proc(int child)
{
	return child < PROC_COUNT ? (enum proc)child : PROC_SERVE;
}

bool
msg_text_ok(const char *text, size_t n)
{
	return memchr(text, '\0', n) != NULL;
}
