/*
 * The system calls of a replay: each returns what was recorded, see replay.h.
 */
#include "tests/sim/replay_calls.h"

#include <sys/mman.h>

#include <errno.h>
#include <string.h>

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>

#include "common/addr.h"
#include "common/page.h"
#include "core/types.h"

#define SOME_FD	  1000 /* numbers have no meaning here */
#define SOME_PORT 1

static int
fail(int error)
{
	errno = error;
	return -1;
}

/* --- clocks --------------------------------------------------------------- */

struct clock_pair
replay_clock_read_pair(struct timeline *tl)
{
	(void)tl;
	if (!replay_is_placed())
		return (struct clock_pair){ .raw_ns = 1 };
	return replay_peek(ITEM_CLOCK)->u.clock;
}

int64_t
replay_clock_read_raw(struct timeline *tl)
{
	(void)tl;
	return replay_clock().raw_ns;
}

/* For the log, which limits its rate. */
int64_t
replay_clock_read_monotonic(void)
{
	return replay_clock().raw_ns;
}

/* --- waiting -------------------------------------------------------------- */

int
replay_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
    const sigset_t *mask)
{
	const struct item *it = replay_peek(ITEM_WAIT);

	(void)timeout;
	(void)mask;
	for (nfds_t i = 0; i < n; i++)
		fds[i].revents = 0;
	for (int32_t i = 0; i < it->result; i++) {
		const struct item_ready *r = &it->u.ready[i];

		if (r->position >= n)
			replay_differs("waits for fewer things");
		fds[r->position].revents = (short)r->revents;
	}
	return it->result == -1 ? fail(EINTR) : it->result;
}

int
replay_ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
    const sigset_t *mask, size_t size)
{
	(void)size;
	return replay_ppoll(fds, n, timeout, mask);
}

/* --- channels ------------------------------------------------------------- */

ssize_t
replay_sendmsg(int fd, const struct msghdr *mh, int flags)
{
	const union msg *m = mh->msg_iov->iov_base;
	ssize_t length = (ssize_t)mh->msg_iov->iov_len;
	const struct item *it;

	(void)fd;
	(void)flags;
	if (m->h.type == MSG_LOG)
		replay_log(m->log.text);
	if (m->h.type != MSG_SAMPLE && m->h.type != MSG_NET_STATE &&
	    m->h.type != MSG_RESOLVE)
		return length;
	it = replay_peek(ITEM_TOLD);
	return it->result != 0 ? fail(it->result) : length;
}

static void
put_control(
    struct msghdr *mh, int level, int type, const void *data, size_t length)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(mh);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(length);
	memcpy(CMSG_DATA(c), data, length);
	mh->msg_controllen = CMSG_LEN(length);
}

static bool
brings_descriptor(const union msg *m)
{
	return m->h.type == MSG_PEER || m->h.type == MSG_PAGE;
}

static ssize_t
receive_message(struct msghdr *mh)
{
	const struct item *it = replay_peek(ITEM_MESSAGE);
	const int some_fd = SOME_FD;

	mh->msg_flags = 0;
	if (it->result == MSG_NOTHING)
		return fail(EAGAIN);
	if (it->result == MSG_CLOSED)
		return 0;
	if (it->result == MSG_BAD) {
		mh->msg_controllen = 0;
		return 1; /* too short */
	}
	memcpy(mh->msg_iov->iov_base, &it->u.msg, it->u.msg.h.length);
	if (brings_descriptor(&it->u.msg))
		put_control(
		    mh, SOL_SOCKET, SCM_RIGHTS, &some_fd, sizeof(some_fd));
	else
		mh->msg_controllen = 0;
	return (ssize_t)it->u.msg.h.length;
}

/* --- sockets -------------------------------------------------------------- */

/* Also makes sockets that are not for queries; nobody reads those. */
int
replay_socket(int domain, int type, int protocol)
{
	const struct item *it;

	(void)domain;
	(void)type;
	(void)protocol;
	if (!replay_is_placed() || !replay_is_next(ITEM_OPEN))
		return SOME_FD;
	it = replay_peek(ITEM_OPEN);
	return it->result != 0 ? fail(it->result) : SOME_FD;
}

int
replay_setsockopt(
    int fd, int level, int name, const void *value, socklen_t length)
{
	(void)fd;
	(void)level;
	(void)name;
	(void)value;
	(void)length;
	return 0;
}

int
replay_connect(int fd, const struct sockaddr *sa, socklen_t length)
{
	(void)fd;
	(void)sa;
	(void)length;
	(void)replay_peek(ITEM_OPEN); /* else it would have failed before */
	return 0;
}

int
replay_getsockname(int fd, struct sockaddr *sa, socklen_t *length)
{
	const struct item *it = replay_peek(ITEM_LOCAL);
	struct sockaddr_storage ss = { 0 };

	(void)fd;
	if (addr_to_socket(&it->u.addr, SOME_PORT, &ss) == 0)
		return fail(ENOBUFS);
	memcpy(sa, &ss, *length < sizeof(ss) ? *length : sizeof(ss));
	return 0;
}

ssize_t
replay_send(int fd, const void *buf, size_t length, int flags)
{
	const struct item *it = replay_peek(ITEM_SENT);

	(void)fd;
	(void)buf;
	(void)flags;
	return it->result != 0 ? fail(it->result) : (ssize_t)length;
}

static void
put_stamp(struct msghdr *mh, int64_t stamp_ns)
{
	struct scm_timestamping ts;

	memset(&ts, 0, sizeof(ts));
	ts.ts[0].tv_sec = stamp_ns / NS_PER_S;
	ts.ts[0].tv_nsec = stamp_ns % NS_PER_S;
	put_control(mh, SOL_SOCKET, SCM_TIMESTAMPING, &ts, sizeof(ts));
}

static ssize_t
receive_stamp(struct msghdr *mh)
{
	const struct item *it = replay_peek(ITEM_STAMP);

	if (it->result == 0)
		return fail(EAGAIN);
	put_stamp(mh, it->u.stamp_ns);
	return 0;
}

static ssize_t
receive_datagram(struct msghdr *mh)
{
	const struct item *it = replay_peek(ITEM_DATAGRAM);
	const struct item_datagram *d = &it->u.datagram;

	mh->msg_flags = 0;
	if (it->result != 1)
		return fail(it->result == 0 ? EAGAIN : ECONNREFUSED);
	put_stamp(mh, d->stamp_ns);
	memcpy(mh->msg_iov->iov_base, d->bytes, d->len);
	return (ssize_t)d->len;
}

ssize_t
replay_recvmsg(int fd, struct msghdr *mh, int flags)
{
	(void)fd;
	if ((flags & MSG_ERRQUEUE) != 0)
		return receive_stamp(mh);
	mh->msg_flags = 0;
	if ((flags & MSG_PEEK) != 0) /* common/msg.c looks for a descriptor */
		return 1;
	if (mh->msg_iov->iov_len == sizeof(union msg))
		return receive_message(mh);
	return receive_datagram(mh);
}

/* --- the rest ------------------------------------------------------------- */

int
replay_close(int fd)
{
	(void)fd;
	return 0;
}

ssize_t
replay_getrandom(void *buf, size_t length, unsigned int flags)
{
	const struct item *it = replay_peek(ITEM_RANDOM);
	uint32_t narrow = (uint32_t)it->u.random;

	(void)flags;
	if (it->width != length)
		replay_differs("draws another number of random bytes");
	if (length == sizeof(narrow))
		memcpy(buf, &narrow, sizeof(narrow));
	else
		memcpy(buf, &it->u.random, sizeof(it->u.random));
	return (ssize_t)length;
}

void *
replay_mmap(
    void *at, size_t length, int protection, int flags, int fd, off_t offset)
{
	(void)at;
	(void)length;
	(void)protection;
	(void)flags;
	(void)fd;
	(void)offset;
	return replay_page();
}

/* A report about a sibling is not a decision. */
int
replay_ioctl(int fd, unsigned long request, ...)
{
	(void)fd;
	(void)request;
	return fail(ENOTTY);
}

sighandler_t
replay_signal(int sig, sighandler_t handler)
{
	(void)sig;
	(void)handler;
	return SIG_DFL;
}

int
replay_sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	(void)how;
	(void)set;
	(void)old;
	return 0;
}

void
replay_give_extra(const struct child_extra *extra)
{
	const union msg m = { .record = { .newer = 1 } };

	for (int i = 0; i < extra->count; i++)
		(void)extra->take(i, &m);
}

/* --- keys, which are not recorded ----------------------------------------- */

void
replay_query_mac_begin(void)
{
}

int
replay_query_mac_take(struct msg_keys *m)
{
	return m->count > KEYS_A_MESSAGE ? -1 : 0;
}

void
replay_query_mac_commit(void)
{
}

size_t
replay_query_mac_append(uint32_t key_id, uint8_t packet[QUERY_MAC_QUERY_MAX])
{
	(void)key_id;
	(void)packet;
	return NTP_PACKET_LEN;
}

enum auth_result
replay_query_mac_check(uint32_t key_id, const uint8_t *buf, size_t len)
{
	(void)key_id;
	(void)buf;
	(void)len;
	return (enum auth_result)replay_peek(ITEM_AUTH)->result;
}
