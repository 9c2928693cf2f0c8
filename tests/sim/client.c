/*
 * ntp-sim-client: ntp-net and ntp-clock in one process and one thread, without
 * a sandbox.  It is for tools that replace the C library's clocks and sockets
 * by LD_PRELOAD (clknetsim), to compare the daemon with others under the same
 * noise.  Not for production: nothing here protects anything.
 *
 * The programs' objects are those of the simulator, with the same names for
 * their system calls (calls.syms).  Here the names lead to the C library,
 * except for the channels between the two, which are queues, and for waiting:
 * both wait in one select(2).
 */
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/select.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "common/msg.h"
#include "common/page.h"
#include "core/types.h"
#include "ntpd/conf/conf_read.h"
#include "tests/sim/begin.h"
#include "tests/sim/calls.h"
#include "tests/sim/writers.h"

#define CHANNEL_FD    2000 /* first descriptor of the channels */
#define PAGE_FD	      (CHANNEL_FD + ENDS)
#define QUEUE_LEN     128
#define STACK_BYTES   (512 * 1024)
#define FIRST_WAIT_US 200000
#define RELEASE_NS    (INT64_C(1000000000) * NS_PER_S)

enum program { PROGRAM_CLOCK, PROGRAM_NET, PROGRAMS };

/* Ends of channels, by descriptor minus CHANNEL_FD. */
enum end { CLOCK_PARENT, NET_PARENT, CLOCK_NET, NET_CLOCK_END, ENDS };

struct message {
	size_t length;
	int fd;
	union msg msg;
};

struct queue {
	uint32_t first;
	uint32_t count;
	struct message messages[QUEUE_LEN];
};

/* A program, and what it waits for. */
struct fiber {
	ucontext_t context;
	bool ended;
	struct pollfd *fds;
	nfds_t count;
	int64_t until_ns; /* CLOCK_MONOTONIC; INT64_MAX: never */
	int ready;
};

/* All state; global, since system calls have no argument to find it by. */
static struct {
	struct queue ends[ENDS];
	struct fiber fibers[PROGRAMS];
	ucontext_t scheduler;
	enum program running;
	fd_set readable; /* from select(2), not read yet */
	fd_set failed;
	struct conf conf;
	FILE *served; /* NULL: do not write it */
	int64_t served_raw_ns;
	_Alignas(PAGE_BYTES) uint8_t page[PAGE_BYTES];
} client;

int net_main(void);
int clock_main(void);

static int
fail(int error)
{
	errno = error;
	return -1;
}

static int64_t
now_ns(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1)
		err(1, "clock_gettime");
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* --- channels ------------------------------------------------------------- */

/* The running program's end of a channel with this descriptor, or NULL. */
static struct queue *
find_end(int fd)
{
	if (fd == PARENT_FD)
		return &client
			    .ends[client.running == PROGRAM_CLOCK ? CLOCK_PARENT
								  : NET_PARENT];
	if (fd < CHANNEL_FD || fd >= CHANNEL_FD + ENDS)
		return NULL;
	return &client.ends[fd - CHANNEL_FD];
}

static int
put(enum end to, const void *msg, size_t length, int fd)
{
	struct queue *q = &client.ends[to];
	struct message *m;

	if (q->count == QUEUE_LEN)
		return fail(EAGAIN);
	m = &q->messages[(q->first + q->count++) % QUEUE_LEN];
	m->length = length;
	m->fd = fd;
	memcpy(&m->msg, msg, length);
	return 0;
}

/* Take a message from a program to ntpd. */
static void
hear(const union msg *msg)
{
	if (msg->h.type == MSG_LOG)
		fprintf(stderr, "%s\n", msg->log.text);
	else if (msg->h.type == MSG_CLOCK_EVENT)
		fprintf(stderr, "clock event %u, %" PRId64 " ns: %s\n",
		    msg->clock_event.event, msg->clock_event.amount_ns,
		    msg->clock_event.reason);
}

/* ntpd's answer: the planned change of ntp-clock was recorded. */
static int
acknowledge(const union msg *msg)
{
	struct msg_clock_charged m = { .h = { MSG_CLOCK_CHARGED, sizeof(m) },
		.number = msg->clock_charge.number };

	if (msg->h.type != MSG_CLOCK_CHARGE)
		return 0;
	return put(CLOCK_PARENT, &m, sizeof(m), -1);
}

ssize_t
sim_pread(int fd, void *buf, size_t length, off_t offset)
{
	(void)fd;
	(void)buf;
	(void)length;
	(void)offset;
	return fail(EBADF);
}

ssize_t
sim_pread_chk(int fd, void *buf, size_t length, off_t offset, size_t size)
{
	(void)size;
	return sim_pread(fd, buf, length, offset);
}

ssize_t
sim_sendmsg(int fd, const struct msghdr *mh, int flags)
{
	const struct iovec *iov = mh->msg_iov;
	struct queue *q = find_end(fd);
	enum end to;

	(void)flags;
	if (q == NULL)
		return fail(EBADF);
	if (q < &client.ends[CLOCK_NET]) {
		hear(iov->iov_base);
		if (acknowledge(iov->iov_base) == -1)
			return -1;
		return (ssize_t)iov->iov_len;
	}
	to = q == &client.ends[CLOCK_NET] ? NET_CLOCK_END : CLOCK_NET;
	if (put(to, iov->iov_base, iov->iov_len, -1) == -1)
		return -1;
	return (ssize_t)iov->iov_len;
}

static ssize_t
receive_message(struct queue *q, struct msghdr *mh, int flags)
{
	const struct message *m = &q->messages[q->first];

	if (q->count == 0)
		return fail(EAGAIN);
	mh->msg_flags = 0;
	if ((flags & MSG_PEEK) != 0) /* common/msg.c looks for a descriptor */
		return 1;
	q->first = (q->first + 1) % QUEUE_LEN;
	q->count--;
	memcpy(mh->msg_iov->iov_base, &m->msg, m->length);
	if (m->fd != -1) {
		struct cmsghdr *c = CMSG_FIRSTHDR(mh);

		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &m->fd, sizeof(m->fd));
	} else {
		mh->msg_controllen = 0;
	}
	return (ssize_t)m->length;
}

/* A socket is read only if select(2) has reported data. */
ssize_t
sim_recvmsg(int fd, struct msghdr *mh, int flags)
{
	struct queue *q = find_end(fd);
	fd_set *set =
	    (flags & MSG_ERRQUEUE) != 0 ? &client.failed : &client.readable;

	if (q != NULL)
		return receive_message(q, mh, flags);
	if (fd < 0 || fd >= FD_SETSIZE || !FD_ISSET(fd, set))
		return fail(EAGAIN);
	FD_CLR(fd, set);
	return recvmsg(fd, mh, flags);
}

/* There is no recording here. */
void
sim_give_extra(const struct child_extra *extra)
{
	(void)extra;
}

ssize_t
sim_write(int fd, const void *buf, size_t length)
{
	(void)fd;
	(void)buf;
	(void)length;
	return fail(EBADF);
}

int
sim_ftruncate(int fd, off_t length)
{
	(void)fd;
	(void)length;
	return fail(EBADF);
}

/* --- waiting -------------------------------------------------------------- */

static short
events_of(const struct pollfd *p)
{
	struct queue *q = find_end(p->fd);
	short events = 0;

	if (p->fd < 0)
		return 0;
	if (q != NULL)
		return (short)(p->events & (q->count > 0 ? POLLIN : 0));
	if (p->fd < FD_SETSIZE && FD_ISSET(p->fd, &client.readable))
		events |= POLLIN;
	if (p->fd < FD_SETSIZE && FD_ISSET(p->fd, &client.failed))
		events |= POLLERR;
	return events;
}

/* True if the program can go on: data or its timeout has come. */
static bool
may_run(enum program p)
{
	struct fiber *f = &client.fibers[p];

	client.running = p;
	f->ready = 0;
	for (nfds_t i = 0; i < f->count; i++) {
		f->fds[i].revents = events_of(&f->fds[i]);
		f->ready += f->fds[i].revents != 0;
	}
	return !f->ended && (f->ready > 0 || now_ns() >= f->until_ns);
}

int
sim_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
    const sigset_t *mask)
{
	struct fiber *f = &client.fibers[client.running];

	(void)mask;
	f->fds = fds;
	f->count = n;
	f->until_ns = INT64_MAX;
	if (timeout != NULL)
		f->until_ns =
		    now_ns() + timeout->tv_sec * NS_PER_S + timeout->tv_nsec;
	if (swapcontext(&f->context, &client.scheduler) == -1)
		err(1, "swapcontext");
	return f->ready;
}

int
sim_ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
    const sigset_t *mask, size_t size)
{
	(void)size;
	return sim_ppoll(fds, n, timeout, mask);
}

/* The sockets that any program waits for; returns the highest plus 1. */
static int
gather(fd_set *set)
{
	int limit = 0;

	FD_ZERO(set);
	for (int p = 0; p < PROGRAMS; p++) {
		const struct fiber *f = &client.fibers[p];

		for (nfds_t i = 0; i < f->count; i++) {
			int fd = f->fds[i].fd;

			client.running = (enum program)p;
			if (fd < 0 || fd >= FD_SETSIZE || find_end(fd) != NULL)
				continue;
			FD_SET(fd, set);
			if (fd >= limit)
				limit = fd + 1;
		}
	}
	return limit;
}

/* The time that servers would announce now: a line for each change. */
static void
note_served(void)
{
	struct page_time t;

	if (client.served == NULL ||
	    !page_load((struct page *)(void *)client.page, &t) ||
	    t.raw_ns == client.served_raw_ns)
		return;
	client.served_raw_ns = t.raw_ns;
	(void)fprintf(client.served,
	    "%" PRId64 " %u %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n",
	    t.raw_ns, t.flags, t.theta_ns, t.slope_q32, t.root_delay_ns,
	    t.root_dispersion_ns);
}

/* No program can go on: wait for the network, or the first timeout. */
static void
wait_for_events(void)
{
	int64_t until_ns = INT64_MAX, wait_ns;
	int limit = gather(&client.readable);
	struct timeval tv;

	client.failed = client.readable;
	for (int p = 0; p < PROGRAMS; p++)
		if (!client.fibers[p].ended &&
		    client.fibers[p].until_ns < until_ns)
			until_ns = client.fibers[p].until_ns;
	wait_ns = until_ns - now_ns();
	if (wait_ns < 0)
		wait_ns = 0;
	tv.tv_sec = wait_ns / NS_PER_S;
	tv.tv_usec = wait_ns % NS_PER_S / 1000 + 1;
	if (select(limit, &client.readable, NULL, &client.failed, &tv) <= 0) {
		FD_ZERO(&client.readable);
		FD_ZERO(&client.failed);
	}
}

static void
fiber_start(void)
{
	if (client.running == PROGRAM_CLOCK)
		(void)clock_main();
	else
		(void)net_main();
	errx(1, "a program has returned from its main function");
}

static void
fiber_init(enum program p)
{
	struct fiber *f = &client.fibers[p];

	if (getcontext(&f->context) == -1)
		err(1, "getcontext");
	f->context.uc_stack.ss_sp = malloc(STACK_BYTES);
	f->context.uc_stack.ss_size = STACK_BYTES;
	if (f->context.uc_stack.ss_sp == NULL)
		err(1, "malloc");
	makecontext(&f->context, fiber_start, 0);
}

__attribute__((noreturn)) static void
run(void)
{
	for (;;) {
		bool idle = true;

		for (int p = 0; p < PROGRAMS; p++) {
			if (!may_run((enum program)p))
				continue;
			idle = false;
			if (swapcontext(&client.scheduler,
				&client.fibers[p].context) == -1)
				err(1, "swapcontext");
		}
		if (!idle)
			continue;
		note_served();
		wait_for_events();
	}
}

/* --- calls that go to the C library --------------------------------------- */

int
sim_clock_gettime(clockid_t id, struct timespec *ts)
{
	/* The tools know no suspend, and no clock that counts it. */
	return clock_gettime(id == CLOCK_BOOTTIME ? CLOCK_MONOTONIC : id, ts);
}

int
sim_clock_adjtime(clockid_t id, struct timex *tx)
{
	return clock_adjtime(id, tx);
}

int
sim_socket(int domain, int type, int protocol)
{
	return socket(domain, type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK), protocol);
}

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
	return setsockopt(fd, level, name, value, length);
}

int
sim_connect(int fd, const struct sockaddr *sa, socklen_t length)
{
	return connect(fd, sa, length);
}

int
sim_getsockname(int fd, struct sockaddr *sa, socklen_t *length)
{
	return getsockname(fd, sa, length);
}

ssize_t
sim_send(int fd, const void *buf, size_t length, int flags)
{
	return send(fd, buf, length, flags);
}

int
sim_close(int fd)
{
	if (find_end(fd) != NULL || fd == PAGE_FD)
		return 0;
	if (fd >= 0 && fd < FD_SETSIZE) {
		FD_CLR(fd, &client.readable);
		FD_CLR(fd, &client.failed);
	}
	return close(fd);
}

ssize_t
sim_getrandom(void *buf, size_t length, unsigned int flags)
{
	return getrandom(buf, length, flags);
}

void *
sim_mmap(
    void *at, size_t length, int protection, int flags, int fd, off_t offset)
{
	if (fd == PAGE_FD && length == PAGE_BYTES)
		return client.page;
	return mmap(at, length, protection, flags, fd, offset);
}

sighandler_t
sim_signal(int sig, sighandler_t handler)
{
	(void)sig;
	(void)handler;
	return SIG_DFL; /* a signal ends it */
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
	exit(status);
}

/* --- the part of ntpd ----------------------------------------------------- */

static void
say(enum end to, enum msg_type type, void *msg, size_t length, int fd)
{
	struct msg_header h = { (uint32_t)type, (uint32_t)length };

	memcpy(msg, &h, sizeof(h));
	if (put(to, msg, length, fd) == -1)
		errx(1, "too many sources");
}

static void
configure_clock(const struct conf_clock *k)
{
	struct msg_clock_config m = { .step_over_ns = k->step_over_ns,
		.startup_forward_ns = k->startup_forward_ns,
		.startup_backward_ns = k->startup_backward_ns,
		.limit_ns = k->limit_ns,
		.budget_ns = k->budget_ns,
		.budget_period_ns = k->budget_period_ns,
		.frequency_limit_ppb = k->frequency_limit_ppb,
		.resume_limit_ns = k->resume_limit_ns,
		.slew_limit_ppb = k->slew_limit_ppb,
		.earliest_ns = RELEASE_NS,
		.flags = CLOCK_CONFIG_STARTUP };
	struct msg_peer peer = { .peer = PROC_NET };

	say(CLOCK_PARENT, MSG_CLOCK_CONFIG, &m, sizeof(m), -1);
	say(CLOCK_PARENT, MSG_PEER, &peer, sizeof(peer),
	    CHANNEL_FD + CLOCK_NET);
}

static void
configure_net(const struct conf *conf)
{
	struct msg_peer peer = { .peer = PROC_CLOCK };
	struct msg_net_config m = { .flags = NET_CLOCK,
		.min_sources = conf->min_sources,
		.max_distance_ns = conf->max_distance_ns };
	struct msg_net_commit commit = { .sources = conf->source_count };
	struct msg_page page = { 0 };

	say(NET_PARENT, MSG_PEER, &peer, sizeof(peer),
	    CHANNEL_FD + NET_CLOCK_END);
	if (client.served != NULL)
		say(NET_PARENT, MSG_PAGE, &page, sizeof(page), PAGE_FD);
	say(NET_PARENT, MSG_NET_CONFIG, &m, sizeof(m), -1);
	for (uint32_t i = 0; i < conf->source_count; i++) {
		const struct conf_source *cs = &conf->sources[i];
		struct msg_net_source src = { .kind = cs->kind,
			.port = cs->port,
			.poll_min_log2 = cs->poll_min_log2,
			.poll_max_log2 = cs->poll_max_log2,
			.count = cs->count,
			.flags = cs->interleaved ? SOURCE_INTERLEAVED : 0 };

		if (cs->key_id != 0)
			errx(1, "%s: there are no keys here", cs->name);
		(void)snprintf(src.name, sizeof(src.name), "%s", cs->name);
		say(NET_PARENT, MSG_NET_SOURCE, &src, sizeof(src), -1);
	}
	say(NET_PARENT, MSG_NET_COMMIT, &commit, sizeof(commit), -1);
}

static void
configure(const char *file)
{
	struct conf_text text = { .name = file };

	conf_init(&client.conf);
	if (conf_read(&client.conf, &text, 1, stderr) == -1)
		exit(1);
	for (int end = CLOCK_PARENT; end <= NET_PARENT; end++) {
		struct msg_level level = {
			.log_level = (uint32_t)client.conf.log_level
		};

		say((enum end)end, MSG_LEVEL, &level, sizeof(level), -1);
	}
	configure_clock(&client.conf.clock);
	configure_net(&client.conf);
}

int
main(int argc, char **argv)
{
	struct timeval first = { .tv_usec = FIRST_WAIT_US };
	const char *file = NULL;
	int c;

	while ((c = getopt(argc, argv, "b:f:")) != -1) {
		if (c == 'f')
			file = optarg;
		else if (c == 'b' &&
		    (client.served = fopen(optarg, "w")) == NULL)
			err(1, "%s", optarg);
	}
	if (file == NULL || optind != argc)
		errx(2, "usage: ntp-sim-client [-b served] -f ntpd.conf");
	if (getenv("LD_PRELOAD") == NULL)
		errx(1,
		    "this would set the clock of this machine: it is for "
		    "LD_PRELOAD");
	if (client.served != NULL)
		setlinebuf(client.served); /* a signal will end us */
	configure(file);
	/*
	 * clknetsim makes the first clock readings coarse, for programs that
	 * measure the precision in a loop.
	 */
	(void)select(0, NULL, NULL, NULL, &first);
	fiber_init(PROGRAM_CLOCK);
	fiber_init(PROGRAM_NET);
	run();
}
