/*
 * The message table, and how messages are sent and received.  Linked into every
 * program.  Must never wait, allocate or log.
 */
#include "common/msg.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <unistd.h>

/* Sets of programs, with the names used in messages.def. */
enum {
#define PROGRAM(id, ...) id = 1 << PROC_##id,
#include "common/programs.def"
	CHILDREN = 0
#define PROGRAM(id, name, folder, start)                                       \
	+(PROC_##start != PROC_NO_CHILD ? 1 << PROC_##id : 0)
#include "common/programs.def"
};

struct row {
	uint16_t length;
	bool with_fd;
	struct way {
		uint16_t from;
		uint16_t to;
	} ways[3];
};

static const struct row rows[MSG_COUNT] = {
#define FD    true
#define PLAIN false
#define WAY(from, to)                                                          \
	{                                                                      \
		from, to                                                       \
	}
#define MESSAGE(name, member, fields, fd, ...)                                 \
	[MSG_##name] = { sizeof(struct msg_##member), fd, { __VA_ARGS__ } },
#include "common/messages.def"
};

_Static_assert(sizeof(union msg) <= UINT16_MAX, "lengths fit");
_Static_assert(PROC_COUNT <= 16, "and programs");

static const struct row *
find(uint32_t type, enum proc from, enum proc to)
{
	const struct row *row = &rows[type < MSG_COUNT ? type : MSG_NONE];

	for (size_t i = 0; i < sizeof(row->ways) / sizeof(row->ways[0]); i++)
		if ((row->ways[i].from >> from & 1) != 0 &&
		    (row->ways[i].to >> to & 1) != 0)
			return row;
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
	for (uint32_t type = 0; type < MSG_COUNT; type++)
		if (rows[type].with_fd && find(type, from, to) != NULL)
			return true;
	return false;
}

/* Missing in older headers; these two architectures have other numbers. */
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
 * Receive the next message, or only its start with MSG_PEEK.  There is no room
 * for a descriptor: one that was sent is not accepted, and MSG_CTRUNC is set.
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
 * Does the next message carry a descriptor?  Returns 1 if so; 0 if not, or at
 * the end; -1 with errno if there is no message.  The message stays in the
 * queue.  The kernel drops only a copy of the descriptor, which does not close
 * it.
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
 * More messages than a socket pair can hold: an empty message uses 768 octets
 * of its sender's buffer, which has 208 KiB.
 */
#define QUEUE_MAX 1024

/*
 * Read what is left after shutdown(2), when nothing more can be sent.  An empty
 * message looks like the end, so do not stop at one.  Returns false if a
 * descriptor is waiting.
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
			continue; /* reported once, before the queue */
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
		(void)close(fd); /* a failure cannot be handled */
}

/* Room for one descriptor, aligned as the kernel requires. */
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
		return; /* a loss is allowed */
}

bool
msg_unread(const struct channel *ch)
{
	int bytes = 0;

	return ch->fd != -1 && ioctl(ch->fd, SIOCOUTQ, &bytes) == 0 &&
	    bytes > 0;
}

/* The descriptor that came with the message, or -1. */
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

/* Receive a message from ntpd, with its descriptor if it has one. */
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

/*
 * Receive a message from any other program.  One with a descriptor stays in the
 * queue.
 */
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
	/*
	 * The peer closed before it read everything; its last messages follow.
	 */
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
		(void)close(*fd); /* sent by ntpd: safe to close */
	*fd = -1;
	return MSG_BAD;
}

static const struct {
	const char *name;
	enum proc_start start;
} programs[PROC_COUNT] = {
#define PROGRAM(id, name, folder, start) { name, PROC_##start },
#include "common/programs.def"
};

const char *
proc_name(enum proc p)
{
	return p < PROC_COUNT ? programs[p].name : "?";
}

enum proc_start
proc_start(enum proc p)
{
	return p < PROC_COUNT ? programs[p].start : PROC_NO_CHILD;
}

bool
msg_text_ok(const char *text, size_t n)
{
	return memchr(text, '\0', n) != NULL;
}
