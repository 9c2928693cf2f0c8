/*
 * The world in which the test of ntp-clock runs it, see clock_world.h.  It
 * defines clock_gettime(), clock_adjtime(), ppoll() and the calls that end a
 * process, in place of the C library's.
 */
#undef _FORTIFY_SOURCE /* its ppoll() cannot be replaced */

#include "tests/unit/clock_world.h"

#include <sys/mman.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/child.h"
#include "common/page.h"
#include "core/leap/leap.h"
#include "core/steer/steer.h"

#define RAW_START S(INT64_C(1000))
#define UTC_START S(INT64_C(1798761500)) /* 2026-12-31 23:58:20 */
#define EARLIEST  S(INT64_C(1700000000))
#define HIGH_FD	  20
#define RTC_SYNC  659 /* s: interval at which the kernel sets it */
#define MARK_BOOT 2   /* the kernel's time constant */

int clock_main(void); /* main() of ntp-clock */

struct world w;

static double
rate(void)
{
	struct steer_setting s = { w.tx.freq, w.tx.tick };

	return (double)steer_join(&s, 100) / (double)STEER_SPPM * PPM;
}

static int64_t
raw_now(void)
{
	return RAW_START + (int64_t)w.passed_ns;
}

static int64_t
utc_now(void)
{
	return w.utc_ns + (int64_t)(w.passed_ns * (1 + w.slope)) + w.leap_ns;
}

static int64_t
real_now(void)
{
	return utc_now() - (int64_t)w.behind_ns;
}

/* Let raw time pass, up to 1 s; the kernel inserts its leap second. */
static void
pass(double ns)
{
	int64_t day = S(INT64_C(86400)), before = real_now();

	w.passed_ns += ns;
	w.sample_error_ns += w.sample_runs * ns;
	w.behind_ns += (w.slope - rate()) * ns;
	if (fabs(rate() - w.slope) / PPM > w.fastest_ppm)
		w.fastest_ppm = fabs(rate() - w.slope) / PPM;
	if (before / day != real_now() / day) {
		if ((w.tx.status & STA_INS) != 0 && !w.kernel_did)
			w.behind_ns += 1e9; /* the clock went back */
		w.kernel_did = true;
	}
	if (w.sample_leap == LEAP_INSERT && !w.leap_done &&
	    utc_now() >= (w.utc_ns / day + 1) * day) {
		w.leap_done = true;
		w.leap_ns -= NS_PER_S;
		w.behind_ns -= 1e9; /* UTC went back */
	}
	if (w.tx.maxerror < 16000000)
		w.tx.maxerror += (long)(ns * 500 / 1e9);
	if (w.passed_ns / 1e9 >= w.rtc_sync_s) {
		w.rtc_sync_s += RTC_SYNC;
		if ((w.tx.status & STA_UNSYNC) == 0)
			w.rtc_ahead_ns = real_now() - utc_now();
	}
}

void
stop_machine(double s)
{
	w.leap_ns += (int64_t)(s * 1e9);
	w.behind_ns += s * 1e9;
}

ssize_t
pread(int fd, void *buf, size_t length, off_t offset)
{
	if (fd < PARENT_FD || !w.has_rtc || offset != 0) {
		errno = EBADF;
		return -1;
	}
	return snprintf(buf, length, "%lld\n",
	    (long long)((utc_now() + w.rtc_ahead_ns) / NS_PER_S));
}

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	int64_t ns = id == CLOCK_REALTIME ? real_now() : raw_now();

	if (id == CLOCK_BOOTTIME)
		ns += w.suspended_ns;
	ts->tv_sec = ns / NS_PER_S;
	ts->tv_nsec = ns % NS_PER_S;
	return 0;
}

int
clock_adjtime(clockid_t id, struct timex *tx)
{
	if (id != CLOCK_REALTIME || w.forbid || (tx->modes != 0 && w.refuse)) {
		errno = EPERM;
		return -1;
	}
	w.sets += tx->modes != 0;
	if (tx->modes != ADJ_OFFSET_SINGLESHOT) {
		if ((tx->modes & ADJ_FREQUENCY) != 0)
			w.tx.freq = tx->freq;
		if ((tx->modes & ADJ_TICK) != 0)
			w.tx.tick = tx->tick;
		if ((tx->modes & ADJ_STATUS) != 0)
			w.tx.status = tx->status;
		if ((tx->modes & ADJ_TIMECONST) != 0)
			w.tx.constant = tx->constant;
		if ((tx->modes & ADJ_MAXERROR) != 0)
			w.tx.maxerror = tx->maxerror;
		if ((tx->modes & ADJ_SETOFFSET) != 0) {
			double by = (double)tx->time.tv_sec * 1e9 +
			    (double)tx->time.tv_usec;

			w.behind_ns -= by;
			w.tx.status |= STA_UNSYNC;
			w.tx.maxerror = 16000000;
			w.steps++;
			w.stepped_s = w.passed_ns / 1e9;
			if (fabs(by) > w.jump_ns)
				w.jump_ns = fabs(by);
		}
	}
	*tx = w.tx;
	return 0;
}

bool
child_begin(enum proc self, const struct sandbox_profile *profile,
    struct channel *parent, const struct child_extra *extra)
{
	*parent = channel_none(self, PROC_NTPD);
	parent->fd = PARENT_FD;
	(void)extra;
	return w.controlled && profile->keep_sys_time;
}

void
child_drop_channel(struct channel *ch, enum msg_result why)
{
	(void)why;
	channel_close(ch);
}

void
_exit(int status)
{
	w.status = status;
	longjmp(w.out, 1);
}

/* --- the other ends ------------------------------------------------------- */

void
give(int to, enum proc from, enum msg_type type, void *msg, int fd)
{
	struct channel ch = { .fd = to, .self = from, .peer = PROC_CLOCK };

	if (msg_send(&ch, type, msg, fd) == -1)
		abort(); /* a mistake in the test */
}

static void
hear(int from, bool count)
{
	struct channel ch = { .fd = from,
		.self = count ? PROC_NTPD : PROC_NET,
		.peer = PROC_CLOCK };
	union msg msg;
	int fd;

	while (from != -1 && msg_recv(&ch, &msg, &fd) == MSG_GOT) {
		if (!count)
			continue;
		if (msg.h.type == MSG_CLOCK_STATE) {
			double now_s = w.passed_ns / 1e9;

			if (now_s - w.told_s > w.longest_s)
				w.longest_s = now_s - w.told_s;
			w.told_s = now_s;
			w.told_flags = msg.clock_state.flags;
			if (w.frozen_told_s == 0 &&
			    msg.clock_state.frozen[0] != '\0')
				w.frozen_told_s = now_s;
			w.state = msg.clock_state;
			w.states++;
		} else if (msg.h.type == MSG_CLOCK_CHARGE) {
			w.kept = msg.clock_charge;
			w.charges++;
			w.unanswered = msg.clock_charge.number;
			w.answer_at_s = w.passed_ns / 1e9 + w.answer_s;
		} else if (msg.h.type == MSG_CLOCK_EVENT) {
			uint32_t e = msg.clock_event.event;

			w.events[e]++;
			w.last[e] = msg.clock_event;
			if (getenv("VERBOSE") != NULL)
				printf("# %.0f s: event %u, %lld ns: %s\n",
				    w.passed_ns / 1e9, e,
				    (long long)msg.clock_event.amount_ns,
				    msg.clock_event.reason);
		}
	}
}

/* ntpd answers that it has saved the charge. */
static void
answer(void)
{
	struct msg_clock_charged m = { .number = w.unanswered };

	w.unanswered = 0;
	w.answered_s = w.passed_ns / 1e9;
	give(w.parent, PROC_NTPD, MSG_CLOCK_CHARGED, &m, -1);
}

static void
send_sample(void)
{
	struct msg_sample m = { .raw_ns = raw_now() + w.suspended_ns,
		.theta_ns = utc_now() - raw_now() - w.suspended_ns +
		    (int64_t)w.sample_error_ns,
		.flags = w.sample_flags,
		.sigma_ns = 5000,
		.slope_q32 = (int64_t)((w.slope + w.sample_slope_error) *
		    (double)SLOPE_ONE),
		.slope_sigma_q32 = 5,
		.root_delay_ns = 1000000,
		.root_dispersion_ns = 200000,
		.leap = w.leap_done ? LEAP_NONE : w.sample_leap };

	give(w.net, PROC_NET, MSG_SAMPLE, &m, -1);
}

/* Do what is due in this second; returns the seconds until the next. */
static double
act(void)
{
	double s = w.passed_ns / 1e9, next = w.end_s;

	if (s >= w.end_s && w.parent != -1) {
		(void)close(w.parent);
		w.parent = -1;
		return 0;
	}
	if (w.at != NULL && s >= w.at_s) {
		void (*at)(void) = w.at;

		w.at = NULL;
		at();
	}
	if (w.unanswered != 0 && w.answer_s >= 0 && s >= w.answer_at_s)
		answer();
	if (w.net != -1 && s >= w.net_ends_s) {
		(void)close(w.net);
		w.net = -1;
	}
	if (w.net != -1 && s >= w.next_sample_s) {
		send_sample();
		w.next_sample_s += w.sample_every_s;
	}
	if (w.net != -1 && w.next_sample_s < next)
		next = w.next_sample_s;
	if (w.at != NULL && w.at_s < next)
		next = w.at_s;
	if (w.unanswered != 0 && w.answer_s >= 0 && w.answer_at_s < next)
		next = w.answer_at_s;
	return next - s;
}

int
ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
    const sigset_t *mask)
{
	double left = (double)timeout->tv_sec + (double)timeout->tv_nsec / 1e9;

	(void)mask;
	w.waits++;
	for (;;) {
		double due, part;
		int rc;

		if (w.passed_ns < w.deaf_s * 1e9 || w.passed_ns > w.ear_s * 1e9)
			hear(w.parent, true);
		hear(w.net, false);
		due = act();
		rc = poll(fds, n, 0);
		if (rc != 0 || left <= 0)
			return rc;
		part = due < left ? due : left;
		part = part < 1 ? part : 1;
		part = part > 1e-4 ? part : 1e-4;
		pass(part * 1e9);
		left -= part;
	}
}

struct msg_clock_config
defaults(void)
{
	return (struct msg_clock_config){ .step_over_ns = 10 * NS_PER_MS,
		.startup_forward_ns = LIMIT_ANY,
		.startup_backward_ns = S(INT64_C(86400)),
		.limit_ns = S(1000),
		.budget_ns = S(30),
		.budget_period_ns = S(INT64_C(86400)),
		.frequency_limit_ppb = 50000,
		.resume_limit_ns = S(INT64_C(30 * 86400)),
		.slew_limit_ppb = 500000,
		.earliest_ns = EARLIEST,
		.flags = CLOCK_CONFIG_STARTUP };
}

void
world(double behind_s, double slope_ppm)
{
	memset(&w, 0, sizeof(w));
	w.behind_ns = behind_s * 1e9;
	w.slope = slope_ppm * PPM;
	w.utc_ns = UTC_START;
	w.rtc_sync_s = RTC_SYNC;
	w.sample_flags = SAMPLE_MANY;
	w.tx.constant = MARK_BOOT;
	w.controlled = true;
	w.tx.tick = 10000;
	w.tx.status = STA_UNSYNC;
	w.next_sample_s = 1;
	w.sample_every_s = 16;
	w.net_ends_s = 1e9;
	w.end_s = 100;
	w.status = -1;
}

/* A channel whose ends are above the numbers that ntp-clock starts with. */
static void
make_channel(int fds[2])
{
	int low[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, low) == -1)
		exit(1);
	for (int i = 0; i < 2; i++)
		fds[i] = fcntl(low[i], F_DUPFD, HIGH_FD);
	(void)close(low[0]);
	(void)close(low[1]);
}

/* As ntpd makes it, mapped for reading; or a page that cannot be written. */
static int
make_page(const struct page **page)
{
	int low = memfd_create("page", MFD_CLOEXEC);
	int fd = fcntl(low, F_DUPFD, HIGH_FD);

	if (fd == -1 || ftruncate(fd, PAGE_BYTES) == -1)
		exit(1);
	(void)close(low);
	*page = page_map(fd, false);
	if (*page == NULL)
		exit(1);
	if (w.no_page) {
		(void)close(fd);
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	}
	return fd;
}

void
play(struct msg_clock_config m)
{
	struct msg_peer peer = { .peer = PROC_NET };
	struct msg_clock_rtc rtc = { .h = { 0, 0 } };
	struct msg_clock_page to_page = { .h = { 0, 0 } };
	struct msg_clock_state state;
	const struct page *page;
	int parent[2], net[2], fd = make_page(&page);

	make_channel(parent);
	make_channel(net);
	if (dup2(parent[1], PARENT_FD) == -1)
		exit(1);
	(void)close(parent[1]);
	w.parent = parent[0];
	w.net = net[0];
	if (w.has_rtc)
		give(w.parent, PROC_NTPD, MSG_CLOCK_RTC, &rtc, net[1]);
	give(w.parent, PROC_NTPD, MSG_CLOCK_PAGE, &to_page, fd);
	if (w.early != NULL) {
		give(w.parent, PROC_NTPD, MSG_PEER, &peer, net[1]);
		give(w.net, PROC_NET, MSG_SAMPLE, w.early, -1);
		give(w.parent, PROC_NTPD, MSG_CLOCK_CONFIG, &m, -1);
		w.early = NULL;
	} else {
		give(w.parent, PROC_NTPD, MSG_CLOCK_CONFIG, &m, -1);
		give(w.parent, PROC_NTPD, MSG_PEER, &peer, net[1]);
	}
	(void)close(net[1]);
	if (setjmp(w.out) == 0)
		clock_main();
	for (fd = PARENT_FD; fd < HIGH_FD + 8; fd++)
		(void)close(fd);
	if (page_get(page, &state, sizeof(state)) &&
	    state.raw_ns >= w.state.raw_ns)
		w.state = state; /* newer than the last report */
	(void)munmap((void *)(uintptr_t)(const void *)page, PAGE_BYTES);
}
