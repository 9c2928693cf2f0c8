/*
 * What may be done to the clock, see policy.h.
 */
#include "policy.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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
	    between(m->earliest_ns, 0, POLICY_UTC_END_NS);
}

int
policy_configure(struct policy *p, const struct msg_clock_config *m)
{
	if (!limits_ok(m))
		return -1;
	if (!p->configured) {
		p->startup = (m->flags & CLOCK_STARTUP) != 0;
		p->used_ns = m->budget_used_ns;
		p->start_ns = m->budget_start_ns;
		if ((m->flags & CLOCK_FROZEN) != 0)
			policy_freeze(p,
			    "frozen before the restart of "
			    "ntp-clock");
	}
	p->limits = *m;
	p->configured = true;
	return 0;
}

enum refusal
policy_sample(const struct msg_sample *s, int64_t now_ns, int64_t newest_ns,
    int64_t earliest_ns)
{
	struct steer_line line = { { s->raw_ns }, s->theta_ns, s->slope };
	struct wall utc;

	if (steer_sub(s->raw_ns, now_ns) > POLICY_AHEAD_NS)
		return REFUSE_FUTURE;
	if (steer_sub(now_ns, s->raw_ns) > POLICY_AGE_NS)
		return REFUSE_OLD;
	if (s->raw_ns < newest_ns)
		return REFUSE_ORDER;
	if (!between(s->sigma_ns, 1, POLICY_SIGMA_MAX_NS))
		return REFUSE_SIGMA;
	if (!between(s->slope, -STEER_SLOPE_MAX, STEER_SLOPE_MAX))
		return REFUSE_SLOPE;
	if (!between(s->slope_sigma, 0, STEER_SLOPE_MAX))
		return REFUSE_SLOPE_SIGMA;
	if (!between(s->root_delay_ns, 0, POLICY_SIGMA_MAX_NS) ||
	    !between(s->root_dispersion_ns, 0, POLICY_SIGMA_MAX_NS))
		return REFUSE_ROOT;
	if (s->leap > LEAP_DELETE)
		return REFUSE_LEAP;
	if (!steer_utc(&line, (struct mono){ now_ns }, &utc) ||
	    !between(utc.ns, earliest_ns, POLICY_UTC_END_NS))
		return REFUSE_UTC;
	return REFUSE_NONE;
}

/* clang-format off */
static const char *const refusals[REFUSE_COUNT] = {
	[REFUSE_NONE] = "a sample is good",
	[REFUSE_EARLY] = "a sample came before the limits",
	[REFUSE_QUIET] = "a sample came close to a leap second",
	[REFUSE_FUTURE] = "a sample is of the future",
	[REFUSE_OLD] = "a sample is more than an hour old",
	[REFUSE_ORDER] = "a sample is older than the one before",
	[REFUSE_SIGMA] = "a sample's sigma is out of range",
	[REFUSE_SLOPE] = "a sample's slope is beyond 1000 ppm",
	[REFUSE_SLOPE_SIGMA] = "a sample's slope_sigma is out of range",
	[REFUSE_ROOT] = "a sample's root delay or dispersion is out of range",
	[REFUSE_LEAP] = "a sample's leap indicator is not 0 to 2",
	[REFUSE_UTC] = "a sample's UTC is before this build or after 2199",
};
/* clang-format on */

const char *
policy_refusal(enum refusal r)
{
	return refusals[r < REFUSE_COUNT ? r : REFUSE_NONE];
}

void
policy_seconds(char text[POLICY_SECONDS_LEN], int64_t ns)
{
	uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	size_t n;

	(void)snprintf(text, POLICY_SECONDS_LEN, "%s%" PRIu64 ".%09" PRIu64,
	    ns < 0 ? "-" : "", size / (uint64_t)NS_PER_S,
	    size % (uint64_t)NS_PER_S);
	n = strlen(text);
	while (n > 1 && text[n - 1] == '0')
		n--;
	if (text[n - 1] == '.')
		n--;
	text[n] = '\0';
}

void
policy_period(struct policy *p, int64_t boot_ns)
{
	if (p->start_ns == 0)
		return; /* the first correction is still to be made */
	if (p->start_ns > boot_ns) /* of another boot */
		p->start_ns = boot_ns;
	if (steer_sub(boot_ns, p->start_ns) >= p->limits.budget_period_ns)
		p->used_ns = 0;
	if (p->used_ns == 0)
		p->start_ns = boot_ns;
}

/* The first correction since boot, if this is it, is over: steps count now. */
static void
end_startup(struct policy *p, int64_t boot_ns)
{
	p->startup = p->released = false;
	p->over_count = 0;
	if (p->start_ns == 0)
		p->start_ns = boot_ns;
}

/* An error that is worth a step must be seen again, lest noise be stepped. */
static bool
sure(struct policy *p, const struct policy_look *look)
{
	bool forward = look->error_ns > 0;

	if (p->over_count == 0 || p->over_forward != forward) {
		p->over_count = 1;
		p->over_forward = forward;
		p->over_since_ns = look->raw_ns;
		p->over_sample_ns = look->raw_ns;
	} else if (look->fresh && p->over_count < POLICY_SURE_SAMPLES &&
	    steer_sub(look->raw_ns, p->over_sample_ns) >= POLICY_SURE_GAP_NS) {
		p->over_count++;
		p->over_sample_ns = look->raw_ns;
	}
	return p->over_count >= POLICY_SURE_SAMPLES ||
	    steer_sub(look->raw_ns, p->over_since_ns) >= POLICY_SURE_NS;
}

/* True if the limits allow a step of this size; else why is set. */
static bool
within_limits(const struct policy *p, int64_t error_ns, char why[REASON_LEN])
{
	const struct msg_clock_config *m = &p->limits;
	char step[POLICY_SECONDS_LEN], most[POLICY_SECONDS_LEN];
	char used[POLICY_SECONDS_LEN];
	int64_t limit_ns = m->limit_ns;

	if (p->startup)
		limit_ns = error_ns > 0 ? m->startup_forward_ns
					: m->startup_backward_ns;
	policy_seconds(step, error_ns);
	policy_seconds(used, p->used_ns);
	if (limit_ns != LIMIT_ANY && steer_abs(error_ns) > limit_ns) {
		policy_seconds(most, limit_ns);
		(void)snprintf(why, REASON_LEN,
		    "a step of %s s is over the %slimit of %s s", step,
		    p->startup ? "startup " : "", most);
		return false;
	}
	if (m->budget_ns == LIMIT_ANY || (p->startup && p->start_ns == 0) ||
	    steer_add(p->used_ns, steer_abs(error_ns)) <= m->budget_ns)
		return true;
	policy_seconds(most, m->budget_ns);
	(void)snprintf(why, REASON_LEN,
	    "a step of %s s is over the budget: %s of %s s are used", step,
	    used, most);
	return false;
}

static void
describe(const struct policy *p, int64_t error_ns, char why[REASON_LEN])
{
	const char *because = "more than is slewed";
	char size[POLICY_SECONDS_LEN];

	if (p->released)
		because = "allowed by an operator";
	else if (p->startup)
		because = "first correction after start";
	policy_seconds(size, steer_abs(error_ns));
	(void)snprintf(why, REASON_LEN, "the clock was %s s %s: %s", size,
	    error_ns > 0 ? "behind" : "ahead", because);
}

enum verdict
policy_judge(
    struct policy *p, const struct policy_look *look, char why[REASON_LEN])
{
	int64_t over_ns = p->limits.step_over_ns;

	if ((p->limits.flags & CLOCK_ONCE) != 0)
		over_ns = POLICY_ONCE_OVER_NS;
	if (steer_abs(look->error_ns) <= over_ns) {
		end_startup(p, look->boot_ns);
		return STEP_NO;
	}
	if (!sure(p, look) && !p->startup && !p->released)
		return STEP_WAIT;
	policy_period(p, look->boot_ns);
	if (!p->released && !within_limits(p, look->error_ns, why))
		return STEP_VIOLATION;
	describe(p, look->error_ns, why);
	return STEP_DO;
}

void
policy_stepped(struct policy *p, const struct policy_look *look)
{
	policy_period(p, look->boot_ns);
	if (!p->startup || p->released || p->start_ns != 0)
		p->used_ns = steer_add(p->used_ns, steer_abs(look->error_ns));
	p->steps++;
	end_startup(p, look->boot_ns);
}

void
policy_freeze(struct policy *p, const char *why)
{
	(void)snprintf(p->frozen, sizeof(p->frozen), "%s", why);
	p->over_count = 0;
}

void
policy_release(struct policy *p)
{
	p->frozen[0] = '\0';
	p->released = true;
	p->over_count = 0;
}
