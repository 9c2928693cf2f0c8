/*
 * The system calls of ntp-clock in the adversary's world: adversary.syms has
 * the names.  And how it begins, in place of common/child.c.
 */
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/child.h"
#include "common/log.h"
#include "core/types.h"
#include "tests/attack/adv_calls.h"
#include "tests/attack/adv_check.h"
#include "tests/attack/adv_machine.h"
#include "tests/attack/adv_net.h"
#include "tests/attack/adv_run.h"
#include "tests/attack/adv_world.h"

static int64_t late_ns; /* of this wait */

int
adv_clock_gettime(clockid_t id, struct timespec *ts)
{
	const struct machine *m = &world.machine;
	int64_t ns = m->raw_ns;

	if (id == CLOCK_REALTIME)
		ns = machine_real_ns(m);
	else if (id != CLOCK_BOOTTIME)
		ns -= m->suspended_ns;
	ts->tv_sec = ns / NS_PER_S;
	ts->tv_nsec = ns % NS_PER_S;
	return 0;
}

int
adv_clock_adjtime(clockid_t id, struct timex *tx)
{
	bool step = (tx->modes & ADJ_SETOFFSET) != 0;
	bool set = (tx->modes & ADJ_FREQUENCY) != 0;
	int rc;

	if (id != CLOCK_REALTIME) {
		errno = EINVAL;
		return -1;
	}
	if (step || set)
		world_moment(step ? BEFORE_STEP : BEFORE_SET);
	rc = machine_adjust(&world.machine, tx);
	if (step || set)
		world_moment(step ? AFTER_STEP : AFTER_SET);
	return rc;
}

ssize_t
adv_pread(int fd, void *buf, size_t size, off_t at)
{
	int n;

	if (fd != RTC_FD || at != 0) {
		errno = EBADF;
		return -1;
	}
	n = snprintf(
	    buf, size, "%lld\n", (long long)machine_rtc_s(&world.machine));
	return n;
}

ssize_t
adv_pread_chk(int fd, void *buf, size_t size, off_t at, size_t room)
{
	(void)room;
	return adv_pread(fd, buf, size, at);
}

/* --- channels ------------------------------------------------------------- */

static bool
parent_ready(void)
{
	return world.parent_closed || !queue_empty(&world.to_clock);
}

static bool
net_ready(void)
{
	return world.net_fd != -1 && !queue_empty(&world.samples);
}

static bool waits_net;

static bool
ready(void)
{
	return parent_ready() || (waits_net && net_ready());
}

/* A wake-up is a bit late, within a second, and seldom by more. */
static int64_t
lateness_ns(void)
{
	struct rng *r = &world.rng;

	if (rng_chance(r, world.events.lates / 40000))
		return (int64_t)world_spread(r, 1e9, 60e9);
	if (rng_chance(r, 0.01))
		return (int64_t)(rng_uniform(r) * 0.99e9);
	return (int64_t)(rng_uniform(r) * 1e6);
}

int
adv_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
    const sigset_t *mask)
{
	int64_t wait_ns = timeout->tv_sec * NS_PER_S + timeout->tv_nsec;
	int64_t due_ns = world_now_ns() + wait_ns;
	int count = 0;

	(void)mask;
	(void)n; /* the channels to ntpd and to ntp-net, in this order */
	waits_net = fds[1].fd != -1;
	late_ns = lateness_ns();
	world_moment(WAITING);
	if (late_ns < NS_PER_S) {
		world_wait(due_ns + late_ns, ready);
	} else {
		world_wait(due_ns + NS_PER_S, ready);
		if (!ready()) {
			check_late(true);
			world_wait(due_ns + late_ns, ready);
		}
	}
	check_late(false);
	fds[0].revents = parent_ready() ? POLLIN : 0;
	fds[1].revents = waits_net && net_ready() ? POLLIN : 0;
	count = (fds[0].revents != 0) + (fds[1].revents != 0);
	return count;
}

int
adv_ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
    const sigset_t *mask, size_t room)
{
	(void)room;
	return adv_ppoll(fds, n, timeout, mask);
}

static void
pass_fd(struct msghdr *mh, int fd)
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(mh);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
}

static void
note_read(const union msg *msg)
{
	if (msg->h.type == MSG_CLOCK_CONFIG) {
		check_config(&msg->clock_config, !world.configured);
		world.configured = true;
	} else if (msg->h.type == MSG_CLOCK_RELEASE) {
		check_release(&msg->clock_release);
	}
}

ssize_t
adv_recvmsg(int from, struct msghdr *mh, int flags)
{
	bool parent = from == PARENT_FD;
	struct queue *q = parent ? &world.to_clock : &world.samples;
	const union msg *msg;
	int fd;

	if (!parent && from != world.net_fd)
		return 0;
	mh->msg_flags = 0;
	if ((flags & MSG_PEEK) != 0 && q->head != q->tail)
		return 1; /* common/msg.c looks for a descriptor */
	msg = queue_take(q, &fd);
	if (msg == NULL && parent && world.parent_closed)
		return 0;
	if (msg == NULL) {
		errno = EAGAIN;
		return -1;
	}
	memcpy(mh->msg_iov->iov_base, msg, msg->h.length);
	if (fd != -1)
		pass_fd(mh, fd);
	else
		mh->msg_controllen = 0;
	note_read(msg);
	if (msg->h.type == MSG_CLOCK_CHARGED)
		world_moment(CHARGED_READ);
	if (msg->h.type == MSG_SAMPLE)
		world_moment(SAMPLE_READ);
	return (ssize_t)msg->h.length;
}

static ssize_t
to_ntpd(const union msg *msg)
{
	if (world.parent_closed) {
		errno = EPIPE;
		return -1;
	}
	if (!queue_put(&world.to_ntpd, msg, msg->h.length, -1)) {
		errno = EAGAIN;
		return -1;
	}
	if (msg->h.type == MSG_CLOCK_STATE) {
		check_report(&msg->clock_state);
		world_moment(STATE_SENT);
	} else if (msg->h.type == MSG_CLOCK_EVENT) {
		world_say("event %u: %s", msg->clock_event.event,
		    msg->clock_event.reason);
		world_moment(EVENT_SENT);
	} else if (msg->h.type == MSG_CLOCK_CHARGE) {
		world_say("charge %llu",
		    (unsigned long long)msg->clock_charge.number);
		world_moment(CHARGE_SENT);
	} else if (msg->h.type == MSG_LOG) {
		world_say("log: %s", msg->log.text);
	}
	return (ssize_t)msg->h.length;
}

ssize_t
adv_sendmsg(int to, const struct msghdr *mh, int flags)
{
	const union msg *msg = mh->msg_iov->iov_base;

	(void)flags;
	if (to == PARENT_FD)
		return to_ntpd(msg);
	if (to != world.net_fd) {
		errno = EPIPE;
		return -1;
	}
	net_hear(msg);
	return (ssize_t)msg->h.length;
}

int
adv_close(int fd)
{
	if (fd == world.net_fd) {
		world.net_fd = -1;
		net_dropped();
	}
	return 0;
}

void (*adv_signal(int sig, void (*handler)(int)))(int)
{
	(void)sig;
	return handler;
}

void
adv_exit(int status)
{
	world_say("ntp-clock ends with %d", status);
	check_gone(false);
	if (status != 0)
		world_fail("ntp-clock ends with %d", status);
	longjmp(world.clock_gone, 1);
}

/* --- its beginning -------------------------------------------------------- */

bool
child_begin(enum proc self, const struct sandbox_profile *profile,
    struct channel *parent, const struct child_extra *extra)
{
	(void)extra;
	*parent = (struct channel){
		.fd = PARENT_FD, .self = self, .peer = PROC_NTPD
	};
	return profile->keep_sys_time;
}

void
child_drop_channel(struct channel *ch, enum msg_result why)
{
	(void)why;
	(void)adv_close(ch->fd);
	ch->fd = -1;
}
