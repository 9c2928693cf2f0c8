/*
 * ntp-clock's checks: every field of a sample, every limit in a message, and
 * what is said about a frozen clock.
 */
#include <string.h>

#include "common/seconds.h"
#include "core/leap/leap.h"
#include "core/steer/steer.h"
#include "ntp-clock/policy.h"
#include "tests/tap.h"

#define S(n)   ((n)*NS_PER_S)
#define H(n)   S((n)*INT64_C(3600))
#define NOW_NS S(5000) /* raw time */
#define UTC_NS S(INT64_C(1800000000))

static const struct msg_sample good = {
	.raw_ns = NOW_NS,
	.theta_ns = UTC_NS - NOW_NS,
	.sigma_ns = 1000,
	.slope_q32 = 4295,
	.slope_sigma_q32 = 10,
	.root_delay_ns = 20000000,
	.root_dispersion_ns = 1000000,
};

static const struct msg_clock_config limits = {
	.step_over_ns = 10 * NS_PER_MS,
	.startup_forward_ns = LIMIT_ANY,
	.startup_backward_ns = H(24),
	.limit_ns = S(1000),
	.budget_ns = S(30),
	.budget_period_ns = H(24),
	.frequency_limit_ppb = 50000,
	.resume_limit_ns = H(720),
	.slew_limit_ppb = 500000,
	.earliest_ns = S(INT64_C(1700000000)),
	.flags = CLOCK_CONFIG_STARTUP,
};

enum field {
	F_RAW,
	F_THETA,
	F_SIGMA,
	F_SLOPE,
	F_SLOPE_SIGMA,
	F_DELAY,
	F_DISPERSION,
	F_LEAP
};

static struct msg_sample
with(enum field field, int64_t value)
{
	struct msg_sample s = good;

	switch (field) {
	case F_RAW:
		s.raw_ns = value;
		break;
	case F_THETA:
		s.theta_ns = value;
		break;
	case F_SIGMA:
		s.sigma_ns = value;
		break;
	case F_SLOPE:
		s.slope_q32 = value;
		break;
	case F_SLOPE_SIGMA:
		s.slope_sigma_q32 = value;
		break;
	case F_DELAY:
		s.root_delay_ns = value;
		break;
	case F_DISPERSION:
		s.root_dispersion_ns = value;
		break;
	case F_LEAP:
		s.leap = (uint32_t)value;
		break;
	}
	return s;
}

static struct permit
start(struct policy *p, uint32_t flags)
{
	struct msg_clock_config m = limits;
	struct permit permit = { .startup = false };

	*p = (struct policy){ .configured = false };
	m.flags = flags;
	if (policy_configure(p, &permit, &m, NOW_NS) == -1)
		OK(0, "the limits of the test are good");
	return permit;
}

static void
test_samples(void)
{
	static const struct {
		const char *name;
		enum field field;
		int64_t value;
		const char *want; /* a part of the refusal */
	} t[] = {
		{ "good", F_RAW, NOW_NS, NULL },
		{ "a second ahead", F_RAW, NOW_NS + S(1), NULL },
		{ "further ahead", F_RAW, NOW_NS + S(1) + 1, "last hour" },
		{ "far ahead", F_RAW, INT64_MAX, "last hour" },
		{ "an hour old", F_RAW, NOW_NS - H(1), NULL },
		{ "older", F_RAW, NOW_NS - H(1) - 1, "last hour" },
		{ "oldest", F_RAW, INT64_MIN, "last hour" },
		{ "sigma 0", F_SIGMA, 0, "s sigma" },
		{ "sigma negative", F_SIGMA, -1, "s sigma" },
		{ "sigma 1 ns", F_SIGMA, 1, NULL },
		{ "sigma 16 s", F_SIGMA, S(16), NULL },
		{ "sigma more", F_SIGMA, S(16) + 1, "s sigma" },
		{ "slope 1000 ppm", F_SLOPE, SLOPE_MAX, NULL },
		{ "slope more", F_SLOPE, SLOPE_MAX + 1, "slope is" },
		{ "slope -1000 ppm", F_SLOPE, -SLOPE_MAX, NULL },
		{ "slope less", F_SLOPE, -SLOPE_MAX - 1, "slope is" },
		{ "slope least", F_SLOPE, INT64_MIN, "slope is" },
		{ "slope_sigma 0", F_SLOPE_SIGMA, 0, NULL },
		{ "slope_sigma negative", F_SLOPE_SIGMA, -1, "slope_sigma" },
		{ "slope_sigma large", F_SLOPE_SIGMA, SLOPE_MAX + 1,
		    "slope_sigma" },
		{ "delay 16 s", F_DELAY, S(16), NULL },
		{ "delay more", F_DELAY, S(16) + 1, "delay" },
		{ "delay negative", F_DELAY, -1, "delay" },
		{ "dispersion 16 s", F_DISPERSION, S(16), NULL },
		{ "dispersion more", F_DISPERSION, INT64_MAX, "dispersion" },
		{ "dispersion negative", F_DISPERSION, INT64_MIN,
		    "dispersion" },
		{ "leap insert", F_LEAP, LEAP_INSERT, NULL },
		{ "leap delete", F_LEAP, LEAP_DELETE, NULL },
		{ "leap unknown", F_LEAP, LEAP_UNKNOWN, "leap" },
		{ "leap nonsense", F_LEAP, UINT32_MAX, "leap" },
		{ "UTC at the build", F_THETA, S(INT64_C(1700000000)) - NOW_NS,
		    NULL },
		{ "UTC before it", F_THETA, S(INT64_C(1700000000)) - NOW_NS - 1,
		    "UTC" },
		{ "UTC in 2065", F_THETA, UTC_LAST_NS - NOW_NS, NULL },
		{ "UTC after", F_THETA, UTC_LAST_NS - NOW_NS + 1, "UTC" },
		{ "theta most", F_THETA, INT64_MAX, "UTC" },
		{ "theta least", F_THETA, INT64_MIN, "UTC" },
	};

	struct policy p;

	(void)start(&p, 0);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct msg_sample s = with(t[i].field, t[i].value);
		const char *text = policy_sample(&p, &s, NOW_NS, 0);

		OK(text == NULL
			? t[i].want == NULL
			: t[i].want != NULL && strlen(text) < REASON_LEN &&
			    strstr(text, t[i].want) != NULL,
		    "sample, %s: %s", t[i].name, text == NULL ? "good" : text);
	}
	OK(policy_sample(&p, &good, NOW_NS, NOW_NS) == NULL,
	    "as old as the one before");
	OK(policy_sample(&p, &good, NOW_NS, NOW_NS + 1) != NULL,
	    "older than the one before");
}

static void
test_configure(void)
{
	static const struct {
		const char *name;
		size_t at;
		int64_t value;
		bool ok;
	} t[] = {
#define AT(m) offsetof(struct msg_clock_config, m)
		{ "step over 0", AT(step_over_ns), 0, true },
		{ "step over negative", AT(step_over_ns), -1, false },
		{ "forward negative", AT(startup_forward_ns), -1, false },
		{ "backward least", AT(startup_backward_ns), INT64_MIN, false },
		{ "limit any", AT(limit_ns), LIMIT_ANY, true },
		{ "limit negative", AT(limit_ns), -1, false },
		{ "budget negative", AT(budget_ns), -1, false },
		{ "period 0", AT(budget_period_ns), 0, false },
		{ "used negative", AT(ledger.number[2]), -1, false },
		{ "the last part negative", AT(ledger.number[26]), -1, false },
		{ "set aside negative", AT(ledger.number[27]), -1, false },
		{ "anchor 500 ppm", AT(ledger.number[29]), LEDGER_COLD_SPPM,
		    true },
		{ "anchor over 500 ppm", AT(ledger.number[29]),
		    LEDGER_COLD_SPPM + 1, false },
		{ "flags of a ledger to come", AT(ledger.number[32]), 16,
		    false },
		{ "frequency 0", AT(frequency_limit_ppb), 0, true },
		{ "frequency negative", AT(frequency_limit_ppb), -1, false },
		{ "frequency more than 10 %", AT(frequency_limit_ppb),
		    STEER_SLEW_MAX_PPB + 1, false },
		{ "resume any", AT(resume_limit_ns), LIMIT_ANY, true },
		{ "resume negative", AT(resume_limit_ns), -1, false },
		{ "RTC a day behind", AT(rtc_behind_ns), H(24), true },
		{ "RTC more behind", AT(rtc_behind_ns), H(24) + 1, false },
		{ "RTC more ahead", AT(rtc_behind_ns), -H(24) - 1, false },
		{ "leap second negative", AT(leap_before_ns), -1, false },
		{ "leap second after 2065", AT(leap_before_ns), UTC_LAST_NS + 1,
		    false },
		{ "slew 10 %", AT(slew_limit_ppb), STEER_SLEW_MAX_PPB, true },
		{ "slew more", AT(slew_limit_ppb), STEER_SLEW_MAX_PPB + 1,
		    false },
		{ "slew negative", AT(slew_limit_ppb), -1, false },
		{ "drift 1000 ppm", AT(drift_q32), SLOPE_MAX, true },
		{ "drift more", AT(drift_q32), SLOPE_MAX + 1, false },
		{ "drift less", AT(drift_q32), -SLOPE_MAX - 1, false },
		{ "earliest negative", AT(earliest_ns), -1, false },
		{ "earliest after 2065", AT(earliest_ns), INT64_MAX, false },
		{ "known negative", AT(known_ns), -1, false },
		{ "known in 2065", AT(known_ns), UTC_LAST_NS, true },
		{ "known after", AT(known_ns), UTC_LAST_NS + 1, false },
#undef AT
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct msg_clock_config m = limits;
		struct policy p = { .configured = false }, p0 = p;
		struct permit permit, permit0;

		memset(&permit, 0, sizeof(permit));
		permit0 = permit;
		memcpy((char *)&m + t[i].at, &t[i].value, sizeof(t[i].value));
		IS_I64(policy_configure(&p, &permit, &m, NOW_NS),
		    t[i].ok ? 0 : -1, "limits, %s", t[i].name);
		OK(p.configured == t[i].ok, "limits, %s: taken or not",
		    t[i].name);
		if (!t[i].ok)
			OK(memcmp(&p, &p0, sizeof(p)) == 0 &&
				memcmp(&permit, &permit0, sizeof(permit)) == 0,
			    "limits, %s: nothing is changed", t[i].name);
	}
	{
		struct msg_clock_config m = limits;
		struct policy p = { .configured = false };
		struct permit permit = { .startup = false };

		memset(m.frozen, 'x', sizeof(m.frozen));
		IS_I64(policy_configure(&p, &permit, &m, NOW_NS), -1,
		    "limits, a reason without an end");
	}
}

/* --- words ---------------------------------------------------------------- */

/* A clock frozen for this reason, and the text about it. */
static void
test_words(void)
{
	static const struct {
		enum refusal why;
		int64_t amount, bound;
		const char *text;
	} t[] = {
		{ REFUSED_STARTUP, -H(24) - 1, H(24),
		    "a step of -86400.000000001 s is over the startup limit "
		    "of 86400 s" },
		{ REFUSED_LIMIT, S(1000) + 1, S(1000),
		    "a step of 1000.000000001 s is over the limit of 1000 s" },
		{ REFUSED_LIMIT, -S(1200) - 500 * NS_PER_MS, S(1000),
		    "a step of -1200.5 s is over the limit of 1000 s" },
		{ REFUSED_STEP, S(20), S(15),
		    "a step of 20 s is over what is left of the budget, "
		    "15 s" },
		{ REFUSED_OTHER, S(7), -S(5000),
		    "a step of 7 s is not what an operator agreed to, "
		    "-5000 s" },
		{ REFUSED_RATE, -S(1500), 1,
		    "a rate of -1500 ppm is over what is left of the budget, "
		    "0.000000001 s" },
		{ REFUSED_LEAP, S(1), 0,
		    "a leap second of 1 s is over what is left of the "
		    "budget, 0 s" },
		{ REFUSED_STEP, INT64_MIN, INT64_MIN,
		    "a step of -9223372036.854775808 s is over what is left "
		    "of the budget, -9223372036.854775808 s" },
	};
	struct policy p = { .configured = false };
	struct permit permit = start(&p, 0);

	OK(!policy_says_frozen(&p, &permit) && p.frozen[0] == '\0',
	    "it is not frozen");
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		permit.refusal = t[i].why;
		permit.amount = t[i].amount;
		permit.bound = t[i].bound;
		OK(policy_says_frozen(&p, &permit), "frozen: that is news");
		OK(strcmp(p.frozen, t[i].text) == 0, "it says: %s", p.frozen);
		OK(!policy_says_frozen(&p, &permit), "once");
		permit.refusal = REFUSED_NOTHING;
		OK(!policy_says_frozen(&p, &permit) && p.frozen[0] == '\0',
		    "and not when it is over");
	}
}

static void
test_frozen(void)
{
	struct policy p = { .configured = false };
	struct permit permit = { .startup = false };
	struct msg_clock_release yes = { .step_ns = -S(7), .margin_ns = 5 };
	struct msg_clock_config m = limits;
	struct ledger_kept kept = { .slot_ns = H(1) + 1, .used_ns = { S(1) } };

	strcpy(m.frozen, "a step of 5 s");
	memcpy(&m.ledger, &kept, sizeof(kept));
	IS_I64(policy_configure(&p, &permit, &m, S(10)), 0, "frozen before");
	OK(strcmp(p.frozen, "a step of 5 s") == 0, "frozen now, for as much");
	IS_I64(permit.refusal, REFUSED_BEFORE, "nothing is permitted");
	OK(!policy_says_frozen(&p, &permit), "and no news");
	OK(permit.startup, "the start is still to be made");
	IS_I64(ledger_used(&permit.ledger, S(10)), S(1), "the ledger is kept");
	m.frozen[0] = '\0';
	m.flags = 0;
	memset(&m.ledger, 0, sizeof(m.ledger));
	m.limit_ns = S(3);
	IS_I64(policy_configure(&p, &permit, &m, S(20)), 0, "a reload");
	OK(p.frozen[0] != '\0' && permit.refusal == REFUSED_BEFORE &&
		permit.startup,
	    "releases nothing");
	IS_I64(ledger_used(&permit.ledger, S(20)), S(1), "nor does it forgive");
	IS_I64(permit.limits.limit_ns, S(3), "but changes the limits");
	policy_release(&p, &permit, &yes, S(30));
	OK(p.frozen[0] == '\0' && permit.refusal == REFUSED_NOTHING,
	    "an operator releases it");
	OK(permit.released && permit.release_ns == -S(7) &&
		permit.margin_ns == 5,
	    "for this step");
	IS_I64(ledger_used(&permit.ledger, S(30)), 0, "and forgives");
	strcpy(m.frozen, "later");
	m.flags = CLOCK_CONFIG_STARTUP;
	permit.startup = false;
	IS_I64(policy_configure(&p, &permit, &m, S(40)), 0, "another reload");
	OK(p.frozen[0] == '\0' && permit.refusal == REFUSED_NOTHING &&
		!permit.startup,
	    "freezes nothing, and starts nothing");
}

/* The limits in a message are those in force. */
static void
test_taken(void)
{
	struct policy p = { .configured = false };
	struct permit permit = start(&p, CLOCK_CONFIG_STARTUP);
	const struct permit_limits *l = &permit.limits;

	IS_I64(l->step_over_ns, limits.step_over_ns, "step over");
	IS_I64(l->startup_forward_ns, LIMIT_ANY, "forward");
	IS_I64(l->startup_backward_ns, H(24), "backward");
	IS_I64(l->limit_ns, S(1000), "limit");
	IS_I64(l->resume_ns, H(720), "resume");
	IS_I64(l->ledger.budget_ns, S(30), "budget");
	IS_I64(l->ledger.period_ns, H(24), "per");
	IS_I64(l->ledger.tolerance_sppm, 50 * STEER_SPPM, "50 ppm");
	IS_I64(permit.ledger.limits.budget_ns, S(30), "the ledger knows it");
	OK(permit.startup && !l->at_once, "the start is to be made");
	permit = start(&p, CLOCK_CONFIG_STARTUP | CLOCK_CONFIG_ONCE);
	IS_I64(l->step_over_ns, 100000, "once: step over 100 us");
	OK(l->at_once, "even after a boot");
	permit = start(&p, 0);
	OK(!permit.startup, "the start was made before");
}

static void
test_seconds(void)
{
	static const struct {
		int64_t ns;
		const char *text;
	} t[] = {
		{ 0, "0" },
		{ 1, "0.000000001" },
		{ -1, "-0.000000001" },
		{ S(10), "10" },
		{ -S(1200) - 500 * NS_PER_MS, "-1200.5" },
		{ INT64_MAX, "9223372036.854775807" },
		{ INT64_MIN, "-9223372036.854775808" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct seconds_text text = seconds_text(t[i].ns);

		OK(strcmp(text.s, t[i].text) == 0, "%s s: %s", t[i].text,
		    text.s);
	}
}

int
main(void)
{
	test_samples();
	test_configure();
	test_taken();
	test_words();
	test_frozen();
	test_seconds();
	return DONE();
}
