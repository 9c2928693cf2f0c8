/*
 * The system calls of ntp-net and ntp-clock, as the simulated machine answers
 * them.  The programs' objects are linked with these names instead of those of
 * the C library (calls.syms).
 */
#include "tests/sim/calls.h"

#include <sys/mman.h>
#include <sys/time.h>

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>

#include "tests/sim/measure.h"
#include "tests/sim/world.h"

static int
fail(int error)
{
	errno = error;
	return -1;
}

/* --- clocks --------------------------------------------------------------- */

int
sim_clock_gettime(clockid_t id, struct timespec *ts)
{
	const struct machine *m = &world.machine;
	int64_t ns;

	if (id == CLOCK_REALTIME)
		ns = machine_real_ns(m);
	else
		ns = machine_raw_ns(m);
	if (id == CLOCK_BOOTTIME)
		ns += m->suspended_ns;
	ts->tv_sec = ns / NS_PER_S;
	ts->tv_nsec = ns % NS_PER_S;
	return 0;
}

int
sim_clock_adjtime(clockid_t id, struct timex *tx)
{
	if (id != CLOCK_REALTIME)
		return fail(EINVAL);
	if ((tx->modes & ADJ_SETOFFSET) != 0 &&
	    tx->modes != ADJ_OFFSET_SINGLESHOT)
		measure_step(&world);
	return machine_adjust(&world.machine, tx);
}

/* --- waiting -------------------------------------------------------------- */

static short
events_of(const struct object *o)
{
	short events = 0;

	if (o == NULL)
		return POLLNVAL;
	if (o->kind == OBJECT_CHANNEL)
		return (short)(POLLOUT | (o->queue->count > 0 ? POLLIN : 0));
	if (o->count > 0)
		events |= POLLIN;
	if (o->stamp_waits)
		events |= POLLERR;
	return events;
}

static int
look(struct pollfd *fds, nfds_t n)
{
	int ready = 0;

	for (nfds_t i = 0; i < n; i++) {
		fds[i].revents = 0;
		if (fds[i].fd < 0)
			continue;
		fds[i].revents = (short)(events_of(world_find(fds[i].fd)) &
		    (fds[i].events | POLLERR | POLLNVAL));
		ready += fds[i].revents != 0;
	}
	return ready;
}

int
sim_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
    const sigset_t *mask)
{
	int64_t until_ns = INT64_MAX;

	(void)mask;
	if (timeout != NULL) {
		int64_t raw_ns = timeout->tv_sec * NS_PER_S + timeout->tv_nsec;

		until_ns = world.now_ns;
		if (raw_ns > 0)
			until_ns =
			    machine_after_ns(&world.machine, raw_ns) + WAKE_NS;
	}
	for (;;) {
		int ready = look(fds, n);

		if (ready > 0 || world.now_ns >= until_ns)
			return ready;
		world_wait(until_ns);
	}
}

int
sim_ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
    const sigset_t *mask, size_t size)
{
	(void)size;
	return sim_ppoll(fds, n, timeout, mask);
}

/* --- channels ------------------------------------------------------------- */

static int
passed_fd(const struct msghdr *mh)
{
	const struct cmsghdr *c;
	int fd = -1;

	if (mh->msg_controllen < CMSG_LEN(sizeof(int)))
		return -1;
	c = CMSG_FIRSTHDR(mh);
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

ssize_t
sim_sendmsg(int fd, const struct msghdr *mh, int flags)
{
	struct object *o = world_find(fd);
	const struct iovec *iov = mh->msg_iov;

	(void)flags;
	if (o == NULL || o->kind != OBJECT_CHANNEL)
		return fail(EBADF);
	if (o->peer == NULL)
		ntpd_hear(iov->iov_base);
	else if (world_put(
		     o->peer, iov->iov_base, iov->iov_len, passed_fd(mh)) == -1)
		return fail(EAGAIN);
	return (ssize_t)iov->iov_len;
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

static ssize_t
receive_message(struct object *o, struct msghdr *mh, int flags)
{
	struct queue *q = o->queue;
	const struct message *m = &q->messages[q->first];

	if (q->count == 0)
		return fail(EAGAIN);
	mh->msg_flags = 0;
	if ((flags & MSG_PEEK) != 0) /* common/msg.c looks for a descriptor */
		return 1;
	q->first = (q->first + 1) % QUEUE_LEN;
	q->count--;
	memcpy(mh->msg_iov->iov_base, &m->msg, m->length);
	if (m->fd != -1)
		put_control(mh, SOL_SOCKET, SCM_RIGHTS, &m->fd, sizeof(m->fd));
	else
		mh->msg_controllen = 0;
	return (ssize_t)m->length;
}

/* --- sockets -------------------------------------------------------------- */

int
sim_socket(int domain, int type, int protocol)
{
	struct object *o;

	(void)type;
	(void)protocol;
	if (domain != AF_INET)
		return fail(EAFNOSUPPORT);
	o = world_object(OBJECT_SOCKET, world.running);
	return o == NULL ? fail(EMFILE) : world_fd(o);
}

/* Both programs read their messages at once here. */
int
sim_ioctl(int fd, unsigned long request, ...)
{
	(void)fd;
	(void)request;
	return fail(ENOTTY);
}

int
sim_setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
	(void)level;
	(void)name;
	(void)value;
	(void)length;
	return world_find(fd) == NULL ? fail(EBADF) : 0;
}

int
sim_connect(int fd, const struct sockaddr *sa, socklen_t length)
{
	struct object *o = world_find(fd);
	struct sockaddr_in sin;
	uint32_t number;

	if (o == NULL || length < sizeof(sin))
		return fail(EBADF);
	memcpy(&sin, sa, sizeof(sin));
	number = ntohl(sin.sin_addr.s_addr) - SERVER_NET - 1;
	if (number >= world.network.count)
		return fail(ENETUNREACH);
	o->server = number;
	return 0;
}

int
sim_getsockname(int fd, struct sockaddr *sa, socklen_t *length)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };

	if (world_find(fd) == NULL || *length < sizeof(sin))
		return fail(EBADF);
	sin.sin_addr.s_addr = htonl(OWN_ADDRESS);
	memcpy(sa, &sin, sizeof(sin));
	*length = sizeof(sin);
	return 0;
}

ssize_t
sim_send(int fd, const void *buf, size_t length, int flags)
{
	struct object *o = world_find(fd);

	(void)flags;
	if (o == NULL || length != NTP_PACKET_LEN)
		return fail(EBADF);
	world_send(o, buf);
	return (ssize_t)length;
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
receive_datagram(struct object *o, struct msghdr *mh, int flags)
{
	struct datagram *d = o->datagrams;

	mh->msg_flags = 0;
	if ((flags & MSG_ERRQUEUE) != 0) {
		if (!o->stamp_waits)
			return fail(EAGAIN);
		o->stamp_waits = false;
		put_stamp(mh, o->stamp_ns);
		return 0;
	}
	if (o->count == 0)
		return fail(EAGAIN);
	put_stamp(mh, d->stamp_ns);
	memcpy(mh->msg_iov->iov_base, d->bytes, sizeof(d->bytes));
	o->count--;
	memmove(d, d + 1, o->count * sizeof(*d));
	return sizeof(d->bytes);
}

ssize_t
sim_recvmsg(int fd, struct msghdr *mh, int flags)
{
	struct object *o = world_find(fd);

	if (o == NULL || o->kind == OBJECT_PAGE)
		return fail(EBADF);
	if (o->kind == OBJECT_CHANNEL)
		return receive_message(o, mh, flags);
	return receive_datagram(o, mh, flags);
}

/* --- the rest ------------------------------------------------------------- */

ssize_t
sim_pread(int fd, void *buf, size_t length, off_t offset)
{
	const struct object *o = world_find(fd);

	if (o == NULL || o->kind != OBJECT_RTC || offset != 0)
		return fail(EBADF);
	return snprintf(
	    buf, length, "%" PRId64 "\n", machine_rtc_s(&world.machine));
}

ssize_t
sim_pread_chk(int fd, void *buf, size_t length, off_t offset, size_t size)
{
	(void)size;
	return sim_pread(fd, buf, length, offset);
}

int
sim_close(int fd)
{
	struct object *o = world_find(fd);

	if (o == NULL)
		return fail(EBADF);
	if (o->kind != OBJECT_CHANNEL)
		o->kind = OBJECT_NONE;
	return 0;
}

ssize_t
sim_getrandom(void *buf, size_t length, unsigned int flags)
{
	/* By size: compilers differ in the order of arguments that draw. */
	struct rng *r = &world.random[length < sizeof(uint64_t) ? 0 : 1];
	uint8_t *p = buf;

	(void)flags;
	for (size_t done = 0; done < length;) {
		uint64_t bits = rng_bits(r);
		size_t n =
		    length - done < sizeof(bits) ? length - done : sizeof(bits);

		memcpy(p + done, &bits, n);
		done += n;
	}
	return (ssize_t)length;
}

void *
sim_mmap(
    void *at, size_t length, int protection, int flags, int fd, off_t offset)
{
	const struct object *o = world_find(fd);

	(void)at;
	(void)protection;
	(void)flags;
	(void)offset;
	if (o == NULL || o->kind != OBJECT_PAGE || length != PAGE_BYTES) {
		errno = EBADF;
		return MAP_FAILED;
	}
	world.served = (struct page *)(void *)world.page;
	return world.page;
}

sighandler_t
sim_signal(int sig, sighandler_t handler)
{
	(void)sig;
	(void)handler;
	return SIG_DFL;
}

int
sim_sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	(void)how;
	(void)set;
	(void)old;
	return 0;
}

void
sim_exit(int status)
{
	if (world.verbose || status != 0)
		fprintf(stderr, "%.0f s: a program exits with %d\n",
		    (double)world.now_ns / 1e9, status);
	world_end_program();
	__builtin_unreachable();
}
