/*
 * ntp-clock as a whole, with a kernel that the test plays: clock_gettime(),
 * clock_adjtime() and ppoll() are defined here, time passes only when the
 * program waits, and the other ends of its channels are ours.  No real clock
 * is read or set.
 */
#include <sys/socket.h>
#include <sys/timex.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "leap.h"
#include "profile.h"
#include "steer.h"
#include "tap.h"

int clock_main(void);

#define S(n)	   ((n)*NS_PER_S)
#define SLOPE(ppm) ((int64_t)((ppm)*4294.967296))
#define RAW_START  S(INT64_C(1000))
#define UTC_START  S(INT64_C(1790812700)) /* 2026-09-30 23:58:20 */
#define EARLIEST   S(INT64_C(1700000000))
#define HIGH_FD	   20
#define PPM	   1e-6

enum { EVENTS_MAX = EVENT_FAILED + 1 };

/* The world: a machine, its kernel's clock, and the time. */
static struct {
	double passed_ns; /* raw time since the start */
	double behind_ns; /* UTC less CLOCK_REALTIME */
	double slope;	  /* of UTC against raw time */
	int64_t leap_ns;  /* what leap seconds did to UTC */
	int64_t suspended_ns;
	struct timex tx;
	bool refuse; /* EPERM */
	bool controlled;
	bool leap_done;	 /* by UTC */
	bool kernel_did; /* or not, if it was not told */

	int parent;
	int net;
	double next_sample_s;
	double sample_every_s;
	double sample_error_ns;
	double sample_slope_error;
	uint32_t sample_leap;
	double net_ends_s;
	double end_s;
	void (*at)(void); /* something that happens once, */
	double at_s;	  /* then */

	struct msg_clock_state state;
	struct msg_clock_event last[EVENTS_MAX];
	int events[EVENTS_MAX];
	int states;
	int sets; /* clock_adjtime() with modes */
	int waits;
	double fastest_ppm; /* rate less slope */
	double jump_ns;	    /* largest change of the clock by a step */
	int status;
	jmp_buf out;
} w;

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
	return UTC_START + (int64_t)(w.passed_ns * (1 + w.slope)) + w.leap_ns;
}

static int64_t
real_now(void)
{
	return utc_now() - (int64_t)w.behind_ns;
}

/* A raw second or less passes; the kernel inserts its leap second. */
static void
pass(double ns)
{
	int64_t day = S(INT64_C(86400)), before = real_now();

	w.passed_ns += ns;
	w.behind_ns += (w.slope - rate()) * ns;
	if (fabs(rate() - w.slope) / PPM > w.fastest_ppm)
		w.fastest_ppm = fabs(rate() - w.slope) / PPM;
	if (before / day != real_now() / day) {
		if ((w.tx.status & STA_INS) != 0 && !w.kernel_did)
			w.behind_ns += 1e9; /* the clock went back */
		w.kernel_did = true;
	}
	if (w.sample_leap == LEAP_INSERT && !w.leap_done &&
	    utc_now() >= (UTC_START / day + 1) * day) {
		w.leap_done = true;
		w.leap_ns -= NS_PER_S;
		w.behind_ns -= 1e9; /* UTC went back */
	}
	if (w.tx.maxerror < 16000000)
		w.tx.maxerror += (long)(ns * 500 / 1e9);
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
	if (id != CLOCK_REALTIME || (tx->modes != 0 && w.refuse)) {
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
		if ((tx->modes & ADJ_MAXERROR) != 0)
			w.tx.maxerror = tx->maxerror;
		if ((tx->modes & ADJ_SETOFFSET) != 0) {
			double by = (double)tx->time.tv_sec * 1e9 +
			    (double)tx->time.tv_usec;

			w.behind_ns -= by;
			w.tx.status |= STA_UNSYNC;
			w.tx.maxerror = 16000000;
			if (fabs(by) > w.jump_ns)
				w.jump_ns = fabs(by);
		}
	}
	*tx = w.tx;
	return 0;
}

void
child_begin(enum proc self, const struct sandbox_profile *profile,
    struct channel *parent, bool *sys_time)
{
	*parent = channel_none(self, PROC_NTPD);
	parent->fd = PARENT_FD;
	*sys_time = w.controlled && profile->keep_sys_time;
}

bool
child_common_message(const union msg *msg)
{
	return msg->h.type == MSG_LEVEL;
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

static void
give(int to, enum proc from, enum msg_type type, void *msg, int fd)
{
	struct channel ch = { .fd = to, .self = from, .peer = PROC_CLOCK };

	if (msg_send(&ch, type, msg, fd) == -1)
		OK(0, "the test can send a message of type %d", (int)type);
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
			w.state = msg.clock_state;
			w.states++;
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

static void
send_sample(void)
{
	struct msg_sample m = { .raw_ns = raw_now() + w.suspended_ns,
		.theta_ns = utc_now() - raw_now() - w.suspended_ns +
		    (int64_t)w.sample_error_ns,
		.sigma_ns = 5000,
		.slope = (int64_t)((w.slope + w.sample_slope_error) *
		    (double)STEER_SLOPE_ONE),
		.slope_sigma = 5,
		.root_delay_ns = 1000000,
		.root_dispersion_ns = 200000,
		.leap = w.leap_done ? LEAP_NONE : w.sample_leap };

	give(w.net, PROC_NET, MSG_SAMPLE, &m, -1);
}

/* Whatever is due at this second; returns the seconds until the next. */
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

/* --- scenarios ------------------------------------------------------------ */

static struct msg_clock_config
defaults(void)
{
	return (struct msg_clock_config){ .step_over_ns = 10 * NS_PER_MS,
		.startup_forward_ns = LIMIT_ANY,
		.startup_backward_ns = S(INT64_C(86400)),
		.limit_ns = S(1000),
		.budget_ns = S(2000),
		.budget_period_ns = S(INT64_C(86400)),
		.slew_limit_ppb = 500000,
		.earliest_ns = EARLIEST,
		.flags = CLOCK_STARTUP };
}

static void
world(double behind_s, double slope_ppm)
{
	memset(&w, 0, sizeof(w));
	w.behind_ns = behind_s * 1e9;
	w.slope = slope_ppm * PPM;
	w.controlled = true;
	w.tx.tick = 10000;
	w.tx.status = STA_UNSYNC;
	w.next_sample_s = 1;
	w.sample_every_s = 16;
	w.net_ends_s = 1e9;
	w.end_s = 100;
	w.status = -1;
}

/* A channel whose ends lie above the number that ntp-clock starts with. */
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

static void
play(struct msg_clock_config m)
{
	struct msg_peer peer = { .peer = PROC_NET };
	int parent[2], net[2];

	make_channel(parent);
	make_channel(net);
	if (dup2(parent[1], PARENT_FD) == -1)
		exit(1);
	(void)close(parent[1]);
	w.parent = parent[0];
	w.net = net[0];
	give(w.parent, PROC_NTPD, MSG_CLOCK_CONFIG, &m, -1);
	give(w.parent, PROC_NTPD, MSG_PEER, &peer, net[1]);
	(void)close(net[1]);
	if (setjmp(w.out) == 0)
		clock_main();
	for (int fd = PARENT_FD; fd < HIGH_FD + 8; fd++)
		(void)close(fd);
}

static bool
flag(uint32_t f)
{
	return (w.state.flags & f) != 0;
}

static void
test_startup_step(void)
{
	world(3600.012345, 40);
	play(defaults());
	IS_I64(w.status, 0, "start, hours behind: ends well");
	IS_I64(w.events[EVENT_STEP], 1, "one step");
	OK(strstr(w.last[EVENT_STEP].reason, "3600.0123") != NULL &&
		strstr(w.last[EVENT_STEP].reason, "behind") != NULL,
	    "it says: %s", w.last[EVENT_STEP].reason);
	NEAR(w.behind_ns, 0, 1000, "in time at the end");
	IS_I64(w.events[EVENT_LOCKED], 1, "locked");
	OK(flag(CLOCK_STARTUP_DONE) && flag(CLOCK_IN_SYNC) &&
		flag(CLOCK_CONTROLLED) && flag(CLOCK_HAS_LINE),
	    "the state says so");
	IS_I64(w.tx.status, 0, "the kernel is in sync");
	OK(w.tx.maxerror < 10000 + 4000, "its maxerror is %ld us",
	    w.tx.maxerror);
	NEAR(w.state.freq_ppb, 40000, 100, "frequency");
	NEAR(w.state.step_sum_ns, 3600.012345e9, 1e5, "the step is counted");
	OK(w.waits < 60, "few wake-ups in 100 s: %d", w.waits);
}

static void
test_slew(void)
{
	world(0.008, -30);
	play(defaults());
	IS_I64(w.events[EVENT_STEP], 0, "8 ms: no step");
	IS_I64(w.events[EVENT_SLEW], 1, "slewed");
	IS_I64(w.events[EVENT_LOCKED], 1, "locked");
	NEAR(w.behind_ns, 0, 1000, "in time at the end");
	NEAR(w.fastest_ppm, 500, 0.1, "at the limit, not over it");

	world(-9.9, 900);
	w.end_s = 400;
	struct msg_clock_config m = defaults();
	m.step_over_ns = S(10);
	m.slew_limit_ppb = STEER_SLEW_MAX_PPB;
	play(m);
	NEAR(w.behind_ns, 0, 1000, "10 s ahead at 10 %%: in time");
	OK(w.fastest_ppm < 100001, "the tick does not pass the limit: %.1f",
	    w.fastest_ppm);
}

static void
test_restart(void)
{
	struct msg_clock_config m = defaults();

	world(0.0000005, 123.4);
	m.flags = CLOCK_DRIFT_KNOWN;
	m.drift_slope = SLOPE(123.4);
	w.tx.freq = (long)steer_slope_rate(m.drift_slope);
	w.tx.status = 0;
	play(m);
	IS_I64(w.events[EVENT_STEP] + w.events[EVENT_SLEW], 0,
	    "restart in time: nothing jumps");
	OK(w.fastest_ppm < 1, "nor is it slewed: %.3f ppm", w.fastest_ppm);
	IS_I64(w.tx.status, 0, "still in sync");

	world(0, 123.4);
	w.tx.freq = (long)(123.4 * 65536);
	w.net_ends_s = 0;
	m.flags = 0;
	play(m);
	NEAR(w.behind_ns, 0, 10000, "no drift known: the kernel's is kept");
	world(0, 0);
	w.tx.tick = 11000;
	w.net_ends_s = 0;
	play(m);
	IS_I64(w.tx.tick, 10000, "a tick left by a slew is not");
}

/* Somebody else sets the clock. */
static void
foreign_step(void)
{
	w.behind_ns += 500e9;
}

static void
test_foreign_step(void)
{
	world(0, 10);
	w.at = foreign_step;
	w.at_s = 40;
	play(defaults());
	IS_I64(w.events[EVENT_STEP], 1, "a foreign step is stepped back");
	NEAR(w.behind_ns, 0, 1000, "and the clock is in time");
	OK(strstr(w.last[EVENT_STEP].reason, "more than is slewed") != NULL,
	    "it says: %s", w.last[EVENT_STEP].reason);
}

static void
liar(void)
{
	w.sample_error_ns = -1200.5e9;
	w.sample_slope_error = 800 * PPM;
}

static void
test_freeze(void)
{
	struct msg_clock_config m = defaults();

	world(0, 55);
	w.at = liar;
	w.at_s = 40;
	w.end_s = 200;
	play(m);
	IS_I64(w.events[EVENT_FROZEN], 1, "too large a step: frozen once");
	OK(strstr(w.state.frozen, "over the limit of 1000 s") != NULL,
	    "because: %s", w.state.frozen);
	OK(flag(CLOCK_IS_FROZEN) && !flag(CLOCK_IN_SYNC), "the state says so");
	NEAR(w.state.offset_ns, -1200.5e9, 1e9, "the error is still shown");
	IS_I64(w.events[EVENT_SLEW], 0, "it was not slewed before");
	NEAR(w.behind_ns, 0, 20000, "the clock is where it was");
	IS_I64(w.jump_ns, 0, "no step was made");
	IS_I64(w.tx.status, STA_UNSYNC, "the kernel is told");
	IS_I64(w.tx.freq,
	    steer_slope_rate((int64_t)(55e-6 * (double)STEER_SLOPE_ONE)),
	    "the frequency is held");

	world(0, 55);
	w.at = liar;
	w.at_s = 40;
	m.flags |= CLOCK_STOP_ON_VIOLATION;
	play(m);
	IS_I64(w.events[EVENT_STOP], 1, "or the supervisor is told to stop");
	IS_I64(w.events[EVENT_FROZEN], 0, "instead");
	IS_I64(w.jump_ns, 0, "no step was made");
}

static void
let_go(void)
{
	struct msg_clock_release m = { { 0, 0 } };

	give(w.parent, PROC_NTPD, MSG_CLOCK_RELEASE, &m, -1);
}

static void
test_release(void)
{
	struct msg_clock_config m = defaults();

	world(-5000, 5);
	m.flags = CLOCK_FROZEN | CLOCK_STARTUP | CLOCK_DRIFT_KNOWN;
	m.drift_slope = SLOPE(-7);
	w.end_s = 50;
	play(m);
	NEAR(w.behind_ns, -5000e9, 1e6, "frozen from before: no step");
	IS_I64(w.jump_ns, 0, "nor a try");
	OK(!flag(CLOCK_STARTUP_DONE), "the startup is still to be done");
	NEAR(w.state.freq_ppb, -7000, 1, "the drift is held");

	world(-5000000, 5);
	w.at = let_go;
	w.at_s = 50;
	play(m);
	IS_I64(w.events[EVENT_RELEASED], 1, "released");
	IS_I64(w.events[EVENT_STEP], 1, "one step");
	NEAR(w.behind_ns, 0, 1000, "in time");
	OK(!flag(CLOCK_IS_FROZEN) && w.state.frozen[0] == '\0', "not frozen");
	NEAR(w.state.step_sum_ns, 5e15, 1e7, "the step is counted");
}

static void
test_holdover(void)
{
	world(1, 77);
	w.net_ends_s = 100;
	w.end_s = 20000;
	play(defaults());
	IS_I64(w.events[EVENT_HOLDOVER], 1, "holdover is told once");
	OK(flag(CLOCK_HOLDOVER) && flag(CLOCK_IN_SYNC), "the state says so");
	NEAR(w.behind_ns, 0, 10000, "the clock goes on along the line");
	NEAR(w.state.error_ns, 19900 * 15000.0, 2e6, "with a growing bound");
	NEAR((double)w.tx.maxerror * 1000, (double)w.state.error_ns, 4e6,
	    "that the kernel knows");

	world(0, 77);
	w.sample_every_s = 1024;
	w.end_s = 5000;
	play(defaults());
	IS_I64(w.events[EVENT_HOLDOVER], 1, "long polls: only at first");
}

static void
test_leap(void)
{
	world(0.002, 20);
	w.sample_leap = LEAP_INSERT;
	w.end_s = 300;
	play(defaults());
	OK(w.leap_done, "a leap second happened");
	IS_I64(w.events[EVENT_LEAP], 2, "announced and done");
	IS_I64(w.events[EVENT_STEP], 0, "the kernel did it: no step");
	IS_I64(w.events[EVENT_SLEW], 1, "and no slew but the first");
	NEAR(w.behind_ns, 0, 1000, "in time");
	IS_I64(w.tx.status, 0, "the kernel's leap flag is cleared");
	IS_I64(w.events[EVENT_FROZEN], 0, "not frozen");
}

static void
lose(void)
{
	w.refuse = true;
}

static void
test_no_control(void)
{
	world(3600, 20);
	w.controlled = false;
	play(defaults());
	IS_I64(w.sets, 0, "without the capability nothing is set");
	NEAR(w.state.offset_ns, 3600e9, 1e7, "but all is measured");
	OK(flag(CLOCK_HAS_LINE) && !flag(CLOCK_CONTROLLED), "flags");
	IS_I64(w.events[EVENT_STEP] + w.events[EVENT_SLEW] +
		w.events[EVENT_FROZEN],
	    0, "and nothing is said to be done");

	world(3600, 20);
	w.at = lose;
	w.at_s = 0.5;
	play(defaults());
	IS_I64(w.events[EVENT_FAILED], 1, "the kernel refuses: told once");
	OK(!flag(CLOCK_CONTROLLED), "and the state says so");
	IS_I64(w.events[EVENT_STEP], 0, "no step is claimed");
}

static void
flood(void)
{
	struct msg_sample bad = { .raw_ns = 1 };

	for (int i = 0; i < 30; i++)
		give(w.net, PROC_NET, MSG_SAMPLE, &bad, -1);
}

static void
test_hostile(void)
{
	world(0.001, 20);
	w.at = flood;
	w.at_s = 33;
	play(defaults());
	IS_I64(w.state.refused, 30, "bad samples are counted");
	IS_I64(w.events[EVENT_REFUSED], 1, "and told once");
	NEAR(w.behind_ns, 0, 1000, "the clock does not mind");
	OK(w.states < 40, "reports are not at the sender's pace: %d", w.states);
}

static void
suspend(void)
{
	w.suspended_ns = S(5000);
	w.behind_ns = 2e9; /* the RTC was wrong by so much */
	w.leap_ns += S(5000);
	w.next_sample_s = w.passed_ns / 1e9 + 30;
}

static void
test_suspend(void)
{
	world(0, 0);
	w.at = suspend;
	w.at_s = 33;
	w.end_s = 60;
	play(defaults());
	IS_I64(w.events[EVENT_STEP], 0, "after a resume, no sample: no step");
	world(0, 0);
	w.at = suspend;
	w.at_s = 33;
	w.end_s = 120;
	play(defaults());
	IS_I64(w.events[EVENT_STEP], 1, "with a new one: a step");
}

static void
test_bad_parent(void)
{
	struct msg_clock_config m = defaults();

	world(0, 0);
	m.slew_limit_ppb = -1;
	play(m);
	IS_I64(w.status, 1, "bad limits: exit 1");
	IS_I64(w.sets, 0, "nothing was set");
}

static void
stop_now(void)
{
	(void)close(w.parent);
	w.parent = -1;
}

static void
test_leave(void)
{
	world(0.009, 30);
	w.at = stop_now;
	w.at_s = 5;
	play(defaults());
	IS_I64(w.status, 0, "ntpd is gone: exit 0");
	OK(w.behind_ns > 1e6, "in the middle of a slew");
	NEAR(
	    (double)w.tx.freq / 65536, 30, 0.001, "the base frequency is left");
	IS_I64(w.tx.tick, 10000, "and the nominal tick");
}

static void
test_once(void)
{
	struct msg_clock_config m = defaults();

	world(0.0002, 30);
	m.flags = CLOCK_ONCE | CLOCK_STARTUP;
	w.end_s = 2;
	play(m);
	IS_I64(w.events[EVENT_STEP], 1, "once: 200 us are stepped");
	NEAR(w.behind_ns, 0, 1000, "in time at once");
	OK(flag(CLOCK_STARTUP_DONE), "done");
}

int
main(void)
{
	test_startup_step();
	test_slew();
	test_restart();
	test_foreign_step();
	test_freeze();
	test_release();
	test_holdover();
	test_leap();
	test_no_control();
	test_hostile();
	test_suspend();
	test_bad_parent();
	test_leave();
	test_once();
	return DONE();
}
