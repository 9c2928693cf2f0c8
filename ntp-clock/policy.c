/*
 * The checks of messages to ntp-clock, see policy.h.  Run by ntp-clock.  It
 * must never accept a value out of range.
 */
#include "ntp-clock/policy.h"

#include <stdio.h>
#include <string.h>

#include "common/seconds.h"
#include "core/steer/steer.h"

_Static_assert(sizeof(struct ledger_kept) == sizeof(struct msg_ledger) &&
	LEDGER_WORDS == LEDGER_NUMBERS,
    "a message has the whole ledger");

/* Check what core/steer/permit.h does not check. */
static bool
config_ok(const struct msg_clock_config *m)
{
	return in_range(m->slew_limit_ppb, 0, STEER_SLEW_MAX_PPB) &&
	    in_range(m->frequency_limit_ppb, 0, STEER_SLEW_MAX_PPB) &&
	    in_range(m->drift_q32, -SLOPE_MAX, SLOPE_MAX) &&
	    in_range(m->earliest_ns, 0, UTC_LAST_NS) &&
	    in_range(m->known_ns, 0, UTC_LAST_NS) &&
	    in_range(m->leap_before_ns, 0, UTC_LAST_NS) &&
	    in_range(m->rtc_behind_ns, -86400 * NS_PER_S, 86400 * NS_PER_S) &&
	    msg_text_ok(m->frozen, sizeof(m->frozen));
}

int
policy_configure(struct policy *p, struct permit *permit,
    const struct msg_clock_config *m, int64_t now_ns)
{
	struct permit_limits l = { .ledger = { m->budget_ns,
				       m->budget_period_ns,
				       steer_ppb_rate(m->frequency_limit_ppb) },
		.step_over_ns = m->step_over_ns,
		.startup_forward_ns = m->startup_forward_ns,
		.startup_backward_ns = m->startup_backward_ns,
		.limit_ns = m->limit_ns,
		.resume_ns = m->resume_limit_ns,
		.known_ns = m->known_ns,
		.at_once = (m->flags & CLOCK_CONFIG_ONCE) != 0 };
	struct ledger_kept kept;

	memcpy(&kept, &m->ledger, sizeof(kept));
	if (!config_ok(m) || !permit_limits_ok(&l) || !ledger_ok(&kept))
		return -1;
	if (l.at_once)
		l.step_over_ns = POLICY_ONCE_OVER_NS;
	p->config = *m;
	if (!p->configured) {
		memcpy(p->frozen, m->frozen, sizeof(p->frozen));
		if (p->frozen[0] != '\0')
			permit->refusal = REFUSED_BEFORE;
		permit_begin(permit, &kept, now_ns,
		    (m->flags & CLOCK_CONFIG_STARTUP) != 0);
	}
	p->configured = true;
	permit_limit(permit, &l, now_ns);
	return 0;
}

const char *
policy_sample(const struct policy *p, const struct msg_sample *s,
    int64_t now_ns, int64_t since_ns)
{
	struct line line = { { s->raw_ns }, s->theta_ns, s->slope_q32 };
	int64_t age_ns = sat_sub(now_ns, s->raw_ns);
	struct wall utc;

	if (!in_range(age_ns, -POLICY_AHEAD_NS, POLICY_AGE_NS))
		return "a sample is not of the last hour";
	if (s->raw_ns < since_ns)
		return "a sample is from before the last one or a resume";
	if (!in_range(s->sigma_ns, 1, POLICY_SIGMA_MAX_NS))
		return "a sample's sigma is out of range";
	if (!in_range(s->slope_q32, -SLOPE_MAX, SLOPE_MAX))
		return "a sample's slope is beyond 1000 ppm";
	if (!in_range(s->slope_sigma_q32, 0, SLOPE_MAX))
		return "a sample's slope_sigma is out of range";
	if (!in_range(s->root_delay_ns, 0, POLICY_SIGMA_MAX_NS) ||
	    !in_range(s->root_dispersion_ns, 0, POLICY_SIGMA_MAX_NS))
		return "a sample's root delay or dispersion is out of range";
	if (s->leap > LEAP_DELETE)
		return "a sample's leap indicator is not 0 to 2";
	if (!line_utc(&line, (struct mono){ now_ns }, &utc) ||
	    !in_range(utc.ns, p->config.earliest_ns, UTC_LAST_NS))
		return "a sample's UTC is before this release or decades after it";
	return NULL;
}

void
policy_release(struct policy *p, struct permit *permit,
    const struct msg_clock_release *m, int64_t now_ns)
{
	p->frozen[0] = '\0';
	permit_release(permit, m->step_ns, m->margin_ns, now_ns);
}

bool
policy_says_frozen(struct policy *p, const struct permit *permit)
{
	struct refusal_words w = permit_words(permit);
	if (permit->refusal == REFUSED_NOTHING)
		p->frozen[0] = '\0';
	if (permit->refusal == REFUSED_NOTHING || p->frozen[0] != '\0')
		return false;
	(void)snprintf(p->frozen, sizeof(p->frozen), "%s %s %s is %s %s s",
	    w.what, seconds_text(permit->amount).s, w.unit, w.relation,
	    seconds_text(permit->bound).s);
	return true;
}
