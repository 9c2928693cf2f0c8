/*
 * What ntp-clock refuses: every field of a sample, and every limit of a step.
 */
#include <string.h>

#include "leap.h"
#include "policy.h"
#include "steer.h"
#include "tap.h"

#define S(n)   ((n)*NS_PER_S)
#define H(n)   S((n)*INT64_C(3600))
#define NOW_NS S(5000) /* raw time */
#define UTC_NS S(INT64_C(1800000000))
#define BOOT   S(9000)

static const struct msg_sample good = {
	.raw_ns = NOW_NS,
	.theta_ns = UTC_NS - NOW_NS,
	.sigma_ns = 1000,
	.slope = 4295,
	.slope_sigma = 10,
	.root_delay_ns = 20000000,
	.root_dispersion_ns = 1000000,
};

static const struct msg_clock_config limits = {
	.step_over_ns = 10 * NS_PER_MS,
	.startup_forward_ns = LIMIT_ANY,
	.startup_backward_ns = H(24),
	.limit_ns = S(1000),
	.budget_ns = S(2000),
	.budget_period_ns = H(24),
	.slew_limit_ppb = 500000,
	.earliest_ns = S(INT64_C(1700000000)),
	.flags = CLOCK_STARTUP,
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
		s.slope = value;
		break;
	case F_SLOPE_SIGMA:
		s.slope_sigma = value;
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

static void
test_samples(void)
{
	static const struct {
		const char *name;
		enum field field;
		int64_t value;
		enum refusal want;
	} t[] = {
		{ "good", F_RAW, NOW_NS, REFUSE_NONE },
		{ "a second ahead", F_RAW, NOW_NS + S(1), REFUSE_NONE },
		{ "further ahead", F_RAW, NOW_NS + S(1) + 1, REFUSE_FUTURE },
		{ "far ahead", F_RAW, INT64_MAX, REFUSE_FUTURE },
		{ "an hour old", F_RAW, NOW_NS - H(1), REFUSE_NONE },
		{ "older", F_RAW, NOW_NS - H(1) - 1, REFUSE_OLD },
		{ "oldest", F_RAW, INT64_MIN, REFUSE_OLD },
		{ "sigma 0", F_SIGMA, 0, REFUSE_SIGMA },
		{ "sigma negative", F_SIGMA, -1, REFUSE_SIGMA },
		{ "sigma 1 ns", F_SIGMA, 1, REFUSE_NONE },
		{ "sigma 16 s", F_SIGMA, S(16), REFUSE_NONE },
		{ "sigma more", F_SIGMA, S(16) + 1, REFUSE_SIGMA },
		{ "slope 1000 ppm", F_SLOPE, STEER_SLOPE_MAX, REFUSE_NONE },
		{ "slope more", F_SLOPE, STEER_SLOPE_MAX + 1, REFUSE_SLOPE },
		{ "slope -1000 ppm", F_SLOPE, -STEER_SLOPE_MAX, REFUSE_NONE },
		{ "slope less", F_SLOPE, -STEER_SLOPE_MAX - 1, REFUSE_SLOPE },
		{ "slope least", F_SLOPE, INT64_MIN, REFUSE_SLOPE },
		{ "slope_sigma 0", F_SLOPE_SIGMA, 0, REFUSE_NONE },
		{ "slope_sigma negative", F_SLOPE_SIGMA, -1,
		    REFUSE_SLOPE_SIGMA },
		{ "slope_sigma large", F_SLOPE_SIGMA, STEER_SLOPE_MAX + 1,
		    REFUSE_SLOPE_SIGMA },
		{ "delay 16 s", F_DELAY, S(16), REFUSE_NONE },
		{ "delay more", F_DELAY, S(16) + 1, REFUSE_ROOT },
		{ "delay negative", F_DELAY, -1, REFUSE_ROOT },
		{ "dispersion 16 s", F_DISPERSION, S(16), REFUSE_NONE },
		{ "dispersion more", F_DISPERSION, INT64_MAX, REFUSE_ROOT },
		{ "dispersion negative", F_DISPERSION, INT64_MIN, REFUSE_ROOT },
		{ "leap insert", F_LEAP, LEAP_INSERT, REFUSE_NONE },
		{ "leap delete", F_LEAP, LEAP_DELETE, REFUSE_NONE },
		{ "leap unknown", F_LEAP, LEAP_UNKNOWN, REFUSE_LEAP },
		{ "leap nonsense", F_LEAP, UINT32_MAX, REFUSE_LEAP },
		{ "UTC at the build", F_THETA, S(INT64_C(1700000000)) - NOW_NS,
		    REFUSE_NONE },
		{ "UTC before it", F_THETA, S(INT64_C(1700000000)) - NOW_NS - 1,
		    REFUSE_UTC },
		{ "UTC in 2200", F_THETA, POLICY_UTC_END_NS - NOW_NS,
		    REFUSE_NONE },
		{ "UTC after", F_THETA, POLICY_UTC_END_NS - NOW_NS + 1,
		    REFUSE_UTC },
		{ "theta most", F_THETA, INT64_MAX, REFUSE_UTC },
		{ "theta least", F_THETA, INT64_MIN, REFUSE_UTC },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct msg_sample s = with(t[i].field, t[i].value);

		IS_I64(policy_sample(&s, NOW_NS, 0, limits.earliest_ns),
		    t[i].want, "sample, %s", t[i].name);
	}
	IS_I64(policy_sample(&good, NOW_NS, NOW_NS, 0), REFUSE_NONE,
	    "as old as the one before");
	IS_I64(policy_sample(&good, NOW_NS, NOW_NS + 1, 0), REFUSE_ORDER,
	    "older than the one before");
}

static void
test_refusals(void)
{
	for (int r = 1; r < REFUSE_COUNT; r++) {
		const char *text = policy_refusal((enum refusal)r);

		OK(text != NULL && strlen(text) < REASON_LEN &&
			strcmp(text, policy_refusal(REFUSE_NONE)) != 0,
		    "refusal %d has its words: %s", r, text);
	}
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
		{ "used negative", AT(budget_used_ns), -1, false },
		{ "start negative", AT(budget_start_ns), -1, false },
		{ "slew 10 %", AT(slew_limit_ppb), STEER_SLEW_MAX_PPB, true },
		{ "slew more", AT(slew_limit_ppb), STEER_SLEW_MAX_PPB + 1,
		    false },
		{ "slew negative", AT(slew_limit_ppb), -1, false },
		{ "drift 1000 ppm", AT(drift_slope), STEER_SLOPE_MAX, true },
		{ "drift more", AT(drift_slope), STEER_SLOPE_MAX + 1, false },
		{ "drift less", AT(drift_slope), -STEER_SLOPE_MAX - 1, false },
		{ "earliest negative", AT(earliest_ns), -1, false },
		{ "earliest after 2200", AT(earliest_ns), INT64_MAX, false },
#undef AT
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct msg_clock_config m = limits;
		struct policy p = { .steps = 0 };

		memcpy((char *)&m + t[i].at, &t[i].value, sizeof(t[i].value));
		IS_I64(policy_configure(&p, &m), t[i].ok ? 0 : -1, "limits, %s",
		    t[i].name);
		OK(p.configured == t[i].ok, "limits, %s: taken or not",
		    t[i].name);
	}
}

static struct policy
start(uint32_t flags, int64_t used_ns)
{
	struct msg_clock_config m = limits;
	struct policy p = { .steps = 0 };

	m.flags = flags;
	m.budget_used_ns = used_ns;
	/* Nothing used at startup: nothing was corrected since boot. */
	if ((flags & CLOCK_STARTUP) == 0 || used_ns != 0)
		m.budget_start_ns = BOOT - H(1);
	if (policy_configure(&p, &m) == -1)
		OK(0, "the limits of the test are good");
	return p;
}

/* Judge an error that has been seen for long enough. */
static enum verdict
judge(struct policy *p, int64_t error_ns, char *why)
{
	struct policy_look look = { error_ns, NOW_NS, BOOT, true };
	enum verdict v = STEP_WAIT;

	why[0] = '\0';
	for (int i = 0; i < 3 && v == STEP_WAIT; i++) {
		v = policy_judge(p, &look, why);
		look.raw_ns += S(2);
	}
	return v;
}

static void
test_limits(void)
{
	static const struct {
		const char *name;
		uint32_t flags;
		int64_t used, error;
		enum verdict want;
		const char *why;
	} t[] = {
		{ "small", 0, 0, 10 * NS_PER_MS, STEP_NO, "" },
		{ "small backwards", 0, 0, -10 * NS_PER_MS, STEP_NO, "" },
		{ "at startup, forward", CLOCK_STARTUP, 0, H(1000000), STEP_DO,
		    "the clock was 3600000000 s behind: first correction after "
		    "start" },
		{ "at startup, just over", CLOCK_STARTUP, 0, 10 * NS_PER_MS + 1,
		    STEP_DO,
		    "the clock was 0.010000001 s behind: first correction "
		    "after start" },
		{ "at startup, backward", CLOCK_STARTUP, 0, -H(24), STEP_DO,
		    "the clock was 86400 s ahead: first correction after "
		    "start" },
		{ "at startup, too far back", CLOCK_STARTUP, 0, -H(24) - 1,
		    STEP_VIOLATION,
		    "a step of -86400.000000001 s is over the startup limit "
		    "of 86400 s" },
		{ "at startup, the most", CLOCK_STARTUP, 0, INT64_MAX, STEP_DO,
		    NULL },
		{ "at startup, the least", CLOCK_STARTUP, 0, INT64_MIN,
		    STEP_VIOLATION, NULL },
		{ "at startup, budget used before", CLOCK_STARTUP, 1, S(2000),
		    STEP_VIOLATION,
		    "a step of 2000 s is over the budget: 0.000000001 of 2000 "
		    "s are used" },
		{ "at startup, budget suffices", CLOCK_STARTUP, S(1), S(1999),
		    STEP_DO, NULL },
		{ "later, at the limit", 0, 0, S(1000), STEP_DO,
		    "the clock was 1000 s behind: more than is slewed" },
		{ "later, over it", 0, 0, S(1000) + 1, STEP_VIOLATION,
		    "a step of 1000.000000001 s is over the limit of 1000 s" },
		{ "later, back at the limit", 0, 0, -S(1000), STEP_DO, NULL },
		{ "later, back over it", 0, 0, -S(1200) - 500 * NS_PER_MS,
		    STEP_VIOLATION,
		    "a step of -1200.5 s is over the limit of 1000 s" },
		{ "later, the least", 0, 0, INT64_MIN, STEP_VIOLATION, NULL },
		{ "budget just enough", 0, S(1500), -S(500), STEP_DO, NULL },
		{ "budget not enough", 0, S(1500), -S(500) - 1, STEP_VIOLATION,
		    NULL },
		{ "budget long gone", 0, INT64_MAX, S(1), STEP_VIOLATION,
		    NULL },
		{ "once, just over", CLOCK_STARTUP | CLOCK_ONCE, 0, 100001,
		    STEP_DO, NULL },
		{ "once, small", CLOCK_STARTUP | CLOCK_ONCE, 0, 100000, STEP_NO,
		    NULL },
	};
	char why[REASON_LEN];

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct policy p = start(t[i].flags, t[i].used);

		IS_I64(judge(&p, t[i].error, why), t[i].want, "step, %s",
		    t[i].name);
		if (t[i].why != NULL)
			OK(strcmp(why, t[i].why) == 0, "step, %s: \"%s\"",
			    t[i].name, why);
	}
}

static void
test_any(void)
{
	struct msg_clock_config m = limits;
	struct policy p = { .steps = 0 };
	char why[REASON_LEN];

	m.limit_ns = m.budget_ns = LIMIT_ANY;
	m.flags = 0;
	m.budget_used_ns = INT64_MAX;
	IS_I64(policy_configure(&p, &m), 0, "no limit, no budget");
	IS_I64(judge(&p, INT64_MIN, why), STEP_DO, "anything goes then");
}

/* How many looks it takes until a large error is believed. */
static void
test_sure(void)
{
	struct policy p = start(0, 0);
	struct policy_look look = { S(1), NOW_NS, BOOT, true };
	char why[REASON_LEN];

	IS_I64(policy_judge(&p, &look, why), STEP_WAIT, "first sample: wait");
	IS_I64(policy_judge(&p, &look, why), STEP_WAIT,
	    "the same moment does not count");
	look.raw_ns += S(1);
	IS_I64(policy_judge(&p, &look, why), STEP_WAIT, "second: wait");
	look.fresh = false;
	look.raw_ns += S(2);
	IS_I64(policy_judge(&p, &look, why), STEP_WAIT, "no sample: wait");
	look.fresh = true;
	IS_I64(policy_judge(&p, &look, why), STEP_DO, "third: step");

	p = start(0, 0);
	look = (struct policy_look){ S(1), NOW_NS, BOOT, true };
	(void)policy_judge(&p, &look, why);
	look.fresh = false;
	look.raw_ns += S(10) - 1;
	IS_I64(policy_judge(&p, &look, why), STEP_WAIT, "nearly 10 s: wait");
	look.error_ns = -S(1);
	look.raw_ns++;
	IS_I64(policy_judge(&p, &look, why), STEP_WAIT,
	    "the other direction: begin again");
	look.raw_ns += S(9);
	look.error_ns = 0;
	IS_I64(policy_judge(&p, &look, why), STEP_NO, "small: forget it");
	look.error_ns = -S(1);
	IS_I64(policy_judge(&p, &look, why), STEP_WAIT, "large again: wait");
	look.raw_ns += S(10);
	IS_I64(policy_judge(&p, &look, why), STEP_DO, "10 s in a row: step");
}

static void
test_startup_ends(void)
{
	struct policy p = start(CLOCK_STARTUP, 0);
	struct policy_look look = { 0, NOW_NS, BOOT, true };
	char why[REASON_LEN];

	IS_I64(policy_judge(&p, &look, why), STEP_NO, "found small");
	OK(!p.startup, "that ends the startup");
	IS_I64(
	    judge(&p, -S(5000), why), STEP_VIOLATION, "and its larger limit");

	p = start(CLOCK_STARTUP, 0);
	look.error_ns = S(5000);
	policy_stepped(&p, &look);
	OK(!p.startup, "so does a step");
	IS_I64(p.used_ns, 0, "which is not counted, being the first of a boot");
	IS_I64(p.start_ns, BOOT, "but remembered");
	p.startup = true; /* as after a restart */
	IS_I64(judge(&p, S(2000) + 1, why), STEP_VIOLATION,
	    "so that the next start must keep to the budget");
}

static void
test_budget(void)
{
	struct policy p = start(0, 0);
	struct policy_look look = { -S(600), NOW_NS, BOOT, true };

	policy_stepped(&p, &look);
	IS_I64(p.used_ns, S(600), "a step backwards counts");
	IS_I64(p.start_ns, BOOT, "the period begins with its first step");
	look.error_ns = S(700);
	look.boot_ns = BOOT + H(24) - 1;
	policy_stepped(&p, &look);
	IS_I64(p.used_ns, S(1300), "the sum grows within the period");
	look.boot_ns = BOOT + H(24);
	policy_stepped(&p, &look);
	IS_I64(p.used_ns, S(700), "a new period starts from nothing");
	IS_I64(p.start_ns, BOOT + H(24), "at its own time");
	IS_I64(p.steps, 3, "steps are counted");
	look.error_ns = INT64_MIN;
	policy_stepped(&p, &look);
	policy_stepped(&p, &look);
	IS_I64(p.used_ns, INT64_MAX, "the sum does not wrap");

	p = start(0, S(1));
	p.start_ns = BOOT + 5;
	policy_period(&p, BOOT);
	IS_I64(p.start_ns, BOOT, "a start in the future is brought to now");
	IS_I64(p.used_ns, S(1), "and what was used stays");
}

static void
test_frozen(void)
{
	struct policy p = start(CLOCK_FROZEN, S(2000));
	struct msg_clock_config m = limits;
	char why[REASON_LEN];

	OK(p.frozen[0] != '\0', "frozen before: frozen now");
	policy_release(&p);
	OK(p.frozen[0] == '\0', "released");
	IS_I64(judge(&p, -S(1000000), why), STEP_DO, "any step is allowed");
	OK(strstr(why, "operator") != NULL, "because of the operator");
	policy_stepped(&p, &(struct policy_look){ -S(5), NOW_NS, BOOT, true });
	IS_I64(p.used_ns, S(2005), "it is counted");
	IS_I64(judge(&p, -S(1), why), STEP_VIOLATION, "one, not two");

	policy_release(&p);
	IS_I64(judge(&p, 5, why), STEP_NO, "released, and found small");
	IS_I64(judge(&p, -S(1), why), STEP_VIOLATION, "takes it back");

	m.flags = CLOCK_FROZEN | CLOCK_STARTUP;
	m.budget_used_ns = 0;
	m.limit_ns = S(5);
	IS_I64(policy_configure(&p, &m), 0, "a reload");
	OK(!p.startup && p.frozen[0] == '\0' && p.used_ns == S(2005),
	    "changes no state");
	IS_I64(judge(&p, S(6), why), STEP_VIOLATION, "but the limits");
	OK(strstr(why, "limit of 5 s") != NULL, "at once: %s", why);
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
		char text[POLICY_SECONDS_LEN];

		policy_seconds(text, t[i].ns);
		OK(strcmp(text, t[i].text) == 0, "%s s: %s", t[i].text, text);
	}
}

int
main(void)
{
	test_samples();
	test_refusals();
	test_configure();
	test_limits();
	test_any();
	test_sure();
	test_startup_ends();
	test_budget();
	test_frozen();
	test_seconds();
	return DONE();
}
