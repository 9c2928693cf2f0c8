/*
 * ntp-clock: the only program that may set the clock (CAP_SYS_TIME).  ntpd(8)
 * starts it and gives it its limits; ntp-net sends samples.  It makes
 * CLOCK_REALTIME follow the line of the last sample.  It says what it did, and
 * why it refused.  It must never believe ntp-net beyond the limits, wait for
 * another program, allocate, or open anything.
 */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "common/child.h"
#include "common/clock.h"
#include "common/dispatch.h"
#include "common/log.h"
#include "common/page.h"
#include "common/seconds.h"
#include "core/leap/leap.h"
#include "core/saturate.h"
#include "core/steer/quality.h"
#include "core/steer/steer.h"
#include "ntp-clock/kernel.h"
#include "ntp-clock/policy.h"
#include "ntp-clock/profile.h"

#define LOCKED_NS	NS_PER_MS
#define SURE_SLOPE	(SLOPE_ONE / 100000) /* 10 ppm: good enough */
#define REPORT_OFTEN_NS (16 * NS_PER_S)	     /* while a rate is charged */
#define REPORT_EVERY_NS (1024 * NS_PER_S)    /* the page has it in between */
#define EVENT_GAP_NS	(60 * NS_PER_S) /* for events that ntp-net can cause */
#define CHARGED_SAID_NS (10 * NS_PER_MS)
#define AFTER_STEP_NS	(2 * NS_PER_S) /* the kernel forgets leap seconds */
#define SAMPLES_MAX	10	       /* at once, and per second */
#define RTC_EVERY_NS	(10 * NS_PER_S)
#define RTC_WAIT_MS	15000 /* less than the 11 min in which it is set */

struct clock {
	struct channel parent;
	struct channel net;
	int rtc_fd;		/* -1: there is no RTC */
	struct page *page;	/* shared page with our state, or NULL */
	int64_t rtc_looked_ns;	/* raw time */
	int64_t samples_due_ns; /* raw time up to which samples are paid for */
	uint64_t asked;		/* number of the last proposal */
	struct kernel kernel;
	struct kernel_quality quality; /* as told to the kernel */
	struct policy policy;
	struct permit permit;

	struct timeline timeline;
	struct clock_pair now;
	struct wall utc;  /* now, by the line */
	int64_t error_ns; /* how far CLOCK_REALTIME is behind it */

	struct msg_sample sample; /* the last accepted one: the line, */
	bool has_line;		  /* if there is one */
	bool holdover;		  /* the line is old */
	int64_t interval_ns;	  /* usual interval between samples */
	int64_t since_ns;	  /* older samples (raw time) are refused */
	struct leap_watch leap;

	int64_t base_sppm;	/* the rate without a correction */
	enum clock_event phase; /* EVENT_SLEW, EVENT_LOCKED, or neither yet */
	int64_t wait_ms;

	struct msg_clock_state state; /* as of the last turn */
	int64_t reported_ns; /* raw time of the last report; since then */
	bool changed;	     /* something that others act on has changed, */
	bool urgent;	     /* or something that they must know at once */
	int64_t told_ns[EVENT_COUNT]; /* raw time of the last event of a kind */
};

/* All state of this program; a global for the message handlers. */
static struct clock self;

/* The rate in force, with the tick. */
static int64_t
rate(const struct clock *c)
{
	return steer_join(&c->kernel.setting, c->kernel.hz);
}

/* --- reports -------------------------------------------------------------- */

/* Tell an event; an amount that is not 0 is also put into words. */
static void
tell(struct clock *c, enum clock_event event, int64_t amount_ns,
    const char *reason)
{
	struct msg_clock_event m = { .wall_ns = c->now.real_ns,
		.amount_ns = amount_ns,
		.event = (uint32_t)event };

	seconds_behind(m.reason, sizeof(m.reason), amount_ns, reason);
	msg_offer(&c->parent, MSG_CLOCK_EVENT, &m);
	msg_offer(&c->net, MSG_CLOCK_EVENT, &m);
	c->told_ns[event] = c->now.raw_ns;
	c->urgent = true;
}

/* Limits the events that ntp-net can cause. */
static bool
may_tell(const struct clock *c, enum clock_event event)
{
	return c->told_ns[event] == 0 ||
	    sat_sub(c->now.raw_ns, c->told_ns[event]) >= EVENT_GAP_NS;
}

static uint32_t
flags(const struct clock *c)
{
	int64_t ledger = c->permit.ledger.k.flags;

	return (c->kernel.controlled ? CLOCK_STATE_CONTROLLED : 0) |
	    (c->policy.frozen[0] != '\0' ? CLOCK_STATE_FROZEN : 0) |
	    (c->permit.startup ? 0 : CLOCK_STATE_STARTUP_DONE) |
	    (c->has_line ? CLOCK_STATE_HAS_LINE : 0) |
	    (c->holdover ? CLOCK_STATE_HOLDOVER : 0) |
	    (c->has_line && c->quality.in_sync ? CLOCK_STATE_IN_SYNC : 0) |
	    ((ledger & LEDGER_ANCHORED) != 0 ? CLOCK_STATE_ANCHORED : 0) |
	    (c->permit.charged ? CLOCK_STATE_CHARGED : 0);
}

/* Report: to the page in every turn; a message wakes others up, so fewer. */
static void
report(struct clock *c)
{
	const struct ledger *l = &c->permit.ledger;
	struct ledger_kept kept = permit_kept(&c->permit);
	struct ledger_band band = ledger_band(l);
	int64_t since_ns = sat_sub(c->now.raw_ns, c->reported_ns);
	bool often = c->page == NULL || c->permit.charged;
	struct msg_clock_state *m = &c->state;

	c->changed |= flags(c) != m->flags;
	m->raw_ns = c->now.raw_ns;
	m->offset_ns = c->error_ns;
	m->error_ns = c->quality.max_error_ns;
	m->freq_ppb = steer_rate_ppb(rate(c));
	m->slope_q32 = c->sample.slope_q32;
	m->slope_sigma_q32 = c->sample.slope_sigma_q32;
	m->used_ns = ledger_used(l, c->now.raw_ns);
	m->budget_ns = l->limits.budget_ns;
	m->budget_period_ns = l->limits.period_ns;
	m->low_ppb = steer_rate_ppb(band.low_sppm);
	m->high_ppb = steer_rate_ppb(band.high_sppm);
	m->anchor_ppb = steer_rate_ppb(l->k.anchor_sppm);
	m->leap_before_ns = c->leap.before.ns;
	memcpy(&m->ledger, &kept, sizeof(m->ledger));
	m->flags = flags(c);
	memcpy(m->frozen, c->policy.frozen, sizeof(m->frozen));
	if (c->page != NULL)
		page_put(c->page, m, sizeof(*m));
	if (!c->urgent &&
	    since_ns < (often ? REPORT_OFTEN_NS : REPORT_EVERY_NS) &&
	    (!c->changed || since_ns < NS_PER_S))
		return;
	if (msg_send(&c->parent, MSG_CLOCK_STATE, m, -1) == -1)
		return; /* ntpd's channel is full: try in a later turn */
	if (c->urgent || c->changed)
		msg_offer(&c->net, MSG_CLOCK_STATE, m);
	c->reported_ns = c->now.raw_ns;
	c->urgent = c->changed = false;
}

/* --- steering ------------------------------------------------------------- */

/* Read the clock, and compute its error. */
static void
look(struct clock *c)
{
	const struct msg_sample *s = &c->sample;
	struct line line = { { s->raw_ns }, s->theta_ns, s->slope_q32 };

	c->now = clock_read_pair(&c->timeline);
	if (c->now.suspended_ns != 0)
		c->since_ns = c->now.raw_ns;
	ledger_slept(&c->permit.ledger, c->now.raw_ns, c->now.suspended_ns);
	c->has_line &= line_utc(&line, (struct mono){ c->now.raw_ns }, &c->utc);
	c->error_ns = c->has_line ? sat_sub(c->utc.ns, c->now.real_ns) : 0;
}

/* Step the clock.  Returns true if the kernel made the step. */
static bool
step(struct clock *c, const char *why)
{
	int64_t by_ns = c->error_ns;

	kernel_step(&c->kernel, by_ns);
	if (!c->kernel.controlled)
		return false;
	permit_stepped(&c->permit, c->now.raw_ns);
	c->rtc_looked_ns = 0; /* look again at once */
	look(c);
	c->state.steps++;
	c->phase = EVENT_STEP;
	tell(c, EVENT_STEP, by_ns, why);
	return true;
}

/* The RTC may show a pause: look before a step, and every RTC_EVERY_NS. */
static void
look_at_rtc(struct clock *c)
{
	int64_t rtc_ns = kernel_read_rtc(c->rtc_fd); /* -1 if there is none */

	c->rtc_looked_ns = c->now.raw_ns;
	if (rtc_ns == -1 ||
	    resume_look(&c->permit.resume,
		sat_add(rtc_ns, c->policy.config.rtc_behind_ns), c->now.raw_ns,
		c->now.real_ns) == 0)
		return;
	tell(c, EVENT_RESUME, 0, "the machine was paused, as its RTC shows");
	if (sat_abs(c->error_ns) > c->permit.limits.step_over_ns)
		return; /* the line is from after the pause */
	c->has_line = c->quality.in_sync = false;
	kernel_set(&c->kernel, rate(c), &c->quality);
}

/* Report that the clock was frozen or released. */
static void
note_frozen(struct clock *c)
{
	bool stop =
	    (c->policy.config.flags & CLOCK_CONFIG_STOP_ON_VIOLATION) != 0;

	if (policy_says_frozen(&c->policy, &c->permit))
		tell(c, stop ? EVENT_STOP : EVENT_FROZEN, 0, c->policy.frozen);
}

/*
 * Step if that is needed and allowed.  Returns false if the error must be left
 * alone: it is not believed or paid for yet, or the clock is frozen.
 */
static bool
may_slew(struct clock *c)
{
	struct permit_view view = { .now_ns = c->now.raw_ns,
		.real_ns = c->now.real_ns,
		.error_ns = c->error_ns,
		.sigma_ns = c->sample.sigma_ns,
		.many = (c->sample.flags & SAMPLE_MANY) != 0 };
	enum step_reason why;
	enum verdict v;

	if (!c->kernel.controlled || c->sample.raw_ns < c->since_ns)
		return false;
	if (sat_abs(c->error_ns) > c->permit.limits.step_over_ns)
		look_at_rtc(c);
	v = permit_judge(&c->permit, &view, &why);
	note_frozen(c);
	if (v == STEP_DO)
		return step(c, permit_reason(why));
	return v == STEP_NO;
}

/* Report when a larger error begins to be slewed, and when it is gone. */
static void
note_phase(struct clock *c)
{
	bool locked = sat_abs(c->error_ns) < LOCKED_NS;

	if (locked && c->phase != EVENT_LOCKED) {
		c->phase = EVENT_LOCKED;
		tell(c, EVENT_LOCKED, 0, "the clock is within a millisecond");
	} else if (!locked && c->phase != EVENT_SLEW &&
	    may_tell(c, EVENT_SLEW)) {
		c->phase = EVENT_SLEW;
		tell(c, EVENT_SLEW, c->error_ns, "it is slewed");
	}
}

/* Assess the quality of the time, by the last sample and its age. */
static void
assess(struct clock *c)
{
	const struct msg_sample *s = &c->sample;
	struct kernel_quality *q = &c->quality;
	struct quality_input in = { c->error_ns,
		sat_sub(c->now.raw_ns, s->raw_ns), s->sigma_ns,
		s->slope_sigma_q32, s->root_delay_ns, s->root_dispersion_ns,
		c->interval_ns };
	struct quality now = quality_of(&in);

	q->est_error_ns = now.estimate_ns;
	q->max_error_ns = now.bound_ns;
	q->in_sync = now.in_sync && c->policy.frozen[0] == '\0';
	q->leap = permit_leap(&c->permit, c->now.raw_ns,
	    q->in_sync && c->kernel.controlled &&
		    sat_sub(c->now.raw_ns, c->told_ns[EVENT_STEP]) >=
			AFTER_STEP_NS
		? c->leap.armed
		: LEAP_NONE);
	if (now.late && !c->holdover)
		tell(c, EVENT_HOLDOVER, 0,
		    "no samples come: the clock continues from the last one");
	c->holdover = now.late;
}

/* Report the cost of rates, if it is more than noise. */
static void
note_charged(struct clock *c)
{
	if (c->permit.rates_ns < CHARGED_SAID_NS || !may_tell(c, EVENT_CHARGED))
		return;
	tell(c, EVENT_CHARGED, 0,
	    "rates beyond what the oscillator explains "
	    "are charged to the budget");
	c->permit.rates_ns = 0;
}

/* Charge the old rate, and set the permitted part of the new one. */
static void
set_rate(struct clock *c, int64_t want_sppm)
{
	if (c->kernel.controlled)
		want_sppm = permit_rate(&c->permit, c->now.raw_ns, rate(c),
		    want_sppm, c->wait_ms * NS_PER_MS);
	note_frozen(c);
	note_charged(c);
	c->kernel.corrected |= (c->permit.ledger.k.flags & LEDGER_STARTED) != 0;
	kernel_set(&c->kernel, want_sppm, &c->quality);
}

static void
steer(struct clock *c)
{
	bool slew = may_slew(c);
	struct steer_view view = { .error_ns = slew ? c->error_ns : 0,
		.sigma_ns = c->sample.sigma_ns,
		.interval_ns = quality_interval(
		    c->interval_ns, sat_sub(c->now.raw_ns, c->sample.raw_ns)),
		.busy =
		    permit_busy(&c->permit) || leap_near(&c->leap, c->utc) };
	struct steer_plan plan = steer_plan(&view);
	int64_t pull_sppm = 0;

	c->wait_ms = plan.wait_ms;
	if (slew) {
		note_phase(c);
		c->base_sppm = steer_slope_rate(c->sample.slope_q32);
		pull_sppm = steer_correction(
		    c->error_ns, plan.tau_s, c->policy.config.slew_limit_ppb);
	}
	assess(c);
	/* Learn the oscillator's rate if the clock agrees with a new line. */
	if (c->quality.in_sync && !c->holdover &&
	    c->sample.slope_sigma_q32 <= SURE_SLOPE)
		permit_learn(&c->permit, c->now.raw_ns,
		    steer_slope_rate(c->sample.slope_q32));
	set_rate(c, c->base_sppm + pull_sppm);
}

/* Everything that is done in a turn if there is a line to follow. */
static void
follow(struct clock *c)
{
	int64_t leap_ns = leap_passed(&c->leap, c->utc);

	if (leap_ns != 0) {
		c->sample.theta_ns = sat_add(c->sample.theta_ns, leap_ns);
		c->since_ns = c->now.raw_ns; /* older ones lack the leap */
		look(c);
		/* If the kernel was not told, it made no leap second. */
		if (c->kernel.controlled && c->quality.leap != LEAP_NONE) {
			permit_leapt(&c->permit, c->now.raw_ns);
			tell(c, EVENT_LEAP, 0,
			    leap_ns < 0 ? "a second was inserted"
					: "a second was deleted");
		}
	}
	/* The kernel and the line do not leap at the same moment. */
	if (leap_quiet(&c->leap, c->utc))
		set_rate(c, c->base_sppm);
	else
		steer(c);
}

/* --- messages ------------------------------------------------------------- */

static int
take_sample(struct received *r)
{
	struct clock *c = &self;
	const struct msg_sample *s = &r->m.sample;
	const char *wrong =
	    policy_sample(&c->policy, s, c->now.raw_ns, c->since_ns);

	if (wrong == NULL && leap_quiet(&c->leap, c->utc))
		wrong = "a sample came close to a leap second";
	if (wrong != NULL) {
		c->state.refused++;
		if (may_tell(c, EVENT_REFUSED))
			tell(c, EVENT_REFUSED, 0, wrong);
		return 0;
	}
	c->interval_ns = quality_interval(c->interval_ns,
	    c->has_line ? sat_sub(s->raw_ns, c->sample.raw_ns) : 0);
	c->state.samples++;
	c->sample = *s;
	c->since_ns = s->raw_ns;
	c->has_line = true;
	look(c);
	leap_announce(&c->leap, (enum leap)s->leap, c->utc,
	    leap_listed(c->policy.config.leaps_ns, LEAPS_MAX, c->utc));
	return 0;
}

/* The first limits have come: from now on the clock is ours. */
static void
begin(struct clock *c)
{
	kernel_begin(&c->kernel, &c->quality);
	if ((c->policy.config.flags & CLOCK_CONFIG_NOTHING_KEPT) != 0 &&
	    c->kernel.corrected)
		permit_assume(&c->permit, c->now.raw_ns);
	c->base_sppm = c->kernel.setting.freq_sppm;
	if ((c->policy.config.flags & CLOCK_CONFIG_DRIFT_KNOWN) != 0)
		c->base_sppm = steer_slope_rate(c->policy.config.drift_q32);
	/* Charge what was in force while no ntp-clock ran. */
	set_rate(c, ledger_clamp(&c->permit.ledger, c->base_sppm));
	c->leap.before.ns = c->policy.config.leap_before_ns;
}

/* Ask ntpd to store a proposal, one at a time, before more is done. */
static void
ask_parent(struct clock *c)
{
	struct ledger_kept kept;
	struct msg_clock_charge m = { .number = c->asked + 1,
		.leap_before_ns = c->leap.before.ns };

	if (!permit_wants(&c->permit) || c->permit.asked)
		return;
	kept = permit_proposal(&c->permit);
	memcpy(&m.ledger, &kept, sizeof(kept));
	/* If the channel is full, try in the next turn. */
	c->permit.asked = msg_send(&c->parent, MSG_CLOCK_CHARGE, &m, -1) == 0;
	c->asked += c->permit.asked;
}

static int
take_rtc(struct received *r)
{
	if (self.rtc_fd != -1)
		return -1;
	self.rtc_fd = r->fd;
	return 0;
}

static int
take_page(struct received *r)
{
	if (self.page != NULL)
		return -1;
	self.page = page_map(r->fd, true); /* else it reports more often */
	(void)close(r->fd);
	return 0;
}

static int
take_charged(struct received *r)
{
	if (!self.permit.asked || r->m.clock_charged.number != self.asked)
		return -1;
	permit_agreed(&self.permit, self.now.raw_ns);
	return 0;
}

static int
take_release(struct received *r)
{
	policy_release(
	    &self.policy, &self.permit, &r->m.clock_release, self.now.raw_ns);
	tell(&self, EVENT_RELEASED, 0, "an operator allowed one step");
	return 0;
}

static int
take_config(struct received *r)
{
	struct clock *c = &self;
	bool first = !c->policy.configured;

	if (policy_configure(&c->policy, &c->permit, &r->m.clock_config,
		c->now.raw_ns) == -1)
		return -1;
	if (first)
		begin(c);
	/* The new band may exclude the rate, which nothing else checks now. */
	if (!c->has_line && ledger_cost(&c->permit.ledger, rate(c), 1) > 0)
		set_rate(c, ledger_clamp(&c->permit.ledger, c->base_sppm));
	return 0;
}

/* The messages of ntpd, our root of trust, and the samples of ntp-net. */
static const struct handler handlers[MSG_COUNT] = {
	[MSG_PEER] = { dispatch_peer, &self.net },
	[MSG_CLOCK_RTC] = { .take = take_rtc },
	[MSG_CLOCK_PAGE] = { .take = take_page },
	[MSG_CLOCK_CHARGED] = { .take = take_charged },
	[MSG_CLOCK_RELEASE] = { .take = take_release },
	[MSG_CLOCK_SET] = { .take = dispatch_nothing }, /* to wake up */
	[MSG_CLOCK_CONFIG] = { .take = take_config },
	[MSG_SAMPLE] = { .take = take_sample },
};

/* Take one sample of ntp-net at a time, so that it cannot keep us busy. */
static void
from_net(struct clock *c)
{
	enum msg_result result;

	if (c->samples_due_ns < c->now.raw_ns)
		c->samples_due_ns = c->now.raw_ns;
	c->samples_due_ns += NS_PER_S / SAMPLES_MAX;
	result = dispatch_next(&c->net, handlers);
	if (result != MSG_GOT && result != MSG_NOTHING)
		child_drop_channel(&c->net, result);
}

static void
from_parent(struct clock *c)
{
	enum msg_result result = dispatch_next(&c->parent, handlers);

	c->urgent |= result == MSG_GOT;
	if (result == MSG_NOTHING || result == MSG_GOT)
		return;
	/* Nothing that ntp-net has said may stay in force without us. */
	if (c->state.samples > 0)
		kernel_set(&c->kernel,
		    ledger_rest(&c->permit.ledger, c->now.raw_ns), &c->quality);
	if (result != MSG_CLOSED)
		log_error("invalid message from ntpd: exiting");
	_exit(result == MSG_CLOSED ? 0 : 1);
}

/* --- the loop ------------------------------------------------------------- */

static void
turn(struct clock *c)
{
	/* Samples wait until there are limits, and if they come too fast. */
	bool wait_net = !c->policy.configured ||
	    c->samples_due_ns > sat_add(c->now.raw_ns, NS_PER_S);
	struct pollfd pfd[] = { { c->parent.fd, POLLIN, 0 },
		{ wait_net ? -1 : c->net.fd, POLLIN, 0 } };
	bool soon = c->changed || (wait_net && c->policy.configured);
	int64_t wait_ms = soon				  ? 1000 / SAMPLES_MAX
	    : c->rtc_fd == -1 || c->wait_ms < RTC_WAIT_MS ? c->wait_ms
							  : RTC_WAIT_MS;
	struct timespec wait = { wait_ms / 1000, wait_ms % 1000 * NS_PER_MS };
	bool controlled = c->kernel.controlled;

	(void)ppoll(pfd, 2, &wait, NULL); /* if it fails, nothing has come */
	look(c);
	if (pfd[0].revents != 0)
		from_parent(c);
	if (pfd[1].revents != 0)
		from_net(c);
	if (c->now.raw_ns - c->rtc_looked_ns >= RTC_EVERY_NS)
		look_at_rtc(c);
	if (c->has_line)
		follow(c);
	else if (c->permit.charged) /* by a line that is gone */
		set_rate(c, ledger_clamp(&c->permit.ledger, c->base_sppm));
	if (controlled && !c->kernel.controlled)
		tell(c, EVENT_FAILED, 0,
		    "the clock cannot be set: a user namespace or filter?");
	if (!c->policy.configured)
		return;
	ask_parent(c);
	report(c);
}

int
main(void)
{
	/*
	 * ntpd ends this program by closing its channel.  Signals, which may go
	 * to all processes, must not end it before the rate is in order.
	 */
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	self = (struct clock){ .wait_ms = STEER_REST_MS, .rtc_fd = -1 };
	self.kernel.controlled =
	    child_begin(PROC_CLOCK, &clock_profile, &self.parent, NULL);
	self.net = channel_none(PROC_CLOCK, PROC_NET);
	/* Suspends before this moment do not matter. */
	self.now = clock_read_pair(&self.timeline);
	for (;;)
		turn(&self);
}
