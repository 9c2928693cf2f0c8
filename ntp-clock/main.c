/*
 * ntp-clock: the only program that may set the clock (CAP_SYS_TIME).  It is
 * started by ntpd(8), takes its limits from there and samples from ntp-net,
 * and makes CLOCK_REALTIME follow the line of the last sample.  It says what
 * it did, and why it refused.  It must never believe ntp-net beyond the
 * limits, wait for anybody, allocate, or open anything.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"
#include "kernel.h"
#include "leap.h"
#include "log.h"
#include "msg.h"
#include "policy.h"
#include "profile.h"
#include "steer.h"

#define LOCKED_NS	 NS_PER_MS
#define SYNC_OFFSET_NS	 (128 * NS_PER_MS) /* or the step threshold */
#define SYNC_BOUND_NS	 NS_PER_S	   /* to come into sync */
#define LOST_BOUND_NS	 (16 * NS_PER_S)   /* to fall out of it */
#define DRIFT_PPM	 15		   /* RFC 5905 PHI */
#define HOLDOVER_NS	 (64 * NS_PER_S)
#define HOLDOVER_SAMPLES 8
#define KERNEL_EVERY_NS	 (8 * NS_PER_S) /* keep maxerror true */
#define REPORT_EVERY_NS	 (16 * NS_PER_S)
#define REPORT_GAP_NS	 NS_PER_S
#define EVENT_GAP_NS	 (60 * NS_PER_S) /* of one kind, where ntp-net's */
#define AFTER_STEP_NS	 (2 * NS_PER_S)	 /* the kernel forgets leap seconds */
#define IDLE_MS		 16000

#define EVENT_KINDS (EVENT_FAILED + 1 + REFUSE_COUNT)

enum phase { PHASE_START, PHASE_SLEW, PHASE_LOCKED };

struct clock {
	struct channel parent;
	struct channel net;
	struct timeline timeline;
	struct clock_pair now;
	struct kernel kernel;
	struct policy policy;

	struct steer_line line; /* of the last sample; valid with has_line */
	struct msg_sample sample;
	struct leap_watch leap;
	bool has_line;
	bool fresh; /* a sample has just come */
	bool holdover;
	int64_t newest_ns;   /* raw time that samples must not be before */
	int64_t received_ns; /* raw time when the last sample came */
	int64_t interval_ns; /* between the last two */
	int64_t resumed_ns;  /* raw time: no step by an older sample */
	int64_t quiet_ns;    /* raw time: no steering until then */

	int64_t error_ns;	       /* UTC less CLOCK_REALTIME */
	int64_t base_sppm;	       /* the rate without a correction */
	int64_t rate_sppm;	       /* told to the kernel, */
	struct kernel_quality quality; /* and this, */
	int64_t told_ns;	       /* at this raw time */
	int64_t stepped_ns;
	int64_t wait_ms;
	enum phase phase;

	uint64_t samples;
	uint64_t refused;
	bool report_now;
	bool report_soon;
	int64_t reported_ns;
	int64_t event_ns[EVENT_KINDS]; /* raw time of the last of its kind */
};

static volatile sig_atomic_t stop_asked;

static void
on_stop(int sig)
{
	(void)sig;
	stop_asked = 1;
}

/* --- reports -------------------------------------------------------------- */

/* A channel that is full or gone is not waited for: more reports follow. */
static void
send_both(struct clock *c, enum msg_type type, void *msg)
{
	(void)msg_send(&c->parent, type, msg, -1);
	if (c->net.fd != -1)
		(void)msg_send(&c->net, type, msg, -1);
}

static void
tell(struct clock *c, enum clock_event event, int64_t amount_ns,
    const char *reason)
{
	struct msg_clock_event m = { .wall_ns = c->now.real_ns,
		.amount_ns = amount_ns,
		.event = (uint32_t)event };

	(void)snprintf(m.reason, sizeof(m.reason), "%s", reason);
	send_both(c, MSG_CLOCK_EVENT, &m);
}

/* True once a minute for each kind of what ntp-net could make us say. */
static bool
may_tell(struct clock *c, unsigned int kind)
{
	int64_t *last_ns = &c->event_ns[kind];

	if (*last_ns != 0 && steer_sub(c->now.raw_ns, *last_ns) < EVENT_GAP_NS)
		return false;
	*last_ns = c->now.raw_ns;
	return true;
}

static uint32_t
state_flags(const struct clock *c)
{
	uint32_t flags = 0;

	if (c->kernel.controlled)
		flags |= CLOCK_CONTROLLED;
	if (c->policy.frozen[0] != '\0')
		flags |= CLOCK_IS_FROZEN;
	if (!c->policy.startup)
		flags |= CLOCK_STARTUP_DONE;
	if (c->has_line)
		flags |= CLOCK_HAS_LINE;
	if (c->holdover)
		flags |= CLOCK_HOLDOVER;
	if (c->quality.in_sync)
		flags |= CLOCK_IN_SYNC;
	return flags;
}

static void
send_state(struct clock *c)
{
	struct msg_clock_state m = { .raw_ns = c->now.raw_ns,
		.offset_ns = c->error_ns,
		.error_ns = c->quality.max_error_ns,
		.slope = c->line.slope,
		.slope_sigma = c->sample.slope_sigma,
		.steps = c->policy.steps,
		.samples = c->samples,
		.refused = c->refused,
		.flags = state_flags(c) };

	policy_period(&c->policy, clock_read_boot());
	m.step_sum_ns = c->policy.used_ns;
	m.budget_start_ns = c->policy.start_ns;
	m.freq_ppb =
	    steer_rate_ppb(steer_join(&c->kernel.setting, c->kernel.hz));
	memcpy(m.frozen, c->policy.frozen, sizeof(m.frozen));
	send_both(c, MSG_CLOCK_STATE, &m);
}

static void
report(struct clock *c)
{
	int64_t since_ns = steer_sub(c->now.raw_ns, c->reported_ns);

	if (!c->report_now && since_ns < REPORT_EVERY_NS &&
	    (!c->report_soon || since_ns < REPORT_GAP_NS))
		return;
	c->report_now = c->report_soon = false;
	c->reported_ns = c->now.raw_ns;
	send_state(c);
}

/* --- steering ------------------------------------------------------------- */

static void
look(struct clock *c)
{
	c->now = clock_read_pair(&c->timeline);
	if (c->now.suspended_ns != 0)
		c->resumed_ns = c->now.raw_ns;
}

/* The capability is gone, or the kernel's mind is: measure, do not steer. */
static void
failed(struct clock *c)
{
	char reason[REASON_LEN];

	(void)snprintf(reason, sizeof(reason),
	    "the kernel refused to change the clock: %s",
	    strerrordesc_np(errno));
	c->kernel.controlled = false;
	tell(c, EVENT_FAILED, 0, reason);
	c->report_now = true;
}

static void
freeze(struct clock *c, const char *why)
{
	bool stop = (c->policy.limits.flags & CLOCK_STOP_ON_VIOLATION) != 0;

	policy_freeze(&c->policy, why);
	tell(c, stop ? EVENT_STOP : EVENT_FROZEN, 0, why);
	c->report_now = true;
}

static void
step(struct clock *c, const struct policy_look *seen, const char *why)
{
	struct wall utc;

	if (kernel_step(&c->kernel, seen->error_ns) == -1) {
		failed(c);
		return;
	}
	policy_stepped(&c->policy, seen);
	look(c);
	if (steer_utc(&c->line, (struct mono){ c->now.raw_ns }, &utc))
		c->error_ns = steer_sub(utc.ns, c->now.real_ns);
	tell(c, EVENT_STEP, seen->error_ns, why);
	c->phase = PHASE_START;
	c->stepped_ns = c->now.raw_ns;
	c->told_ns = 0;
	c->report_now = true;
}

static void
consider_step(struct clock *c)
{
	struct policy_look seen = { .error_ns = c->error_ns,
		.raw_ns = c->now.raw_ns,
		.boot_ns = clock_read_boot(),
		.fresh = c->fresh };
	bool startup = c->policy.startup;
	char why[REASON_LEN];

	if (c->sample.raw_ns < c->resumed_ns)
		return;
	switch (policy_judge(&c->policy, &seen, why)) {
	case STEP_NO:
	case STEP_WAIT:
		break;
	case STEP_DO:
		step(c, &seen, why);
		break;
	case STEP_VIOLATION:
		freeze(c, why);
		break;
	}
	if (startup != c->policy.startup)
		c->report_now = true;
}

/* Say when a larger error begins to be slewed, and when it is gone. */
static void
note_phase(struct clock *c)
{
	int64_t size_ns = steer_abs(c->error_ns);
	char seconds[POLICY_SECONDS_LEN], reason[REASON_LEN];

	if (size_ns < LOCKED_NS && c->phase != PHASE_LOCKED) {
		c->phase = PHASE_LOCKED;
		tell(c, EVENT_LOCKED, 0, "the clock is within a millisecond");
	} else if (size_ns > LOCKED_NS && c->phase != PHASE_SLEW &&
	    may_tell(c, EVENT_SLEW)) {
		c->phase = PHASE_SLEW;
		policy_seconds(seconds, size_ns);
		(void)snprintf(reason, sizeof(reason),
		    "the clock is %s s %s and is slewed", seconds,
		    c->error_ns > 0 ? "behind" : "ahead");
		tell(c, EVENT_SLEW, c->error_ns, reason);
	}
}

/* How good the time is now, by the last sample and its age. */
static struct kernel_quality
assess(const struct clock *c)
{
	const struct msg_sample *s = &c->sample;
	struct kernel_quality q = { .leap = LEAP_NONE };
	int64_t size_ns = steer_abs(c->error_ns);
	int64_t age_ns = steer_sub(c->now.raw_ns, s->raw_ns);
	int64_t near_ns = c->policy.limits.step_over_ns;
	int64_t bound_ns = c->quality.in_sync ? LOST_BOUND_NS : SYNC_BOUND_NS;

	if (near_ns < SYNC_OFFSET_NS)
		near_ns = SYNC_OFFSET_NS;
	if (age_ns < 0)
		age_ns = 0;
	q.est_error_ns = steer_add(size_ns, s->sigma_ns);
	q.max_error_ns = steer_add(q.est_error_ns,
	    s->root_delay_ns / 2 + s->root_dispersion_ns +
		age_ns / 1000000 * DRIFT_PPM);
	q.in_sync = c->policy.frozen[0] == '\0' && size_ns < near_ns &&
	    q.max_error_ns < bound_ns;
	if (q.in_sync &&
	    steer_sub(c->now.raw_ns, c->stepped_ns) >= AFTER_STEP_NS)
		q.leap = c->leap.armed;
	return q;
}

static void
set_kernel(struct clock *c)
{
	struct steer_plan plan = steer_plan(c->error_ns);
	struct kernel_quality q = assess(c);
	int64_t rate_sppm;
	bool same;

	if (c->policy.frozen[0] == '\0')
		c->base_sppm = steer_slope_rate(c->line.slope);
	rate_sppm = c->base_sppm;
	if (c->policy.frozen[0] == '\0')
		rate_sppm += steer_correction(
		    c->error_ns, plan.tau_s, c->policy.limits.slew_limit_ppb);
	same = rate_sppm == c->rate_sppm && q.leap == c->quality.leap &&
	    q.in_sync == c->quality.in_sync;
	c->report_soon |= q.in_sync != c->quality.in_sync;
	c->wait_ms = plan.wait_ms;
	c->quality = q;
	c->rate_sppm = rate_sppm;
	if (same && c->told_ns != 0 &&
	    steer_sub(c->now.raw_ns, c->told_ns) < KERNEL_EVERY_NS)
		return;
	c->told_ns = c->now.raw_ns;
	if (!c->kernel.controlled)
		(void)kernel_read(&c->kernel); /* the old reading will do */
	else if (kernel_set(&c->kernel, rate_sppm, &q) == -1)
		failed(c);
}

/*
 * While a leap second happens the kernel and the line move at slightly
 * different moments: only the base frequency is kept.
 */
static void
hold(struct clock *c)
{
	c->wait_ms = 1000;
	if (c->rate_sppm == c->base_sppm)
		return;
	c->rate_sppm = c->base_sppm;
	if (c->kernel.controlled && kernel_rate(&c->kernel, c->rate_sppm) == -1)
		failed(c);
}

/* Move the line when a leap second has passed. */
static void
pass_leap(struct clock *c, struct wall *utc)
{
	int64_t shift_ns = leap_passed(&c->leap, *utc);

	if (shift_ns == 0)
		return;
	c->line.theta_ns = steer_add(c->line.theta_ns, shift_ns);
	utc->ns = steer_add(utc->ns, shift_ns);
	c->newest_ns = c->now.raw_ns;
	c->quiet_ns = steer_add(c->now.raw_ns, LEAP_QUIET_NS);
	tell(c, EVENT_LEAP, shift_ns,
	    shift_ns < 0 ? "a leap second was inserted"
			 : "a leap second was deleted");
}

static void
note_holdover(struct clock *c)
{
	int64_t most_ns = HOLDOVER_NS;

	if (c->interval_ns > most_ns / HOLDOVER_SAMPLES)
		most_ns = c->interval_ns < INT64_MAX / HOLDOVER_SAMPLES
		    ? c->interval_ns * HOLDOVER_SAMPLES
		    : INT64_MAX;
	if (c->holdover || steer_sub(c->now.raw_ns, c->received_ns) <= most_ns)
		return;
	c->holdover = true;
	c->report_now = true;
	tell(c, EVENT_HOLDOVER, 0,
	    "no sample comes: the clock goes on by the last one");
}

/* All that is done at a wake-up, once there is a line to follow. */
static void
steer(struct clock *c)
{
	struct wall utc;

	if (!c->has_line)
		return;
	if (!steer_utc(&c->line, (struct mono){ c->now.raw_ns }, &utc)) {
		c->has_line = false; /* after centuries of holdover */
		return;
	}
	note_holdover(c);
	pass_leap(c, &utc);
	if (c->now.raw_ns < c->quiet_ns || leap_quiet(&c->leap, utc)) {
		hold(c);
		return;
	}
	c->error_ns = steer_sub(utc.ns, c->now.real_ns);
	if (c->kernel.controlled && c->policy.frozen[0] == '\0')
		consider_step(c);
	if (c->kernel.controlled && c->policy.frozen[0] == '\0')
		note_phase(c);
	set_kernel(c);
	c->fresh = false;
}

/* --- messages ------------------------------------------------------------- */

static void
leap_news(struct clock *c, const struct msg_sample *s)
{
	enum leap before = c->leap.armed;
	struct wall utc;

	if (!steer_utc(&c->line, (struct mono){ c->now.raw_ns }, &utc))
		return;
	leap_announce(&c->leap, (enum leap)s->leap, utc);
	if (c->leap.armed == before || !may_tell(c, EVENT_LEAP))
		return;
	if (c->leap.armed == LEAP_NONE)
		tell(c, EVENT_LEAP, 0, "the leap second was taken back");
	else
		tell(c, EVENT_LEAP, 0,
		    c->leap.armed == LEAP_INSERT
			? "a second will be inserted at the end of the month"
			: "a second will be deleted at the end of the month");
}

static bool
is_quiet(const struct clock *c)
{
	struct wall utc;

	return c->now.raw_ns < c->quiet_ns ||
	    (c->has_line &&
		steer_utc(&c->line, (struct mono){ c->now.raw_ns }, &utc) &&
		leap_quiet(&c->leap, utc));
}

static void
take_sample(struct clock *c, const struct msg_sample *s)
{
	enum refusal why;

	if (!c->policy.configured)
		why = REFUSE_EARLY;
	else if (is_quiet(c))
		why = REFUSE_QUIET;
	else
		why = policy_sample(s, c->now.raw_ns, c->newest_ns,
		    c->policy.limits.earliest_ns);
	if (why != REFUSE_NONE) {
		c->refused++;
		if (may_tell(c, EVENT_FAILED + 1 + (unsigned int)why))
			tell(c, EVENT_REFUSED, 0, policy_refusal(why));
		return;
	}
	c->report_now |= c->samples == 0;
	c->report_soon = true;
	c->interval_ns =
	    c->samples == 0 ? 0 : steer_sub(c->now.raw_ns, c->received_ns);
	c->received_ns = c->now.raw_ns;
	c->newest_ns = s->raw_ns;
	c->samples++;
	c->sample = *s;
	c->line = (struct steer_line){ { s->raw_ns }, s->theta_ns, s->slope };
	c->has_line = c->fresh = true;
	c->holdover = false;
	leap_news(c, s);
}

/* From ntp-net: samples, one at a time, so that it cannot keep us busy. */
static void
from_net(struct clock *c)
{
	enum msg_result result;
	union msg msg;
	int fd;

	result = msg_recv(&c->net, &msg, &fd);
	if (result == MSG_GOT && msg.h.type == MSG_SAMPLE)
		take_sample(c, &msg.sample);
	else if (result == MSG_GOT)
		child_drop_channel(&c->net, MSG_BAD);
	else if (result != MSG_NOTHING)
		child_drop_channel(&c->net, result);
}

/* The first limits: from now on the clock is ours. */
static void
begin(struct clock *c)
{
	const struct msg_clock_config *m = &c->policy.limits;

	c->base_sppm = c->kernel.setting.freq_sppm;
	if ((m->flags & CLOCK_DRIFT_KNOWN) != 0)
		c->base_sppm = steer_slope_rate(m->drift_slope);
	c->rate_sppm = c->base_sppm;
	c->quality.in_sync = false;
	c->quality.max_error_ns = LOST_BOUND_NS;
	if (c->kernel.controlled &&
	    (kernel_clear(&c->kernel) == -1 ||
		kernel_rate(&c->kernel, c->base_sppm) == -1))
		failed(c);
}

static void
configure(struct clock *c, const struct msg_clock_config *m)
{
	bool first = !c->policy.configured;

	if (policy_configure(&c->policy, m) == -1) {
		log_error("bad limits for the clock");
		_exit(1);
	}
	if (first)
		begin(c);
	c->report_now = true;
}

static void
take_peer(struct clock *c, const struct msg_peer *m, int fd)
{
	if (m->peer != PROC_NET) {
		log_error("a channel to an unexpected program");
		_exit(1);
	}
	channel_close(&c->net);
	c->net.fd = fd;
	c->report_now = true;
}

static void
release(struct clock *c)
{
	policy_release(&c->policy);
	tell(c, EVENT_RELEASED, 0, "an operator allowed a step");
	c->report_now = true;
}

/* The end: no part of a slew may go on without us. */
static void
leave(struct clock *c)
{
	if (c->kernel.controlled && c->policy.configured)
		(void)kernel_rate(&c->kernel, c->base_sppm);
	_exit(0);
}

static void
from_parent(struct clock *c)
{
	union msg msg;
	int fd;

	switch (msg_recv(&c->parent, &msg, &fd)) {
	case MSG_NOTHING:
		return;
	case MSG_CLOSED:
		leave(c);
		return;
	case MSG_BAD:
		log_error("ntpd sent a message that it may not send");
		_exit(1);
	case MSG_GOT:
		break;
	}
	if (msg.h.type == MSG_PEER)
		take_peer(c, &msg.peer, fd);
	else if (msg.h.type == MSG_CLOCK_CONFIG)
		configure(c, &msg.clock_config);
	else if (msg.h.type == MSG_CLOCK_RELEASE)
		release(c);
	else if (!child_common_message(&msg)) {
		log_error("ntpd sent a message out of turn");
		_exit(1);
	}
}

/* --- the loop ------------------------------------------------------------- */

/*
 * ntpd ends us by closing its channel.  Where a terminal or a service manager
 * signals every process, TERM and INT end us in the same good order.
 */
static void
catch_signals(sigset_t *while_waiting)
{
	const int ends[] = { SIGTERM, SIGINT };
	struct sigaction sa = { .sa_handler = on_stop };
	sigset_t block;

	(void)sigemptyset(&block);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		(void)sigaddset(&block, ends[i]);
		if (sigaction(ends[i], &sa, NULL) == -1)
			_exit(1);
	}
	if (signal(SIGHUP, SIG_IGN) == SIG_ERR ||
	    sigprocmask(SIG_BLOCK, &block, while_waiting) == -1)
		_exit(1);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		(void)sigdelset(while_waiting, ends[i]);
}

static void
turn(struct clock *c, const sigset_t *while_waiting)
{
	struct pollfd pfd[2] = { { .fd = c->parent.fd, .events = POLLIN },
		{ .fd = c->net.fd, .events = POLLIN } };
	struct timespec wait = { .tv_sec = c->wait_ms / 1000,
		.tv_nsec = c->wait_ms % 1000 * NS_PER_MS };

	if (ppoll(pfd, 2, &wait, while_waiting) == -1)
		return; /* a signal: the caller looks */
	look(c);
	if (pfd[0].revents != 0)
		from_parent(c);
	if (pfd[1].revents != 0 && c->net.fd == pfd[1].fd)
		from_net(c);
	if (!c->policy.configured)
		return;
	steer(c);
	report(c);
}

int
main(void)
{
	struct clock c = { .wait_ms = IDLE_MS };
	sigset_t while_waiting;
	long hz = sysconf(_SC_CLK_TCK);
	bool controlled = false;

	catch_signals(&while_waiting);
	child_begin(PROC_CLOCK, &clock_profile, &c.parent, &controlled);
	c.net = channel_none(PROC_CLOCK, PROC_NET);
	look(&c);
	c.resumed_ns = 0; /* a suspend before our start is no news */
	if (kernel_init(&c.kernel, controlled, hz) == -1) {
		log_error("cannot read the kernel's clock state: %s",
		    strerrordesc_np(errno));
		c.kernel.controlled = false;
	}
	while (!stop_asked)
		turn(&c, &while_waiting);
	leave(&c);
	return 0;
}
