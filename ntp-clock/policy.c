/*
 * What may be done to the clock, see policy.h.
 */
#include "policy.h"

#include <inttypes.h>
#include <stdio.h>

#include "steer.h"

static bool
between(int64_t a, int64_t low, int64_t high)
{
	return a >= low && a <= high;
}

static bool
limits_ok(const struct msg_clock_config *m)
{
	return m->step_over_ns >= 0 && m->startup_forward_ns >= 0 &&
	    m->startup_backward_ns >= 0 && m->limit_ns >= 0 &&
	    m->budget_ns >= 0 && m->budget_period_ns > 0 &&
	    m->budget_used_ns >= 0 && m->budget_start_ns >= 0 &&
	    between(m->slew_limit_ppb, 0, STEER_SLEW_MAX_PPB) &&
	    between(m->drift_slope, -STEER_SLOPE_MAX, STEER_SLOPE_MAX) &&
	    between(m->earliest_ns, 0, POLICY_UTC_END_NS) &&
	    between(m->known_ns, 0, POLICY_UTC_END_NS);
}

int
policy_configure(struct policy *p, const struct msg_clock_config *m)
{
	if (!limits_ok(m))
		return -1;
	p->limits = *m;
	if ((m->flags & CLOCK_ONCE) != 0)
		p->limits.step_over_ns = POLICY_ONCE_OVER_NS;
	if (p->configured)
		return 0;
	p->configured = true;
	p->startup = (m->flags & CLOCK_STARTUP) != 0;
	p->used_ns = m->budget_used_ns;
	p->start_ns = m->budget_start_ns;
	if ((m->flags & CLOCK_FROZEN) != 0)
		(void)snprintf(p->frozen, sizeof(p->frozen),
		    "frozen before the restart of ntp-clock");
	return 0;
}

const char *
policy_sample(const struct policy *p, const struct msg_sample *s,
    int64_t now_ns, int64_t since_ns)
{
	struct steer_line line = { { s->raw_ns }, s->theta_ns, s->slope };
	int64_t age_ns = steer_sub(now_ns, s->raw_ns);
	struct wall utc;

	if (!between(age_ns, -POLICY_AHEAD_NS, POLICY_AGE_NS))
		return "a sample is not of the last hour";
	if (s->raw_ns < since_ns)
		return "a sample is from before the last one or a resume";
	if (!between(s->sigma_ns, 1, POLICY_SIGMA_MAX_NS))
		return "a sample's sigma is out of range";
	if (!between(s->slope, -STEER_SLOPE_MAX, STEER_SLOPE_MAX))
		return "a sample's slope is beyond 1000 ppm";
	if (!between(s->slope_sigma, 0, STEER_SLOPE_MAX))
		return "a sample's slope_sigma is out of range";
	if (!between(s->root_delay_ns, 0, POLICY_SIGMA_MAX_NS) ||
	    !between(s->root_dispersion_ns, 0, POLICY_SIGMA_MAX_NS))
		return "a sample's root delay or dispersion is out of range";
	if (s->leap > LEAP_DELETE)
		return "a sample's leap indicator is not 0 to 2";
	if (!steer_utc(&line, (struct mono){ now_ns }, &utc) ||
	    !between(utc.ns, p->limits.earliest_ns, POLICY_UTC_END_NS))
		return "a sample's UTC is before this release or after 2199";
	return NULL;
}

struct policy_text
policy_seconds(int64_t ns)
{
	struct policy_text text;
	int n = snprintf(text.s, sizeof(text.s), "%s%" PRId64 ".%09" PRId64,
	    ns < 0 ? "-" : "", steer_abs(ns / NS_PER_S),
	    steer_abs(ns % NS_PER_S));

	while (text.s[n - 1] == '0')
		n--;
	if (text.s[n - 1] == '.')
		n--;
	text.s[n] = '\0';
	return text;
}

void
policy_period(struct policy *p, int64_t boot_ns)
{
	if (p->start_ns == 0)
		return; /* the first correction is still to be made */
	if (steer_sub(boot_ns, p->start_ns) >= p->limits.budget_period_ns)
		p->used_ns = 0;
	if (p->used_ns == 0 || p->start_ns > boot_ns) /* of another boot */
		p->start_ns = boot_ns;
}

/* The first correction since boot, if this is it, is over: steps count now. */
static void
end_startup(struct policy *p, int64_t boot_ns)
{
	p->startup = p->released = false;
	p->over_since_ns = 0;
	if (p->start_ns == 0)
		p->start_ns = boot_ns;
}

/* An error that is worth a step must stay, lest noise be stepped. */
static bool
sure(struct policy *p, int64_t error_ns, int64_t boot_ns)
{
	if (p->over_since_ns == 0 || p->over_forward != (error_ns > 0)) {
		p->over_since_ns = boot_ns;
		p->over_forward = error_ns > 0;
	}
	return steer_sub(boot_ns, p->over_since_ns) >= POLICY_SURE_NS;
}

/*
 * The part of an error that is beyond doubt: a machine with no battery for its
 * clock starts before a time that is known to have been.
 */
static int64_t
free_part(const struct policy *p, int64_t error_ns)
{
	int64_t before_ns = steer_sub(p->limits.known_ns, p->real_ns);

	if (!p->startup || before_ns <= 0 || error_ns <= 0)
		return 0;
	return before_ns < error_ns ? before_ns : error_ns;
}

/* Freeze if a step passes a limit, or the sum that would then be used. */
static bool
over_limit(struct policy *p, int64_t error_ns, int64_t sum_ns)
{
	const struct msg_clock_config *m = &p->limits;
	int64_t limit_ns = !p->startup ? m->limit_ns
	    : error_ns > 0	       ? m->startup_forward_ns
				       : m->startup_backward_ns;

	if (steer_abs(error_ns) > limit_ns)
		(void)snprintf(p->frozen, sizeof(p->frozen),
		    "a step of %s s is over the %slimit of %s s",
		    policy_seconds(error_ns).s, p->startup ? "startup " : "",
		    policy_seconds(limit_ns).s);
	else if (sum_ns > m->budget_ns)
		(void)snprintf(p->frozen, sizeof(p->frozen),
		    "a step of %s s is over the budget: %s of %s s are used",
		    policy_seconds(error_ns).s, policy_seconds(p->used_ns).s,
		    policy_seconds(m->budget_ns).s);
	return p->frozen[0] != '\0';
}

enum verdict
policy_judge(
    struct policy *p, int64_t error_ns, int64_t boot_ns, const char **why)
{
	/* After a boot nobody relies on the clock yet: a tenth is enough. */
	bool booted = p->startup && p->start_ns == 0 &&
	    (p->limits.flags & CLOCK_ONCE) == 0;
	int64_t over_ns = p->limits.step_over_ns / (booted ? 10 : 1);
	int64_t free_ns = free_part(p, error_ns);
	int64_t limited_ns = steer_sub(error_ns, free_ns), sum_ns;

	*why = p->frozen;
	if (p->frozen[0] != '\0')
		return STEP_WAIT;
	if (steer_abs(error_ns) <= over_ns) {
		end_startup(p, boot_ns);
		return STEP_NO;
	}
	if (!p->released && !p->startup && !sure(p, error_ns, boot_ns))
		return STEP_WAIT;
	policy_period(p, boot_ns);
	sum_ns = p->used_ns;
	if (!p->startup || p->released || p->start_ns != 0)
		sum_ns = steer_add(sum_ns, steer_abs(limited_ns));
	if (!p->released && over_limit(p, limited_ns, sum_ns))
		return STEP_VIOLATION;
	*why = p->released ? "allowed by an operator"
	    : free_ns > 0  ? "first correction after start, "
			     "from before the last time known"
	    : p->startup   ? "first correction after start"
			   : "more than is slewed";
	p->used_ns = sum_ns;
	end_startup(p, boot_ns);
	return STEP_DO;
}

void
policy_release(struct policy *p)
{
	p->frozen[0] = '\0';
	p->released = true;
}
