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

static struct policy
start(uint32_t flags, int64_t used_ns)
{
	struct msg_clock_config m = limits;
	struct policy p = { .configured = false };

	m.flags = flags;
	m.budget_used_ns = used_ns;
	/* Nothing used at startup: nothing was corrected since boot. */
	if ((flags & CLOCK_STARTUP) == 0 || used_ns != 0)
		m.budget_start_ns = BOOT - H(1);
	if (policy_configure(&p, &m) == -1)
		OK(0, "the limits of the test are good");
	return p;
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
		{ "slope 1000 ppm", F_SLOPE, STEER_SLOPE_MAX, NULL },
		{ "slope more", F_SLOPE, STEER_SLOPE_MAX + 1, "slope is" },
		{ "slope -1000 ppm", F_SLOPE, -STEER_SLOPE_MAX, NULL },
		{ "slope less", F_SLOPE, -STEER_SLOPE_MAX - 1, "slope is" },
		{ "slope least", F_SLOPE, INT64_MIN, "slope is" },
		{ "slope_sigma 0", F_SLOPE_SIGMA, 0, NULL },
		{ "slope_sigma negative", F_SLOPE_SIGMA, -1, "slope_sigma" },
		{ "slope_sigma large", F_SLOPE_SIGMA, STEER_SLOPE_MAX + 1,
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
		{ "UTC in 2200", F_THETA, POLICY_UTC_END_NS - NOW_NS, NULL },
		{ "UTC after", F_THETA, POLICY_UTC_END_NS - NOW_NS + 1, "UTC" },
		{ "theta most", F_THETA, INT64_MAX, "UTC" },
		{ "theta least", F_THETA, INT64_MIN, "UTC" },
	};

	struct policy p = start(0, 0);

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
		{ "known negative", AT(known_ns), -1, false },
		{ "known in 2200", AT(known_ns), POLICY_UTC_END_NS, true },
		{ "known after", AT(known_ns), POLICY_UTC_END_NS + 1, false },
#undef AT
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct msg_clock_config m = limits;
		struct policy p = { .configured = false };

		memcpy((char *)&m + t[i].at, &t[i].value, sizeof(t[i].value));
		IS_I64(policy_configure(&p, &m), t[i].ok ? 0 : -1, "limits, %s",
		    t[i].name);
		OK(p.configured == t[i].ok, "limits, %s: taken or not",
		    t[i].name);
	}
}

/* Judge an error that has been seen for long enough; *why is never NULL. */
static enum verdict
judge(struct policy *p, int64_t error_ns, const char **why)
{
	enum verdict v = policy_judge(p, error_ns, BOOT, why);

	if (v == STEP_WAIT)
		v = policy_judge(p, error_ns, BOOT + S(10), why);
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
		    "first correction after start" },
		{ "after a boot, just over", CLOCK_STARTUP, 0, NS_PER_MS + 1,
		    STEP_DO, "first correction after start" },
		{ "after a boot, small", CLOCK_STARTUP, 0, -NS_PER_MS, STEP_NO,
		    "" },
		{ "after a restart, just over", CLOCK_STARTUP, 1,
		    10 * NS_PER_MS + 1, STEP_DO,
		    "first correction after start" },
		{ "after a restart, small", CLOCK_STARTUP, 1, 10 * NS_PER_MS,
		    STEP_NO, "" },
		{ "at startup, backward", CLOCK_STARTUP, 0, -H(24), STEP_DO,
		    "first correction after start" },
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
		    "more than is slewed" },
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
	const char *why;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct policy p = start(t[i].flags, t[i].used);

		IS_I64(judge(&p, t[i].error, &why), t[i].want, "step, %s",
		    t[i].name);
		if (t[i].why != NULL)
			OK(strcmp(why, t[i].why) == 0, "step, %s: \"%s\"",
			    t[i].name, why);
	}
}

/* A clock that is before a time that has been: to there it may go. */
static void
test_known(void)
{
	static const struct {
		const char *name;
		uint32_t flags;
		int64_t used, before, error;
		enum verdict want;
		const char *why; /* a part of it */
	} t[] = {
		{ "up to there", CLOCK_STARTUP, 0, H(400000), H(400000),
		    STEP_DO, "before the last time known" },
		{ "and the limit beyond", CLOCK_STARTUP, 0, H(400000),
		    H(400001), STEP_DO, "before the last time known" },
		{ "and no further", CLOCK_STARTUP, 0, H(400000), H(400001) + 1,
		    STEP_VIOLATION,
		    "a step of 3600.000000001 s is over the "
		    "startup limit of 3600 s" },
		{ "not so far", CLOCK_STARTUP, 0, H(400000), H(2), STEP_DO,
		    "before the last time known" },
		{ "backward", CLOCK_STARTUP, 0, H(400000), -H(25),
		    STEP_VIOLATION, "startup limit of 86400 s" },
		{ "a clock after it", CLOCK_STARTUP, 0, -1, H(1) + 1,
		    STEP_VIOLATION, "startup limit of 3600 s" },
		{ "later than the first", 0, 0, H(400000), H(400000),
		    STEP_VIOLATION, "over the limit" },
		{ "it is not of the budget", CLOCK_STARTUP, S(2000) - 1, H(5),
		    H(5) + 1, STEP_DO, "" },
		{ "what is beyond is", CLOCK_STARTUP, S(2000) - 1, H(5),
		    H(5) + 2, STEP_VIOLATION, "budget" },
		{ "the most", CLOCK_STARTUP, 0, INT64_MAX, INT64_MAX, STEP_DO,
		    "" },
	};
	const char *why;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct policy p = start(t[i].flags, t[i].used);

		p.limits.startup_forward_ns = H(1);
		p.limits.known_ns = UTC_NS;
		p.real_ns = steer_sub(UTC_NS, t[i].before);
		IS_I64(judge(&p, t[i].error, &why), t[i].want, "known, %s",
		    t[i].name);
		OK(strstr(why, t[i].why) != NULL, "known, %s: \"%s\"",
		    t[i].name, why);
	}
}

static void
test_any(void)
{
	struct msg_clock_config m = limits;
	struct policy p = { .configured = false };
	const char *why;

	m.limit_ns = m.budget_ns = LIMIT_ANY;
	m.flags = 0;
	m.budget_used_ns = INT64_MAX;
	IS_I64(policy_configure(&p, &m), 0, "no limit, no budget");
	IS_I64(judge(&p, INT64_MIN, &why), STEP_DO, "anything goes then");
}

/* How long it takes until a large error is believed. */
static void
test_sure(void)
{
	struct policy p = start(0, 0);
	const char *why;

	IS_I64(policy_judge(&p, S(1), BOOT, &why), STEP_WAIT,
	    "large for the first time: wait");
	IS_I64(policy_judge(&p, S(2), BOOT + S(10) - 1, &why), STEP_WAIT,
	    "nearly 10 s: wait");
	IS_I64(policy_judge(&p, -S(1), BOOT + S(10), &why), STEP_WAIT,
	    "the other direction: begin again");
	IS_I64(policy_judge(&p, 0, BOOT + S(19), &why), STEP_NO,
	    "small: forget it");
	IS_I64(policy_judge(&p, -S(1), BOOT + S(20), &why), STEP_WAIT,
	    "large again: wait");
	IS_I64(policy_judge(&p, -S(1), BOOT + S(30) - 1, &why), STEP_WAIT,
	    "nearly 10 s in a row: wait");
	IS_I64(policy_judge(&p, -S(1), BOOT + S(30), &why), STEP_DO,
	    "10 s in a row: step");
	IS_I64(policy_judge(&p, -S(1), BOOT + S(30), &why), STEP_WAIT,
	    "the next one must be seen anew");
}

static void
test_startup_ends(void)
{
	struct policy p = start(CLOCK_STARTUP, 0);
	const char *why;

	IS_I64(policy_judge(&p, 0, BOOT, &why), STEP_NO, "found small");
	OK(!p.startup, "that ends the startup");
	IS_I64(
	    judge(&p, -S(5000), &why), STEP_VIOLATION, "and its larger limit");

	p = start(CLOCK_STARTUP, 0);
	IS_I64(policy_judge(&p, S(5000), BOOT, &why), STEP_DO,
	    "a first step needs no second look");
	OK(!p.startup, "it ends the startup");
	IS_I64(p.used_ns, 0, "and is not counted, being the first of a boot");
	IS_I64(p.start_ns, BOOT, "but remembered");
	p.startup = true; /* as after a restart */
	IS_I64(judge(&p, S(2000) + 1, &why), STEP_VIOLATION,
	    "so that the next start must keep to the budget");
}

/* A step that is allowed, at a CLOCK_BOOTTIME. */
static void
do_step(struct policy *p, int64_t error_ns, int64_t boot_ns)
{
	const char *why;

	p->released = true;
	IS_I64(policy_judge(p, error_ns, boot_ns, &why), STEP_DO,
	    "a step of %s s", policy_seconds(error_ns).s);
}

static void
test_budget(void)
{
	struct policy p = start(0, 0);

	do_step(&p, -S(600), BOOT);
	IS_I64(p.used_ns, S(600), "a step backwards counts");
	IS_I64(p.start_ns, BOOT, "the period begins with its first step");
	do_step(&p, S(700), BOOT + H(24) - 1);
	IS_I64(p.used_ns, S(1300), "the sum grows within the period");
	do_step(&p, S(700), BOOT + H(24));
	IS_I64(p.used_ns, S(700), "a new period starts from nothing");
	IS_I64(p.start_ns, BOOT + H(24), "at its own time");
	do_step(&p, INT64_MIN, BOOT + H(24));
	do_step(&p, INT64_MIN, BOOT + H(24));
	IS_I64(p.used_ns, INT64_MAX, "the sum does not wrap");

	p = start(0, S(1));
	p.start_ns = BOOT + 5;
	policy_period(&p, BOOT);
	IS_I64(p.start_ns, BOOT, "a start in the future is brought to now");
	IS_I64(p.used_ns, S(1), "and what was used stays");
	p.start_ns = 0;
	policy_period(&p, BOOT);
	IS_I64(p.start_ns, 0, "no period before the first correction");
}

static void
test_frozen(void)
{
	struct policy p = start(CLOCK_FROZEN, S(2000));
	struct msg_clock_config m = limits;
	const char *why;

	OK(p.frozen[0] != '\0', "frozen before: frozen now");
	IS_I64(judge(&p, -S(5), &why), STEP_WAIT, "no step is made");
	IS_I64(judge(&p, 5, &why), STEP_WAIT, "nor a slew");
	policy_release(&p);
	OK(p.frozen[0] == '\0', "released");
	IS_I64(judge(&p, -S(1000000), &why), STEP_DO, "any step is allowed");
	OK(strstr(why, "operator") != NULL, "because of the operator");
	IS_I64(p.used_ns, S(1002000), "it is counted");
	IS_I64(judge(&p, -S(1), &why), STEP_VIOLATION, "one, not two");
	OK(p.frozen[0] != '\0', "frozen again");
	IS_I64(judge(&p, 5, &why), STEP_WAIT, "even where it is small");

	policy_release(&p);
	IS_I64(judge(&p, 5, &why), STEP_NO, "released, and found small");
	IS_I64(judge(&p, -S(1), &why), STEP_VIOLATION, "takes it back");

	p = start(0, S(1000));
	m.flags = CLOCK_FROZEN | CLOCK_STARTUP;
	m.budget_used_ns = 0;
	m.limit_ns = S(5);
	IS_I64(policy_configure(&p, &m), 0, "a reload");
	OK(!p.startup && p.frozen[0] == '\0' && p.used_ns == S(1000),
	    "changes no state");
	IS_I64(judge(&p, S(6), &why), STEP_VIOLATION, "but the limits");
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
		struct policy_text text = policy_seconds(t[i].ns);

		OK(strcmp(text.s, t[i].text) == 0, "%s s: %s", t[i].text,
		    text.s);
	}
}

int
main(void)
{
	test_samples();
	test_configure();
	test_limits();
	test_known();
	test_any();
	test_sure();
	test_startup_ends();
	test_budget();
	test_frozen();
	test_seconds();
	return DONE();
}
