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
#define REPORT_EVERY_NS	 (16 * NS_PER_S)
#define REPORT_GAP_NS	 NS_PER_S
#define EVENT_GAP_NS	 (60 * NS_PER_S) /* of a kind that ntp-net can cause */
#define AFTER_STEP_NS	 (2 * NS_PER_S)	 /* the kernel forgets leap seconds */
#define HOLD_MS		 1000
#define IDLE_MS		 16000

/* A minute must pass between two events of one of these kinds. */
#define KIND_REFUSED (EVENT_FAILED + 1)
#define KINDS	     (KIND_REFUSED + REFUSE_COUNT)

enum phase { PHASE_START, PHASE_SLEW, PHASE_LOCKED };

struct clock {
	struct channel parent;
	struct channel net;
	struct kernel kernel;
	struct policy policy;

	struct timeline timeline;
	struct clock_pair now;
	struct wall utc;  /* now, by the line */
	int64_t error_ns; /* by which CLOCK_REALTIME is behind it */

	struct msg_sample sample; /* the last one accepted, */
	struct steer_line line;	  /* and its line, */
	bool has_line;		  /* if there is one */
	bool fresh;		  /* it has just come */
	bool holdover;		  /* it is old */
	int64_t newest_ns;	  /* raw time that samples must not be before */
	int64_t received_ns;	  /* raw time when the last one came, */
	int64_t interval_ns;	  /* and how long after the one before */
	int64_t resumed_ns;	  /* raw time: an older sample makes no step */
	int64_t stepped_ns;	  /* raw time of the last step */
	struct leap_watch leap;

	int64_t base_sppm;	       /* the rate without a correction */
	struct kernel_quality quality; /* as the kernel knows it */
	enum phase phase;
	int64_t wait_ms;

	uint64_t samples;
	uint64_t refused;
	bool report_now;
	bool report_soon;
	int64_t reported_ns;	 /* raw time */
	int64_t event_ns[KINDS]; /* raw time of the last of its kind */
};

static volatile sig_atomic_t stop_asked;

static void
on_stop(int sig)
{
	(void)sig;
	stop_asked = 1;
}

/* --- reports -------------------------------------------------------------- */

static void
send_both(struct clock *c, enum msg_type type, void *msg)
{
	struct channel *to[] = { &c->parent, &c->net };

	for (size_t i = 0; i < sizeof(to) / sizeof(to[0]); i++)
		if (to[i]->fd != -1 && msg_send(to[i], type, msg, -1) == -1)
			continue; /* full or gone: it is not waited for */
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

/* So that ntp-net cannot make us talk without end. */
static bool
may_tell(struct clock *c, unsigned int kind)
{
	int64_t *last_ns = &c->event_ns[kind];

	if (*last_ns != 0 && steer_sub(c->now.raw_ns, *last_ns) < EVENT_GAP_NS)
		return false;
	*last_ns = c->now.raw_ns;
	return true;
}

static bool
is_frozen(const struct clock *c)
{
	return c->policy.frozen[0] != '\0';
}

static void
report(struct clock *c)
{
	int64_t since_ns = steer_sub(c->now.raw_ns, c->reported_ns);
	struct msg_clock_state m = { .raw_ns = c->now.raw_ns,
		.offset_ns = c->error_ns,
		.error_ns = c->quality.max_error_ns,
		.slope = c->line.slope,
		.slope_sigma = c->sample.slope_sigma,
		.steps = c->policy.steps,
		.samples = c->samples,
		.refused = c->refused };

	if (!c->report_now && since_ns < REPORT_EVERY_NS &&
	    (!c->report_soon || since_ns < REPORT_GAP_NS))
		return;
	c->report_now = c->report_soon = false;
	c->reported_ns = c->now.raw_ns;
	policy_period(&c->policy, clock_read_boot());
	m.step_sum_ns = c->policy.used_ns;
	m.budget_start_ns = c->policy.start_ns;
	m.freq_ppb =
	    steer_rate_ppb(steer_join(&c->kernel.setting, c->kernel.hz));
	m.flags = (c->kernel.controlled ? CLOCK_CONTROLLED : 0) |
	    (is_frozen(c) ? CLOCK_IS_FROZEN : 0) |
	    (c->policy.startup ? 0 : CLOCK_STARTUP_DONE) |
	    (c->has_line ? CLOCK_HAS_LINE : 0) |
	    (c->holdover ? CLOCK_HOLDOVER : 0) |
	    (c->quality.in_sync ? CLOCK_IN_SYNC : 0);
	memcpy(m.frozen, c->policy.frozen, sizeof(m.frozen));
	send_both(c, MSG_CLOCK_STATE, &m);
}

/* --- steering ------------------------------------------------------------- */

/* Where the clock is now, and where it should be. */
static void
look(struct clock *c)
{
	c->now = clock_read_pair(&c->timeline);
	if (c->now.suspended_ns != 0)
		c->resumed_ns = c->now.raw_ns;
	c->has_line = c->has_line &&
	    steer_utc(&c->line, (struct mono){ c->now.raw_ns }, &c->utc);
	if (c->has_line)
		c->error_ns = steer_sub(c->utc.ns, c->now.real_ns);
}

/* The kernel refused, so the capability is gone: measure, do not steer. */
static void
lose_control(struct clock *c)
{
	char reason[REASON_LEN];

	(void)snprintf(reason, sizeof(reason),
	    "the kernel refuses a change: %s", strerrordesc_np(errno));
	c->kernel.controlled = false;
	tell(c, EVENT_FAILED, 0, reason);
	c->report_now = true;
}

/* Tell the kernel the rate, and q unless it is NULL. */
static void
set_kernel(struct clock *c, int64_t rate_sppm, const struct kernel_quality *q)
{
	if (kernel_set(&c->kernel, rate_sppm, q) == -1)
		lose_control(c);
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
	if (kernel_step(&c->kernel, seen->error_ns) == -1) {
		lose_control(c);
		return;
	}
	policy_stepped(&c->policy, seen);
	look(c);
	c->stepped_ns = c->now.raw_ns;
	c->phase = PHASE_START;
	tell(c, EVENT_STEP, seen->error_ns, why);
	c->report_now = true;
}

/*
 * Step if that is called for and allowed.  Returns false where nothing may be
 * done about the error: it is not believed yet, or we are frozen.
 */
static bool
may_slew(struct clock *c)
{
	struct policy_look seen = { .error_ns = c->error_ns,
		.raw_ns = c->now.raw_ns,
		.boot_ns = clock_read_boot(),
		.fresh = c->fresh };
	char why[REASON_LEN];

	if (!c->kernel.controlled || is_frozen(c))
		return false;
	if (c->sample.raw_ns < c->resumed_ns) /* suspended since it came */
		return steer_abs(c->error_ns) <= c->policy.limits.step_over_ns;
	c->report_now |= c->policy.startup; /* it ends here */
	switch (policy_judge(&c->policy, &seen, why)) {
	case STEP_NO:
		return true;
	case STEP_WAIT:
		return false;
	case STEP_DO:
		step(c, &seen, why);
		return c->kernel.controlled;
	case STEP_VIOLATION:
		freeze(c, why);
		return false;
	}
	return false;
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
		    "the clock is %s s %s: it is slewed", seconds,
		    c->error_ns > 0 ? "behind" : "ahead");
		tell(c, EVENT_SLEW, c->error_ns, reason);
	}
}

/* How good the time is, by the last sample and its age. */
static void
assess(struct clock *c)
{
	const struct msg_sample *s = &c->sample;
	struct kernel_quality *q = &c->quality;
	int64_t size_ns = steer_abs(c->error_ns);
	int64_t age_ns = steer_sub(c->now.raw_ns, s->raw_ns);
	int64_t near_ns = c->policy.limits.step_over_ns;
	bool was_in_sync = q->in_sync;

	if (near_ns < SYNC_OFFSET_NS)
		near_ns = SYNC_OFFSET_NS;
	q->est_error_ns = steer_add(size_ns, s->sigma_ns);
	q->max_error_ns = steer_add(q->est_error_ns,
	    s->root_delay_ns / 2 + s->root_dispersion_ns +
		steer_abs(age_ns) / 1000000 * DRIFT_PPM);
	q->in_sync = !is_frozen(c) && size_ns < near_ns &&
	    q->max_error_ns < (was_in_sync ? LOST_BOUND_NS : SYNC_BOUND_NS);
	q->leap = q->in_sync &&
		steer_sub(c->now.raw_ns, c->stepped_ns) >= AFTER_STEP_NS
	    ? c->leap.armed
	    : LEAP_NONE;
	c->report_soon |= q->in_sync != was_in_sync;
}

static void
steer(struct clock *c)
{
	bool slew = may_slew(c);
	struct steer_plan plan = steer_plan(slew ? c->error_ns : 0);
	int64_t pull_sppm = 0;

	c->wait_ms = plan.wait_ms;
	if (slew) {
		note_phase(c);
		c->base_sppm = steer_slope_rate(c->line.slope);
		pull_sppm = steer_correction(
		    c->error_ns, plan.tau_s, c->policy.limits.slew_limit_ppb);
	}
	assess(c);
	set_kernel(c, c->base_sppm + pull_sppm, &c->quality);
}

/* Move the line when a leap second has passed. */
static void
pass_leap(struct clock *c)
{
	int64_t shift_ns = leap_passed(&c->leap, c->utc);

	if (shift_ns == 0)
		return;
	c->line.theta_ns = steer_add(c->line.theta_ns, shift_ns);
	c->newest_ns = c->now.raw_ns; /* older samples know nothing of it */
	tell(c, EVENT_LEAP, shift_ns,
	    shift_ns < 0 ? "a second was inserted" : "a second was deleted");
	look(c);
}

static void
hear_leap(struct clock *c)
{
	static const char *const news[] = {
		[LEAP_NONE] = "no leap second is announced any more",
		[LEAP_INSERT] = "a second will be inserted after this month",
		[LEAP_DELETE] = "the last second of this month will be left out"
	};
	enum leap before = c->leap.armed;

	leap_announce(&c->leap, (enum leap)c->sample.leap, c->utc);
	if (c->leap.armed != before && c->leap.armed <= LEAP_DELETE &&
	    may_tell(c, EVENT_LEAP))
		tell(c, EVENT_LEAP, 0, news[c->leap.armed]);
}

static void
note_holdover(struct clock *c)
{
	int64_t since_ns = steer_sub(c->now.raw_ns, c->received_ns);

	if (c->holdover || since_ns <= HOLDOVER_NS ||
	    since_ns / HOLDOVER_SAMPLES <= c->interval_ns)
		return;
	c->holdover = true;
	tell(c, EVENT_HOLDOVER, 0,
	    "no sample comes: the clock goes on by the last one");
	c->report_now = true;
}

/* All that is done at a wake-up, once there is a line to follow. */
static void
follow(struct clock *c)
{
	if (!c->has_line)
		return;
	if (c->fresh)
		hear_leap(c);
	note_holdover(c);
	pass_leap(c);
	if (leap_quiet(&c->leap, c->utc)) {
		/* The kernel and the line do not move at one moment. */
		set_kernel(c, c->base_sppm, NULL);
		c->wait_ms = HOLD_MS;
		return;
	}
	steer(c);
}

/* --- messages ------------------------------------------------------------- */

static enum refusal
check_sample(const struct clock *c, const struct msg_sample *s)
{
	if (!c->policy.configured)
		return REFUSE_EARLY;
	if (c->has_line && leap_quiet(&c->leap, c->utc))
		return REFUSE_QUIET;
	return policy_sample(
	    s, c->now.raw_ns, c->newest_ns, c->policy.limits.earliest_ns);
}

static void
take_sample(struct clock *c, const struct msg_sample *s)
{
	enum refusal why = check_sample(c, s);

	c->report_soon = true;
	if (why != REFUSE_NONE) {
		c->refused++;
		if (may_tell(c, KIND_REFUSED + (unsigned int)why))
			tell(c, EVENT_REFUSED, 0, policy_refusal(why));
		return;
	}
	if (c->samples > 0)
		c->interval_ns = steer_sub(c->now.raw_ns, c->received_ns);
	else
		c->report_now = true;
	c->samples++;
	c->received_ns = c->now.raw_ns;
	c->newest_ns = s->raw_ns;
	c->sample = *s;
	c->line = (struct steer_line){ { s->raw_ns }, s->theta_ns, s->slope };
	c->has_line = c->fresh = true;
	c->holdover = false;
	look(c);
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
	else if (result != MSG_NOTHING)
		child_drop_channel(
		    &c->net, result == MSG_GOT ? MSG_BAD : result);
}

/* ntpd, our root of trust, talks nonsense: we had better not go on. */
NORETURN static void
mistrust(const char *why)
{
	log_error("ntpd sent %s", why);
	_exit(1);
}

/* The first limits: from now on the clock is ours. */
static void
begin(struct clock *c)
{
	const struct msg_clock_config *m = &c->policy.limits;

	c->base_sppm = c->kernel.setting.freq_sppm;
	if ((m->flags & CLOCK_DRIFT_KNOWN) != 0)
		c->base_sppm = steer_slope_rate(m->drift_slope);
	c->quality.max_error_ns = LOST_BOUND_NS;
	if (kernel_clear(&c->kernel) == -1)
		lose_control(c);
	set_kernel(c, c->base_sppm, NULL);
}

static void
configure(struct clock *c, const struct msg_clock_config *m)
{
	bool first = !c->policy.configured;

	if (policy_configure(&c->policy, m) == -1)
		mistrust("limits that are out of range");
	if (first)
		begin(c);
}

static void
take_peer(struct clock *c, const struct msg_peer *m, int fd)
{
	if (m->peer != PROC_NET)
		mistrust("a channel to a program that we do not know");
	channel_close(&c->net);
	c->net.fd = fd;
}

/* The end: no part of a slew may go on without us. */
NORETURN static void
leave(struct clock *c)
{
	if (c->policy.configured)
		set_kernel(c, c->base_sppm, NULL);
	_exit(0);
}

static void
from_parent(struct clock *c)
{
	enum msg_result result;
	union msg msg;
	int fd;

	result = msg_recv(&c->parent, &msg, &fd);
	if (result == MSG_NOTHING)
		return;
	if (result == MSG_CLOSED)
		leave(c);
	if (result == MSG_BAD)
		mistrust("what is no message");
	if (msg.h.type == MSG_PEER) {
		take_peer(c, &msg.peer, fd);
	} else if (msg.h.type == MSG_CLOCK_CONFIG) {
		configure(c, &msg.clock_config);
	} else if (msg.h.type == MSG_CLOCK_RELEASE) {
		policy_release(&c->policy);
		tell(c, EVENT_RELEASED, 0, "an operator allowed one step");
	} else if (!child_common_message(&msg)) {
		mistrust("a message out of turn");
	}
	c->report_now = true;
}

/* --- the loop ------------------------------------------------------------- */

/*
 * ntpd ends us by closing its channel.  Where a terminal or a service manager
 * signals every process, TERM and INT end us in the same good order.
 */
static void
catch_signals(sigset_t *while_waiting)
{
	sigset_t block;

	if (sigemptyset(&block) == -1 || sigaddset(&block, SIGTERM) == -1 ||
	    sigaddset(&block, SIGINT) == -1 ||
	    signal(SIGTERM, on_stop) == SIG_ERR ||
	    signal(SIGINT, on_stop) == SIG_ERR ||
	    signal(SIGHUP, SIG_IGN) == SIG_ERR ||
	    sigprocmask(SIG_BLOCK, &block, NULL) == -1)
		_exit(1);
	(void)sigemptyset(while_waiting); /* cannot fail */
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
	c->fresh = false;
	if (pfd[0].revents != 0)
		from_parent(c);
	if (pfd[1].revents != 0 && c->net.fd == pfd[1].fd)
		from_net(c);
	if (!c->policy.configured)
		return;
	follow(c);
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
	if (kernel_init(&c.kernel, controlled, hz) == -1)
		log_warning("the kernel's clock state cannot be read");
	while (!stop_asked)
		turn(&c, &while_waiting);
	leave(&c);
}
