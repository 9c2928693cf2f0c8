/*
 * What may be done to the clock, see permit.h.  Run by ntp-clock.  It must
 * never permit what is not paid for, nor anything while the clock is frozen.
 */
#include "core/steer/permit.h"

#include "core/saturate.h"
#include "core/steer/steer.h"

bool
permit_limits_ok(const struct permit_limits *l)
{
	return l->step_over_ns >= 0 && l->startup_forward_ns >= 0 &&
	    l->startup_backward_ns >= 0 && l->limit_ns >= 0 &&
	    l->resume_ns >= 0 && l->ledger.budget_ns >= 0 &&
	    l->ledger.period_ns > 0 && l->ledger.tolerance_sppm >= 0;
}

void
permit_begin(struct permit *p, const struct ledger_kept *kept, int64_t now_ns,
    bool startup)
{
	p->startup = startup;
	ledger_load(&p->ledger, kept, now_ns);
	/*
	 * The rest rate as of the freeze, however long nothing ran since then.
	 */
	if (p->refusal != REFUSED_NOTHING)
		ledger_settle(&p->ledger, p->ledger.k.until_ns);
}

/* A smaller budget limits what is set aside, too. */
static void
trim(struct permit *p, int64_t now_ns)
{
	ledger_trim(&p->ledger, now_ns);
	p->leap_paid &= p->ledger.k.ahead_ns >= NS_PER_S;
}

void
permit_limit(
    struct permit *p, const struct permit_limits *limits, int64_t now_ns)
{
	p->limits = *limits;
	ledger_limit(&p->ledger, &limits->ledger, now_ns);
	trim(p, now_ns);
}

void
permit_assume(struct permit *p, int64_t now_ns)
{
	p->startup = false;
	p->ledger.k.flags |= LEDGER_STARTED;
	ledger_assume(&p->ledger, now_ns);
}

/* --- steps ---------------------------------------------------------------- */

/* Is this the first correction of this boot?  It is not charged. */
static bool
is_first(const struct permit *p)
{
	return p->startup && (p->ledger.k.flags & LEDGER_STARTED) == 0;
}

/* An error must last before it is stepped; otherwise noise would be. */
static bool
sure(struct permit *p, const struct permit_view *v)
{
	if (p->over_since_ns == 0 || p->over_forward != (v->error_ns > 0)) {
		p->over_since_ns = v->now_ns;
		p->over_forward = v->error_ns > 0;
	}
	return sat_sub(v->now_ns, p->over_since_ns) >= PERMIT_SURE_NS;
}

/*
 * The part of an error that is beyond doubt.  The clock of a machine without an
 * RTC battery starts before known_ns, a time that has certainly passed.  A date
 * decades after this release is invalid and says no more than known_ns: the
 * limits count from known_ns.  No sample leads to such a date, see
 * policy_sample().
 */
static int64_t
known_part(const struct permit *p, const struct permit_view *v)
{
	int64_t before_ns = sat_sub(p->limits.known_ns, v->real_ns);

	if (!p->startup)
		return 0;
	if (v->real_ns > UTC_LAST_NS && v->error_ns < 0)
		return before_ns;
	if (before_ns <= 0 || v->error_ns <= 0)
		return 0;
	return before_ns < v->error_ns ? before_ns : v->error_ns;
}

/* The part that a pause of the machine explains, if enough sources agree. */
static int64_t
paused_part(const struct permit *p, const struct permit_view *v)
{
	int64_t paused_ns = resume_explains(&p->resume, v->now_ns);

	if (!v->many || v->error_ns <= 0 || paused_ns > p->limits.resume_ns)
		return 0;
	return paused_ns < v->error_ns ? paused_ns : v->error_ns;
}

/*
 * Freeze: from now on the rate is that at rest, which no later moment changes.
 */
static void
freeze(struct permit *p, int64_t now_ns, enum refusal why, int64_t amount,
    int64_t bound)
{
	ledger_settle(&p->ledger, now_ns);
	p->refusal = why;
	p->amount = amount;
	p->bound = bound;
	p->released = false;
	p->want_ns = 0;
}

/* What is set aside, minus the amount for a leap second. */
static int64_t
ahead(const struct permit *p)
{
	int64_t kept_ns = p->leap_paid ? NS_PER_S : 0;

	return sat_sub(p->ledger.k.ahead_ns, kept_ns);
}

/* The same, minus what the current rate may cost until the next look. */
static int64_t
spare(const struct permit *p)
{
	return sat_sub(ahead(p), p->need_ns);
}

/*
 * amount_ns more must be set aside.  Ask for PERMIT_ASIDE_NS more than that, if
 * there is so much, because an error grows while its step waits, and a rate
 * goes on.
 */
static void
want(struct permit *p, int64_t now_ns, int64_t amount_ns)
{
	int64_t left_ns = ledger_left(&p->ledger, now_ns);
	int64_t more_ns =
	    sat_add(amount_ns, p->limits.at_once ? 0 : PERMIT_ASIDE_NS);

	if (more_ns > left_ns)
		more_ns = amount_ns > left_ns ? amount_ns : left_ns;
	if (more_ns > p->want_ns)
		p->want_ns = more_ns;
}

/* Freeze if a step exceeds a limit, or what is left of the budget. */
static bool
over_limit(struct permit *p, int64_t now_ns, int64_t error_ns)
{
	const struct permit_limits *m = &p->limits;
	int64_t left_ns = sat_add(ledger_left(&p->ledger, now_ns), spare(p));
	int64_t limit_ns = !p->startup ? m->limit_ns
	    : error_ns > 0	       ? m->startup_forward_ns
				       : m->startup_backward_ns;
	bool large = sat_abs(error_ns) > limit_ns;

	if (!large && (is_first(p) || sat_abs(error_ns) <= left_ns))
		return false;
	/* The operator agreed to another step than this one. */
	if (p->released)
		freeze(p, now_ns, REFUSED_OTHER, error_ns, p->release_ns);
	else if (large)
		freeze(p, now_ns, p->startup ? REFUSED_STARTUP : REFUSED_LIMIT,
		    error_ns, limit_ns);
	else
		freeze(p, now_ns, REFUSED_STEP, error_ns, left_ns);
	return true;
}

/* The startup, if this was it, is over: steps are charged now. */
static void
end_startup(struct permit *p)
{
	p->startup = p->released = false;
	p->over_since_ns = 0;
	p->ledger.k.flags |= LEDGER_STARTED;
}

static bool
is_agreed(const struct permit *p, int64_t error_ns)
{
	return p->released &&
	    sat_abs(sat_sub(error_ns, p->release_ns)) <= p->margin_ns;
}

/* The step is allowed once its cost is stored. */
static enum verdict
allow(struct permit *p, int64_t now_ns, int64_t cost_ns)
{
	p->cost_ns = cost_ns;
	if (is_first(p) && !p->started)
		want(p, now_ns, 1);
	else if (cost_ns > 0 && cost_ns > spare(p))
		want(p, now_ns, sat_sub(cost_ns, spare(p)));
	else
		return STEP_DO;
	return STEP_WAIT;
}

/* Must a step wait until an assumed use is forgotten? */
static bool
must_wait(const struct permit *p, int64_t now_ns, int64_t error_ns)
{
	return (p->ledger.k.flags & LEDGER_ASSUMED) != 0 &&
	    sat_abs(error_ns) > ledger_left(&p->ledger, now_ns) &&
	    sat_abs(error_ns) <= p->limits.ledger.budget_ns &&
	    sat_abs(error_ns) <= p->limits.limit_ns;
}

/*
 * The largest error that is slewed.  After a boot nobody relies on the clock
 * yet, so a tenth of the threshold is enough to step.  Later, an error that the
 * sources' noise may explain is slewed, so that the clock is not stepped to and
 * fro.
 */
static int64_t
threshold_ns(const struct permit *p, const struct permit_view *v)
{
	int64_t over_ns = p->limits.step_over_ns;
	int64_t doubt_ns = v->sigma_ns > PERMIT_DOUBT_NS / PERMIT_SIGMAS
	    ? PERMIT_DOUBT_NS
	    : v->sigma_ns * PERMIT_SIGMAS;

	if (p->startup)
		return is_first(p) && !p->limits.at_once
		    ? over_ns / PERMIT_BOOT_PARTS
		    : over_ns;
	return over_ns > doubt_ns ? over_ns : doubt_ns;
}

enum verdict
permit_judge(
    struct permit *p, const struct permit_view *v, enum step_reason *why)
{
	int64_t known_ns, paused_ns, limited_ns;

	*why = REASON_OPERATOR;
	if (p->refusal != REFUSED_NOTHING)
		return STEP_WAIT;
	if (sat_abs(v->error_ns) <= threshold_ns(p, v)) {
		end_startup(p);
		return STEP_NO;
	}
	if (is_agreed(p, v->error_ns))
		return allow(p, v->now_ns, 0);
	if (!p->startup && !sure(p, v))
		return STEP_WAIT;
	known_ns = known_part(p, v);
	limited_ns = sat_sub(v->error_ns, known_ns);
	paused_ns = paused_part(p, v);
	if (paused_ns > limited_ns)
		paused_ns = limited_ns > 0 ? limited_ns : 0;
	limited_ns = sat_sub(limited_ns, paused_ns);
	if (must_wait(p, v->now_ns, limited_ns))
		return STEP_NO;
	if (over_limit(p, v->now_ns, limited_ns))
		return STEP_VIOLATION;
	*why = paused_ns != 0 ? REASON_PAUSED
	    : known_ns < 0    ? REASON_BEYOND
	    : known_ns != 0   ? REASON_KNOWN
	    : p->startup      ? REASON_FIRST
			      : REASON_LARGE;
	return allow(p, v->now_ns, is_first(p) ? 0 : sat_abs(limited_ns));
}

void
permit_stepped(struct permit *p, int64_t now_ns)
{
	/* What was set aside beyond that may be for the current rate. */
	ledger_spend(&p->ledger, now_ns, p->cost_ns);
	p->cost_ns = 0;
	resume_used(&p->resume);
	end_startup(p);
}

/* --- rates ---------------------------------------------------------------- */

/* In 10^-9 ppm, so that ppm are printed like seconds. */
static int64_t
fine_rate(int64_t rate_sppm)
{
	rate_sppm =
	    sat_clamp(rate_sppm, -STEER_RATE_MAX_SPPM, STEER_RATE_MAX_SPPM);
	return rate_sppm * 1953125 / 128; /* 10^9 / 2^16 */
}

/* The rate costs more than is set aside: is enough left of the budget? */
static int64_t
unpaid_rate(
    struct permit *p, int64_t now_ns, int64_t want_sppm, int64_t need_ns)
{
	int64_t left_ns = ledger_left(&p->ledger, now_ns);
	int64_t more_ns = sat_sub(need_ns, ahead(p));

	if (more_ns <= left_ns)
		want(p, now_ns, more_ns);
	if (more_ns <= left_ns || (p->ledger.k.flags & LEDGER_ASSUMED) != 0)
		return ledger_clamp(&p->ledger, want_sppm);
	freeze(p, now_ns, REFUSED_RATE, fine_rate(want_sppm), left_ns);
	return ledger_rest(&p->ledger, now_ns);
}

int64_t
permit_rate(struct permit *p, int64_t now_ns, int64_t was_sppm,
    int64_t want_sppm, int64_t wait_ns)
{
	int64_t need_ns;

	p->rates_ns =
	    sat_add(p->rates_ns, ledger_account(&p->ledger, now_ns, was_sppm));
	need_ns = ledger_cost(
	    &p->ledger, want_sppm, sat_add(wait_ns, PERMIT_LATE_NS));
	p->charged = false;
	p->need_ns = 0;
	if (p->refusal != REFUSED_NOTHING)
		return ledger_rest(&p->ledger, now_ns);
	p->charged = need_ns > 0;
	if (need_ns > ahead(p))
		return unpaid_rate(p, now_ns, want_sppm, need_ns);
	p->need_ns = need_ns;
	/*
	 * What was set aside and not wanted for a while is given back.  Not
	 * sooner, so that nobody can make ntpd store the ledger all the time.
	 */
	if (need_ns == 0 && p->want_ns == 0 && p->over_since_ns == 0 &&
	    sat_sub(now_ns, p->aside_ns) >= PERMIT_KEEP_NS)
		ledger_give_back(&p->ledger, p->leap_paid ? NS_PER_S : 0);
	return want_sppm;
}

void
permit_learn(struct permit *p, int64_t now_ns, int64_t rate_sppm)
{
	if (p->refusal == REFUSED_NOTHING)
		ledger_learn(&p->ledger, now_ns, rate_sppm);
}

/* --- what is stored ------------------------------------------------------- */

bool
permit_busy(const struct permit *p)
{
	return p->refusal == REFUSED_NOTHING &&
	    (p->over_since_ns != 0 || p->want_ns > 0 || p->asked || p->charged);
}

bool
permit_wants(const struct permit *p)
{
	return p->want_ns > 0;
}

struct ledger_kept
permit_proposal(struct permit *p)
{
	p->asked = true;
	p->asked_ns = is_first(p) ? 0 : p->want_ns;
	return permit_kept(p);
}

struct ledger_kept
permit_kept(const struct permit *p)
{
	struct ledger copy = p->ledger;

	if (p->asked || p->started)
		copy.k.flags |= LEDGER_STARTED;
	if (p->asked)
		ledger_set_aside(&copy, p->asked_ns);
	return copy.k;
}

/* What was spent in the meantime was set aside before. */
void
permit_agreed(struct permit *p, int64_t now_ns)
{
	p->aside_ns = now_ns;
	ledger_set_aside(&p->ledger, p->asked_ns);
	trim(p, now_ns);
	p->want_ns = p->asked_ns = 0;
	p->asked = false;
	p->started = true;
}

/* --- leap seconds --------------------------------------------------------- */

enum leap
permit_leap(struct permit *p, int64_t now_ns, enum leap wanted)
{
	int64_t left_ns = sat_add(ledger_left(&p->ledger, now_ns), spare(p));

	if (wanted == LEAP_NONE || p->refusal != REFUSED_NOTHING) {
		p->leap_paid = false; /* what was set aside is free again */
		return LEAP_NONE;
	}
	if (!p->leap_paid && spare(p) < NS_PER_S && left_ns >= NS_PER_S)
		want(p, now_ns, sat_sub(NS_PER_S, spare(p)));
	else if (!p->leap_paid && spare(p) >= NS_PER_S)
		p->leap_paid = true;
	else if (!p->leap_paid && (p->ledger.k.flags & LEDGER_ASSUMED) == 0)
		freeze(p, now_ns, REFUSED_LEAP, NS_PER_S, left_ns);
	return p->leap_paid ? wanted : LEAP_NONE;
}

void
permit_leapt(struct permit *p, int64_t now_ns)
{
	p->leap_paid = false;
	ledger_spend(&p->ledger, now_ns, NS_PER_S);
}

/* --- an operator ---------------------------------------------------------- */

void
permit_release(
    struct permit *p, int64_t step_ns, int64_t margin_ns, int64_t now_ns)
{
	p->refusal = REFUSED_NOTHING;
	p->released = true;
	p->release_ns = step_ns;
	p->margin_ns = sat_abs(margin_ns);
	p->leap_paid = false; /* forgiven, too: it will be asked for again */
	ledger_forgive(&p->ledger, now_ns);
}

/* --- words ---------------------------------------------------------------- */

const char *
permit_reason(enum step_reason why)
{
	switch (why) {
	case REASON_OPERATOR:
		return "allowed by an operator";
	case REASON_KNOWN:
		return "first correction after start, "
		       "from before the last time known";
	case REASON_BEYOND:
		return "first correction after start, "
		       "from a date that cannot be";
	case REASON_FIRST:
		return "first correction after start";
	case REASON_PAUSED:
		return "the machine was paused";
	case REASON_LARGE:
		break;
	}
	return "more than is slewed";
}

struct refusal_words
permit_words(const struct permit *p)
{
	struct refusal_words w = { "a step of", "s",
		"over what is left of the budget," };

	switch (p->refusal) {
	case REFUSED_LIMIT:
		w.relation = "over the limit of";
		break;
	case REFUSED_STARTUP:
		w.relation = "over the startup limit of";
		break;
	case REFUSED_OTHER:
		w.relation = "not what an operator agreed to,";
		break;
	case REFUSED_RATE:
		w.what = "a rate of";
		w.unit = "ppm";
		break;
	case REFUSED_LEAP:
		w.what = "a leap second of";
		break;
	case REFUSED_STEP:
	case REFUSED_BEFORE:
	case REFUSED_NOTHING:
		break;
	}
	return w;
}
