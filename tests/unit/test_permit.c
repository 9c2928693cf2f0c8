/*
 * What may be done to the clock: steps and their limits, rates and their cost,
 * leap seconds, what an operator may do, and that a change is made only after
 * it was saved.
 */
#include "core/steer/permit.h"

#include <stdlib.h>
#include <string.h>

#include "core/saturate.h"
#include "tests/sim/rng.h"
#include "tests/tap.h"

#define S(n)   ((n)*NS_PER_S)
#define MS(n)  ((n)*NS_PER_MS)
#define H(n)   S((n)*INT64_C(3600))
#define PPM(n) ((n)*INT64_C(65536))
#define T      S(9000) /* a raw time */
#define UTC_NS S(INT64_C(1800000000))
#define ANY    INT64_MAX
#define RUNS   300
#define EVENTS 400
#define QUEUE  64

static const struct permit_limits limits = {
	.ledger = { S(2000), H(24), PPM(50) },
	.step_over_ns = MS(10),
	.startup_forward_ns = ANY,
	.startup_backward_ns = H(24),
	.limit_ns = S(1000),
	.resume_ns = H(24 * 30),
};

/* At a program's start, in a boot in which used_ns was spent. */
static struct permit
start(bool startup, int64_t used_ns)
{
	/* Nothing used at the start: no correction since boot. */
	const struct ledger_kept kept = {
		.flags = startup && used_ns == 0 ? 0 : LEDGER_STARTED
	};
	struct permit p = { .startup = false };

	permit_begin(&p, &kept, T, startup);
	permit_limit(&p, &limits, T);
	ledger_spend(&p.ledger, T, used_ns);
	return p;
}

/* The keeper of the ledger has received and answered. */
static void
write_down(struct permit *p, int64_t now_ns)
{
	(void)permit_proposal(p);
	permit_agreed(p, now_ns);
}

/* What was used in the period, without what is set aside. */
static int64_t
spent(const struct permit *p, int64_t now_ns)
{
	return ledger_used(&p->ledger, now_ns) - p->ledger.k.ahead_ns;
}

/* Judge an error that lasts long enough, and is paid for. */
static enum verdict
judge_view(struct permit *p, struct permit_view v, enum step_reason *why)
{
	enum verdict verdict = STEP_WAIT;

	for (int i = 0; i < 3 && verdict == STEP_WAIT; i++) {
		verdict = permit_judge(p, &v, why);
		if (verdict == STEP_WAIT && permit_wants(p)) {
			write_down(p, v.now_ns);
			verdict = permit_judge(p, &v, why);
		}
		v.now_ns += S(5);
	}
	return verdict;
}

static enum verdict
judge(struct permit *p, int64_t error_ns, enum step_reason *why)
{
	const struct permit_view v = {
		.now_ns = T, .real_ns = UTC_NS, .error_ns = error_ns
	};

	return judge_view(p, v, why);
}

/* --- limits --------------------------------------------------------------- */

static void
test_ok(void)
{
	static const struct {
		const char *name;
		size_t at;
		int64_t value;
		bool ok;
	} t[] = {
#define AT(m) offsetof(struct permit_limits, m)
		{ "as they are", AT(limit_ns), 0, true },
		{ "step over negative", AT(step_over_ns), -1, false },
		{ "forward negative", AT(startup_forward_ns), -1, false },
		{ "backward least", AT(startup_backward_ns), INT64_MIN, false },
		{ "limit any", AT(limit_ns), ANY, true },
		{ "limit negative", AT(limit_ns), -1, false },
		{ "resume negative", AT(resume_ns), -1, false },
		{ "resume none", AT(resume_ns), 0, true },
		{ "budget negative", AT(ledger.budget_ns), -1, false },
		{ "budget none", AT(ledger.budget_ns), 0, true },
		{ "period 0", AT(ledger.period_ns), 0, false },
		{ "period longest", AT(ledger.period_ns), ANY, true },
		{ "tolerance negative", AT(ledger.tolerance_sppm), -1, false },
#undef AT
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct permit_limits l = limits;

		memcpy((char *)&l + t[i].at, &t[i].value, sizeof(t[i].value));
		OK(permit_limits_ok(&l) == t[i].ok, "limits, %s", t[i].name);
	}
}

static void
test_limits(void)
{
	static const struct {
		const char *name;
		bool startup, at_once;
		int64_t used, error;
		enum verdict want;
		enum step_reason why; /* if permitted */
		enum refusal refusal;
		int64_t bound;
	} t[] = {
		{ "small", false, false, 0, MS(10), STEP_NO, 0, 0, 0 },
		{ "small backwards", false, false, 0, -MS(10), STEP_NO, 0, 0,
		    0 },
		{ "at startup, forward", true, false, 0, H(1000000), STEP_DO,
		    REASON_FIRST, 0, 0 },
		{ "after a boot, just over", true, false, 0, MS(1) + 1, STEP_DO,
		    REASON_FIRST, 0, 0 },
		{ "after a boot, small", true, false, 0, -MS(1), STEP_NO, 0, 0,
		    0 },
		{ "after a restart, just over", true, false, 1, MS(10) + 1,
		    STEP_DO, REASON_FIRST, 0, 0 },
		{ "after a restart, small", true, false, 1, MS(10), STEP_NO, 0,
		    0, 0 },
		{ "at startup, backward", true, false, 0, -H(24), STEP_DO,
		    REASON_FIRST, 0, 0 },
		{ "at startup, too far back", true, false, 0, -H(24) - 1,
		    STEP_VIOLATION, 0, REFUSED_STARTUP, H(24) },
		{ "at startup, the most", true, false, 0, INT64_MAX, STEP_DO,
		    REASON_FIRST, 0, 0 },
		{ "at startup, the least", true, false, 0, INT64_MIN,
		    STEP_VIOLATION, 0, REFUSED_STARTUP, H(24) },
		{ "at startup, budget used before", true, false, 1, S(2000),
		    STEP_VIOLATION, 0, REFUSED_STEP, S(2000) - 1 },
		{ "at startup, budget suffices", true, false, S(1), S(1999),
		    STEP_DO, REASON_FIRST, 0, 0 },
		{ "later, at the limit", false, false, 0, S(1000), STEP_DO,
		    REASON_LARGE, 0, 0 },
		{ "later, over it", false, false, 0, S(1000) + 1,
		    STEP_VIOLATION, 0, REFUSED_LIMIT, S(1000) },
		{ "later, back at the limit", false, false, 0, -S(1000),
		    STEP_DO, REASON_LARGE, 0, 0 },
		{ "later, back over it", false, false, 0, -S(1200) - MS(500),
		    STEP_VIOLATION, 0, REFUSED_LIMIT, S(1000) },
		{ "later, the least", false, false, 0, INT64_MIN,
		    STEP_VIOLATION, 0, REFUSED_LIMIT, S(1000) },
		{ "budget just enough", false, false, S(1500), -S(500), STEP_DO,
		    REASON_LARGE, 0, 0 },
		{ "budget not enough", false, false, S(1500), -S(500) - 1,
		    STEP_VIOLATION, 0, REFUSED_STEP, S(500) },
		{ "budget long gone", false, false, INT64_MAX, S(1),
		    STEP_VIOLATION, 0, REFUSED_STEP, 0 },
		{ "once, just over", true, true, 0, 100001, STEP_DO,
		    REASON_FIRST, 0, 0 },
		{ "once, small", true, true, 0, 100000, STEP_NO, 0, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct permit p = start(t[i].startup, t[i].used);
		enum step_reason why;

		p.limits.at_once = t[i].at_once;
		if (t[i].at_once)
			p.limits.step_over_ns = 100000;
		IS_I64(judge(&p, t[i].error, &why), t[i].want, "step, %s",
		    t[i].name);
		if (t[i].want == STEP_DO)
			IS_I64(why, t[i].why, "step, %s: why", t[i].name);
		IS_I64(p.refusal, t[i].refusal, "step, %s: refusal", t[i].name);
		IS_I64(p.bound, t[i].bound, "step, %s: bound", t[i].name);
		IS_I64(p.amount, t[i].want == STEP_VIOLATION ? t[i].error : 0,
		    "step, %s: amount", t[i].name);
	}
}

/* A clock before a known past time may be set up to that time. */
/* What may be noise is slewed; but not at the start, and not a second. */
static void
test_doubt(void)
{
	static const struct {
		const char *name;
		bool startup;
		int64_t sigma, error;
		enum verdict want;
	} t[] = {
		{ "no noise", false, 0, MS(10) + 1, STEP_DO },
		{ "little noise", false, MS(3), MS(10) + 1, STEP_DO },
		{ "as much as noise", false, MS(100), MS(300), STEP_NO },
		{ "likewise backwards", false, MS(100), -MS(300), STEP_NO },
		{ "more than noise", false, MS(100), MS(300) + 1, STEP_DO },
		{ "at the start", true, MS(100), MS(20), STEP_DO },
		{ "noise of 16 s", false, S(16), S(1) + 1, STEP_DO },
		{ "more noise than there can be", false, ANY, S(1), STEP_NO },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct permit p = start(t[i].startup, 0);
		enum step_reason why;
		struct permit_view v = { .now_ns = T,
			.real_ns = UTC_NS,
			.error_ns = t[i].error,
			.sigma_ns = t[i].sigma };

		IS_I64(
		    judge_view(&p, v, &why), t[i].want, "doubt, %s", t[i].name);
	}
}

/* The verdict on an error: reason or refusal, and the amount. */
struct judged {
	enum verdict verdict;
	int why;
	int64_t amount, charged;
};

/* Judge it, with a known time an hour ahead; and step. */
static void
check_known(struct permit *p, const struct permit_view *v,
    const struct judged *want, const char *what)
{
	enum step_reason why;

	p->limits.startup_forward_ns = H(1);
	p->limits.known_ns = UTC_NS;
	IS_I64(judge_view(p, *v, &why), want->verdict, "known, %s", what);
	IS_I64(want->verdict == STEP_DO ? (int)why : (int)p->refusal, want->why,
	    "known, %s: why", what);
	IS_I64(p->amount, want->amount, "known, %s: amount", what);
	if (want->verdict == STEP_DO)
		permit_stepped(p, T);
}

/* A clock at an impossible date: limits count from the known time. */
static void
test_beyond(void)
{
	static const struct {
		const char *name;
		bool startup;
		int64_t used, beyond;
		int64_t to; /* from the known time */
		struct judged want;
	} t[] = {
		{ "to the time known", true, 0, 1, 0,
		    { STEP_DO, REASON_BEYOND, 0, 0 } },
		{ "from far beyond", true, 0, H(24 * 365 * 90), H(1),
		    { STEP_DO, REASON_BEYOND, 0, 0 } },
		{ "and no further forward", true, 0, H(24 * 365 * 90), H(1) + 1,
		    { STEP_VIOLATION, REFUSED_STARTUP, H(1) + 1, 0 } },
		{ "backward from there", true, 0, H(24), -H(24),
		    { STEP_DO, REASON_BEYOND, 0, 0 } },
		{ "and no further backward", true, 0, H(24), -H(24) - 1,
		    { STEP_VIOLATION, REFUSED_STARTUP, -H(24) - 1, 0 } },
		{ "a date that can be", true, 0, 0, 0,
		    { STEP_VIOLATION, REFUSED_STARTUP, UTC_NS - UTC_LAST_NS,
			0 } },
		{ "later than the first", false, 0, 1, 0,
		    { STEP_VIOLATION, REFUSED_LIMIT, UTC_NS - UTC_LAST_NS - 1,
			0 } },
		{ "what is limited is charged", true, S(1999), 1, S(1),
		    { STEP_DO, REASON_BEYOND, 0, S(1) } },
		{ "and may be too much", true, S(1999), 1, S(1) + 1,
		    { STEP_VIOLATION, REFUSED_STEP, S(1) + 1, 0 } },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct permit p = start(t[i].startup, t[i].used);
		const int64_t real_ns = sat_add(UTC_LAST_NS, t[i].beyond);
		const struct permit_view v = { .now_ns = T,
			.real_ns = real_ns,
			.error_ns = UTC_NS + t[i].to - real_ns };

		check_known(&p, &v, &t[i].want, t[i].name);
		IS_I64(spent(&p, T), t[i].used + t[i].want.charged,
		    "beyond, %s: charged", t[i].name);
	}
}

static void
test_known(void)
{
	static const struct {
		const char *name;
		bool startup;
		int64_t used, before, error;
		struct judged want;
	} t[] = {
		{ "up to there", true, 0, H(400000), H(400000),
		    { STEP_DO, REASON_KNOWN, 0, 0 } },
		{ "and the limit beyond", true, 0, H(400000), H(400001),
		    { STEP_DO, REASON_KNOWN, 0, 0 } },
		{ "and no further", true, 0, H(400000), H(400001) + 1,
		    { STEP_VIOLATION, REFUSED_STARTUP, H(1) + 1, 0 } },
		{ "not so far", true, 0, H(400000), H(2),
		    { STEP_DO, REASON_KNOWN, 0, 0 } },
		{ "backward", true, 0, H(400000), -H(25),
		    { STEP_VIOLATION, REFUSED_STARTUP, -H(25), 0 } },
		{ "a clock after it", true, 0, -1, H(1) + 1,
		    { STEP_VIOLATION, REFUSED_STARTUP, H(1) + 1, 0 } },
		{ "later than the first", false, 0, H(400000), H(400000),
		    { STEP_VIOLATION, REFUSED_LIMIT, H(400000), 0 } },
		{ "it is not of the budget", true, S(2000) - 1, H(5), H(5) + 1,
		    { STEP_DO, REASON_KNOWN, 0, 1 } },
		{ "what is beyond is", true, S(2000) - 1, H(5), H(5) + 2,
		    { STEP_VIOLATION, REFUSED_STEP, 2, 0 } },
		{ "the most", true, 0, INT64_MAX, INT64_MAX,
		    { STEP_DO, REASON_KNOWN, 0, 0 } },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct permit p = start(t[i].startup, t[i].used);
		const struct permit_view v = { .now_ns = T,
			.real_ns = sat_sub(UTC_NS, t[i].before),
			.error_ns = t[i].error };

		check_known(&p, &v, &t[i].want, t[i].name);
		IS_I64(spent(&p, T), t[i].used + t[i].want.charged,
		    "known, %s: charged", t[i].name);
	}
}

/* After a pause the clock may step by as much, if many agree. */
static void
test_paused(void)
{
	static const struct {
		const char *name;
		bool startup, many;
		int64_t used, paused, age, error;
		enum verdict want;
		int why; /* the reason, or the refusal */
		int64_t charged;
	} t[] = {
		{ "all of it", false, true, S(2000), H(12), S(60), H(12),
		    STEP_DO, REASON_PAUSED, 0 },
		{ "less", false, true, S(2000), H(12), S(60), S(5), STEP_DO,
		    REASON_PAUSED, 0 },
		{ "a second more", false, true, 0, H(12), S(60), H(12) + S(1),
		    STEP_DO, REASON_PAUSED, S(1) },
		{ "a second more, which is not left", false, true, S(2000),
		    H(12), S(60), H(12) + S(1), STEP_VIOLATION, REFUSED_STEP,
		    0 },
		{ "1000 s more", false, true, 0, H(12), S(60), H(12) + S(1001),
		    STEP_VIOLATION, REFUSED_LIMIT, 0 },
		{ "few say so", false, false, 0, H(12), S(60), H(12),
		    STEP_VIOLATION, REFUSED_LIMIT, 0 },
		{ "few say so, of a short one", false, false, 0, S(900), S(60),
		    S(900), STEP_DO, REASON_LARGE, S(900) },
		{ "backward", false, true, 0, H(12), S(60), -S(1001),
		    STEP_VIOLATION, REFUSED_LIMIT, 0 },
		{ "at the limit of pauses", false, true, 0, H(24 * 30), S(60),
		    H(24 * 30), STEP_DO, REASON_PAUSED, 0 },
		{ "over it", false, true, 0, H(24 * 30) + 1, S(60), H(24 * 30),
		    STEP_VIOLATION, REFUSED_LIMIT, 0 },
		{ "a day ago", false, true, 0, H(12), H(24), H(12),
		    STEP_VIOLATION, REFUSED_LIMIT, 0 },
		{ "in the restart of a program", true, true, S(2000), H(12),
		    S(60), H(12), STEP_DO, REASON_PAUSED, 0 },
		{ "the most", false, true, S(2000), INT64_MAX, S(60), INT64_MAX,
		    STEP_VIOLATION, REFUSED_LIMIT, 0 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct permit p = start(t[i].startup, t[i].used);
		const struct permit_view v = { .now_ns = T,
			.real_ns = UTC_NS,
			.error_ns = t[i].error,
			.many = t[i].many };
		enum step_reason why;

		p.resume.paused_ns = t[i].paused;
		p.resume.paused_at_ns = T - t[i].age;
		IS_I64(judge_view(&p, v, &why), t[i].want, "paused, %s",
		    t[i].name);
		IS_I64(t[i].want == STEP_DO ? (int)why : (int)p.refusal,
		    t[i].why, "paused, %s: why", t[i].name);
		if (t[i].want != STEP_DO)
			continue;
		permit_stepped(&p, T);
		IS_I64(spent(&p, T), t[i].used + t[i].charged,
		    "paused, %s: charged", t[i].name);
		IS_I64(
		    p.resume.paused_ns, 0, "paused, %s: used once", t[i].name);
	}
}

/* A known time has priority over a pause, and both together. */
static void
test_known_and_paused(void)
{
	struct permit p = start(true, S(2000));
	const struct permit_view v = { .now_ns = T,
		.real_ns = UTC_NS - H(3),
		.error_ns = H(5),
		.many = true };
	enum step_reason why;

	p.limits.known_ns = UTC_NS;
	p.resume.paused_ns = H(2) - 1;
	p.resume.paused_at_ns = T;
	IS_I64(
	    judge_view(&p, v, &why), STEP_VIOLATION, "3 h known, 2 h paused");
	IS_I64(p.amount, 1, "and a nanosecond is neither");
	p = start(true, S(2000));
	p.limits.known_ns = UTC_NS;
	p.resume.paused_ns = H(2);
	p.resume.paused_at_ns = T;
	IS_I64(judge_view(&p, v, &why), STEP_DO, "both suffice");
	permit_stepped(&p, T);
	IS_I64(spent(&p, T), S(2000), "and cost nothing");
}

static void
test_any(void)
{
	struct permit_limits l = limits;
	struct permit p = start(false, INT64_MAX);
	enum step_reason why;

	l.limit_ns = l.ledger.budget_ns = ANY;
	permit_limit(&p, &l, T);
	IS_I64(judge(&p, INT64_MIN, &why), STEP_DO,
	    "no limit, no budget: anything goes");
}

static enum verdict
judge_once(struct permit *p, int64_t error_ns, int64_t now_ns)
{
	const struct permit_view v = {
		.now_ns = now_ns, .real_ns = UTC_NS, .error_ns = error_ns
	};
	enum step_reason why;

	return permit_judge(p, &v, &why);
}

/* How long a large error must last before it is believed. */
static void
test_sure(void)
{
	struct permit p = start(false, 0);

	IS_I64(judge_once(&p, S(1), T), STEP_WAIT,
	    "large for the first time: wait");
	IS_I64(judge_once(&p, S(2), T + S(10) - 1), STEP_WAIT,
	    "nearly 10 s: wait");
	IS_I64(judge_once(&p, -S(1), T + S(10)), STEP_WAIT,
	    "the other direction: begin again");
	IS_I64(judge_once(&p, 0, T + S(19)), STEP_NO, "small: forget it");
	IS_I64(
	    judge_once(&p, -S(1), T + S(20)), STEP_WAIT, "large again: wait");
	IS_I64(judge_once(&p, -S(1), T + S(30) - 1), STEP_WAIT,
	    "nearly 10 s in a row: wait");
	OK(!permit_wants(&p), "and nothing is written down");
	IS_I64(judge_once(&p, -S(1), T + S(30)), STEP_WAIT,
	    "10 s in a row: wait until it is paid");
	OK(permit_wants(&p), "which is to be written down");
	write_down(&p, T + S(30));
	IS_I64(judge_once(&p, -S(1), T + S(30)), STEP_DO, "then step");
	permit_stepped(&p, T + S(30));
	IS_I64(judge_once(&p, -S(1), T + S(30)), STEP_WAIT,
	    "the next one must be seen anew");
}

static void
test_startup_ends(void)
{
	struct permit p = start(true, 0);
	struct ledger_kept kept;
	enum step_reason why;

	IS_I64(judge_once(&p, 0, T), STEP_NO, "found small");
	OK(!p.startup, "that ends the startup");
	IS_I64(
	    judge(&p, -S(5000), &why), STEP_VIOLATION, "and its larger limit");

	p = start(true, 0);
	IS_I64(judge_once(&p, S(5000), T), STEP_WAIT,
	    "a first step needs no second look, but to be written down");
	OK(permit_wants(&p), "which it is");
	kept = permit_proposal(&p);
	IS_I64(kept.flags, LEDGER_STARTED, "as the first one");
	IS_I64(kept.ahead_ns, 0, "that costs nothing");
	IS_I64(judge_once(&p, S(5000), T), STEP_WAIT, "no word yet: wait");
	permit_agreed(&p, T);
	IS_I64(permit_kept(&p).flags, LEDGER_STARTED,
	    "no later word makes it the first again");
	IS_I64(judge_once(&p, S(5000), T), STEP_DO, "then it is done");
	permit_stepped(&p, T);
	OK(!p.startup, "it ends the startup");
	IS_I64(
	    spent(&p, T), 0, "and is not counted, being the first of a boot");
	IS_I64(p.ledger.k.flags, LEDGER_STARTED, "but remembered");
	p.startup = true; /* as after a restart */
	IS_I64(judge(&p, S(2000) + 1, &why), STEP_VIOLATION,
	    "so that the next start must keep to the budget");

	/* Killed after announcing a step and before reporting it. */
	p = start(false, 0);
	permit_begin(&p, &kept, T, true);
	permit_limit(&p, &limits, T);
	IS_I64(judge(&p, S(2000) + 1, &why), STEP_VIOLATION,
	    "a kill gives no second free start");
	IS_I64(p.refusal, REFUSED_STEP, "but what is left of the budget");
}

/* --- the budget ----------------------------------------------------------- */

static void
do_step(struct permit *p, int64_t error_ns, int64_t now_ns, bool may)
{
	struct permit_view v = { .now_ns = now_ns - S(10),
		.real_ns = UTC_NS,
		.error_ns = error_ns };
	enum step_reason why;
	enum verdict verdict;

	(void)!permit_judge(p, &v, &why);
	v.now_ns = now_ns;
	verdict = judge_view(p, v, &why);
	IS_I64(verdict, may ? STEP_DO : STEP_VIOLATION, "a step of %lld ms",
	    (long long)(error_ns / NS_PER_MS));
	if (verdict == STEP_DO)
		permit_stepped(p, now_ns);
}

static void
test_budget(void)
{
	struct permit_limits l = limits;
	struct permit p = start(false, 0);
	const int64_t *used = &p.ledger.k.used_ns[0];

	do_step(&p, -S(600), T, true);
	IS_I64(spent(&p, T), S(600), "a step backwards counts");
	do_step(&p, S(700), T + H(24) - 1, true);
	IS_I64(spent(&p, T + H(24) - 1), S(1300),
	    "the sum grows within the period");
	do_step(&p, S(701), T + H(24), false);
	IS_I64(p.bound, S(700), "wherever it is thought to begin");
	permit_release(&p, S(9000), 0, T + H(24));
	do_step(&p, S(700), T + H(24), true);
	IS_I64(
	    spent(&p, T + H(24)), S(700), "an operator forgives what was used");
	IS_I64(spent(&p, T + H(47)), S(700), "a day counts it");
	IS_I64(spent(&p, T + H(50)), 0, "two hours more do not");
	OK(used[0] >= 0, "no part is less than nothing");

	/* The audit: 5.9 s in 40 s, where 3 s in 60 s were allowed. */
	l.ledger.budget_ns = S(3);
	l.ledger.period_ns = S(60);
	p = start(false, 0);
	permit_limit(&p, &l, T);
	do_step(&p, MS(1500), T + S(44), true);
	do_step(&p, MS(1450), T + S(57), true);
	do_step(&p, MS(1500), T + S(71), false);
	IS_I64(p.bound, MS(50), "50 ms were left");

	/* What an operator permits costs nothing. */
	p = start(false, 0);
	permit_release(&p, INT64_MIN, 0, T);
	do_step(&p, INT64_MIN, T, true);
	IS_I64(spent(&p, T), 0, "an agreed step is free");
}

static void
test_assumed(void)
{
	struct permit p = start(true, 0);
	enum step_reason why;

	p.limits.ledger.budget_ns = p.ledger.limits.budget_ns = S(30);
	permit_assume(&p, T);
	OK(!p.startup, "nothing was kept: no first start");
	IS_I64(
	    judge(&p, S(5), &why), STEP_NO, "a step in the budget is slewed");
	IS_I64(p.refusal, REFUSED_NOTHING, "and does not freeze");
	IS_I64(permit_leap(&p, T, LEAP_INSERT), LEAP_NONE, "no leap second");
	IS_I64(p.refusal, REFUSED_NOTHING, "nor does that freeze");
	IS_I64(permit_rate(&p, T, 0, PPM(600), S(1)), PPM(500),
	    "no rate that must be paid, but as much as is free");
	IS_I64(p.refusal, REFUSED_NOTHING, "and no freeze");
	OK(!permit_wants(&p), "nothing is to be written down");
	do_step(&p, S(5), T + H(26), true);
	IS_I64(spent(&p, T + H(26)), S(5), "a day later it is");
	p = start(true, 0);
	p.limits.ledger.budget_ns = p.ledger.limits.budget_ns = S(30);
	permit_assume(&p, T);
	IS_I64(judge(&p, S(30) + 1, &why), STEP_VIOLATION,
	    "one that is over the whole budget freezes");
	p = start(true, 0);
	permit_assume(&p, T);
	IS_I64(judge(&p, S(1000) + 1, &why), STEP_VIOLATION,
	    "so does one over the limit");
	p = start(true, 0);
	permit_assume(&p, T);
	p.resume.paused_ns = S(100);
	p.resume.paused_at_ns = T;
	IS_I64(judge_view(&p,
		   (struct permit_view){ T, UTC_NS, S(100), 0, true }, &why),
	    STEP_DO, "a pause is none of the budget");
}

/* --- an operator ---------------------------------------------------------- */

static void
test_release(void)
{
	static const struct {
		const char *name;
		int64_t agreed, margin, error;
		enum verdict want;
		int why; /* the reason, or the refusal */
	} t[] = {
		{ "the step itself", S(5000), 0, S(5000), STEP_DO,
		    REASON_OPERATOR },
		{ "backward", -S(5000), S(1), -S(5000), STEP_DO,
		    REASON_OPERATOR },
		{ "at the margin", S(5000), S(1), S(5001), STEP_DO,
		    REASON_OPERATOR },
		{ "below, at the margin", S(5000), S(1), S(4999), STEP_DO,
		    REASON_OPERATOR },
		{ "a negative margin is its size", S(5000), -S(1), S(4999),
		    STEP_DO, REASON_OPERATOR },
		{ "over the margin", S(5000), S(1), S(5001) + 1, STEP_VIOLATION,
		    REFUSED_OTHER },
		{ "below the margin", S(5000), S(1), S(4999) - 1,
		    STEP_VIOLATION, REFUSED_OTHER },
		{ "the other direction", S(5000), S(1), -S(5000),
		    STEP_VIOLATION, REFUSED_OTHER },
		{ "one that needs no operator", S(5000), S(1), S(500), STEP_DO,
		    REASON_LARGE },
		{ "any", 0, INT64_MAX, INT64_MIN, STEP_DO, REASON_OPERATOR },
		{ "least of all", INT64_MIN, 0, INT64_MIN, STEP_DO,
		    REASON_OPERATOR },
	};
	enum step_reason why;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct permit p = start(false, S(2000));

		p.refusal = REFUSED_LIMIT;
		permit_release(&p, t[i].agreed, t[i].margin, T);
		IS_I64(judge(&p, t[i].error, &why), t[i].want, "agreed, %s",
		    t[i].name);
		IS_I64(t[i].want == STEP_DO ? (int)why : (int)p.refusal,
		    t[i].why, "agreed, %s: why", t[i].name);
		if (t[i].want == STEP_VIOLATION)
			IS_I64(p.bound, t[i].agreed, "agreed, %s: to what",
			    t[i].name);
		if (t[i].want == STEP_DO)
			permit_stepped(&p, T);
		OK(!p.released, "agreed, %s: that was it", t[i].name);
	}
}

static void
test_frozen(void)
{
	struct permit p = start(false, S(2000));
	enum step_reason why;

	p.ledger.k.anchor_sppm = PPM(-7);
	p.refusal = REFUSED_BEFORE;
	IS_I64(judge(&p, -S(5), &why), STEP_WAIT, "frozen: no step is made");
	IS_I64(judge(&p, 5, &why), STEP_WAIT, "nor a slew");
	IS_I64(permit_rate(&p, T, 0, PPM(3), S(1)), PPM(-7),
	    "the clock runs at the anchor, whatever is wanted");
	IS_I64(permit_leap(&p, T, LEAP_INSERT), LEAP_NONE, "no leap second");
	OK(!permit_wants(&p), "and there is nothing to be written down");
	permit_release(&p, -S(1000000), S(1), T);
	IS_I64(p.refusal, REFUSED_NOTHING, "released");
	IS_I64(judge(&p, -S(1000000), &why), STEP_DO, "the step is allowed");
	permit_stepped(&p, T);
	IS_I64(judge(&p, -S(1000000), &why), STEP_VIOLATION, "one, not two");
	IS_I64(judge(&p, 5, &why), STEP_WAIT, "frozen even where it is small");

	permit_release(&p, -S(5000), S(1), T);
	IS_I64(judge(&p, 5, &why), STEP_NO, "released, and found small");
	IS_I64(judge(&p, -S(5000), &why), STEP_VIOLATION, "takes it back");

	p = start(false, S(1000));
	p.limits.limit_ns = S(5);
	permit_limit(&p, &p.limits, T);
	OK(!p.startup && p.refusal == REFUSED_NOTHING &&
		ledger_used(&p.ledger, T) == S(1000),
	    "new limits change no state");
	IS_I64(judge(&p, S(6), &why), STEP_VIOLATION, "but what is permitted");
	IS_I64(p.bound, S(5), "at once");
}

/* Frozen before the frequency was stable: it does not become stable. */
static void
test_frozen_rate(void)
{
	struct permit p = start(false, S(2000)), q = { .startup = false };
	struct ledger_kept kept;
	enum step_reason why;

	permit_learn(&p, T, PPM(30));
	IS_I64(judge(&p, H(5), &why), STEP_VIOLATION, "frozen after seconds");
	permit_learn(&p, T + S(900), PPM(30));
	permit_learn(&p, T + S(1800), PPM(30));
	IS_I64(permit_rate(&p, T + S(1800), 0, PPM(30), S(1)), 0,
	    "half an hour later the clock rests where it did");
	permit_release(&p, 0, 0, T + S(1800));
	permit_learn(&p, T + S(1800), PPM(30));
	permit_learn(&p, T + S(2400), PPM(30));
	IS_I64(ledger_rest(&p.ledger, T + S(2400)), PPM(30),
	    "released, it learns again");
	kept = permit_kept(&p);
	kept.stable_ns = T + S(2400);
	q.refusal = REFUSED_BEFORE;
	permit_begin(&q, &kept, T + S(2500), false);
	permit_limit(&q, &limits, T + S(2500));
	IS_I64(permit_rate(&q, T + S(9000), 0, PPM(30), S(1)), 0,
	    "frozen from before, the same");
	q = (struct permit){ .refusal = REFUSED_BEFORE };
	permit_begin(&q, &kept, T + S(9000), false);
	permit_limit(&q, &limits, T + S(9000));
	IS_I64(permit_rate(&q, T + S(9000), 0, PPM(30), S(1)), 0,
	    "however long nobody was there");
}

/* --- rates ---------------------------------------------------------------- */

/* With an anchor at 0 and a budget of 30 s. */
static struct permit
anchored(void)
{
	struct permit p = start(false, 0);
	struct permit_limits l = limits;

	l.ledger.budget_ns = S(30);
	permit_limit(&p, &l, T);
	p.ledger.k.flags |= LEDGER_ANCHORED;
	p.ledger.k.until_ns = T;
	return p;
}

static void
test_rate(void)
{
	struct permit p = anchored();

	IS_I64(
	    permit_rate(&p, T, 0, PPM(50), S(16)), PPM(50), "free: as it is");
	IS_I64(permit_rate(&p, T, 0, PPM(-50), S(16)), PPM(-50), "and below");
	OK(!p.charged && !permit_wants(&p), "it costs nothing");
	IS_I64(permit_rate(&p, T, 0, PPM(150), S(1)), PPM(50),
	    "one that costs is cut until it is paid for");
	OK(p.charged && permit_wants(&p), "which is to be written down");
	NEAR(p.want_ns, MS(50) + 200000, 100, "two seconds of it, and more");
	write_down(&p, T);
	IS_I64(permit_rate(&p, T, PPM(50), PPM(150), S(1)), PPM(150),
	    "then it is");
	IS_I64(permit_rate(&p, T + S(10), PPM(150), PPM(50), S(1)), PPM(50),
	    "ten seconds later it is over");
	OK(!p.charged, "and costs no more");
	NEAR(p.rates_ns, 1000000, 100, "10 s of 100 ppm are a millisecond");
	NEAR(ledger_used(&p.ledger, T + S(10)), MS(50) + 200000, 100,
	    "of what was set aside");
	IS_I64(permit_rate(&p, T + S(599), PPM(50), PPM(50), S(1)), PPM(50),
	    "free");
	NEAR(ledger_used(&p.ledger, T + S(599)), MS(50) + 200000, 100,
	    "ten minutes long it stays set aside");
	IS_I64(permit_rate(&p, T + S(600), PPM(50), PPM(50), S(1)), PPM(50),
	    "free");
	NEAR(ledger_used(&p.ledger, T + S(600)), 1000000, 100,
	    "and is then given back");

	p = anchored();
	ledger_spend(&p.ledger, T, S(30) - MS(1));
	IS_I64(permit_rate(&p, T, 0, PPM(150), S(1)), PPM(50),
	    "of the last of the budget");
	IS_I64(p.want_ns, MS(1), "no more is wanted than there is");
	write_down(&p, T);
	IS_I64(permit_rate(&p, T, 0, PPM(150), S(1)), PPM(150), "paid");
	IS_I64(permit_rate(&p, T + S(9), PPM(150), PPM(150), S(1)), 0,
	    "over: the clock rests at the anchor");
	IS_I64(p.refusal, REFUSED_RATE, "frozen");
	IS_I64(p.amount, S(150), "by a rate of 150 ppm");
	NEAR(p.bound, 0, 200, "over nothing that is left");
	p = anchored();
	ledger_spend(&p.ledger, T, S(30));
	IS_I64(permit_rate(&p, T, 0, -PPM(1050) - 65, S(1)), 0, "or at once");
	NEAR(p.amount, -S(1050) - 991821, 1, "with all digits");
	IS_I64(permit_rate(&p, T, 0, INT64_MIN, INT64_MAX), 0, "frozen stays");
}

/* A lasting rate: by how much it has moved the clock at its end. */
static void
test_rate_for_long(void)
{
	static const struct {
		const char *name;
		int64_t rate, wait;
	} t[] = {
		{ "1000 ppm, each second", PPM(1050), S(1) },
		{ "1000 ppm, each 16 s", PPM(1050), S(16) },
		{ "10 % a second", PPM(-100050), S(1) },
		{ "500 ppm, 10 times a second", PPM(550), MS(100) },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct permit p = anchored();
		int64_t now_ns = T, rate = 0, written = 0;
		double moved_s = 0;

		while (p.refusal == REFUSED_NOTHING && now_ns < T + H(23)) {
			double beyond =
			    ((double)llabs(rate) - (double)PPM(50)) / 65536e6;

			if (beyond > 0)
				moved_s += beyond * (double)t[i].wait / 1e9;
			now_ns += t[i].wait;
			rate =
			    permit_rate(&p, now_ns, rate, t[i].rate, t[i].wait);
			if (permit_wants(&p)) {
				written++;
				write_down(&p, now_ns);
				rate = permit_rate(
				    &p, now_ns, rate, t[i].rate, t[i].wait);
			}
		}
		IS_I64(p.refusal, REFUSED_RATE, "rate, %s: frozen", t[i].name);
		OK(moved_s <= 30 && moved_s > 29.4,
		    "rate, %s: after %.6f s of 30 s", t[i].name, moved_s);
		OK(written <= 650, "rate, %s: written down %d times", t[i].name,
		    (int)written);
		IS_I64(rate, 0, "rate, %s: and it rests", t[i].name);
	}
}

/* A line that changes ten times a second: is all of it saved? */
static void
test_fickle(void)
{
	struct permit p = anchored();
	int64_t rate = 0, now_ns = T;
	int written = 0;

	for (int i = 0; i < 36000; i++) {
		now_ns += MS(100);
		rate = permit_rate(
		    &p, now_ns, rate, i % 2 == 0 ? PPM(60) : PPM(20), S(1));
		if (permit_wants(&p)) {
			written++;
			write_down(&p, now_ns);
		}
	}
	OK(written <= 8, "an hour of it is written down %d times", written);
}

/* An error that grows by 300 ppm while its step is being saved. */
static void
test_growing(void)
{
	struct permit p = anchored();
	int64_t now_ns = T + S(20), error_ns = S(1);
	int written = 0;

	(void)!judge_once(&p, error_ns, T);
	while (written < 50 && judge_once(&p, error_ns, now_ns) == STEP_WAIT) {
		written += permit_wants(&p);
		write_down(&p, now_ns);
		now_ns += MS(20);
		error_ns += 6000;
	}
	IS_I64(written, 1, "is written down once");
	permit_stepped(&p, now_ns);
	IS_I64(spent(&p, now_ns), error_ns, "and charged exactly");
}

/* --- leap seconds --------------------------------------------------------- */

static void
test_leap(void)
{
	struct permit p = anchored();

	IS_I64(permit_leap(&p, T, LEAP_NONE), LEAP_NONE, "no leap second");
	OK(!permit_wants(&p), "costs nothing");
	IS_I64(permit_leap(&p, T, LEAP_INSERT), LEAP_NONE,
	    "one is not told before it is paid for");
	OK(permit_wants(&p), "which is to be written down");
	write_down(&p, T);
	IS_I64(permit_leap(&p, T, LEAP_INSERT), LEAP_INSERT, "then it is told");
	IS_I64(permit_leap(&p, T + S(5), LEAP_DELETE), LEAP_DELETE,
	    "or the other, at the same price");
	OK(!permit_wants(&p), "no more is to be paid");
	IS_I64(permit_rate(&p, T, 0, PPM(100000), S(3)), PPM(50),
	    "a rate cannot use what is for it");
	write_down(&p, T);
	do_step(&p, S(28), T + S(50), true);
	OK(p.ledger.k.ahead_ns >= NS_PER_S, "nor does a step give it back");
	permit_leapt(&p, T + S(60));
	IS_I64(spent(&p, T + S(60)), S(29), "made: charged");
	IS_I64(permit_leap(&p, T + S(61), LEAP_NONE), LEAP_NONE, "over");

	p = anchored();
	(void)!permit_leap(&p, T, LEAP_INSERT);
	write_down(&p, T);
	(void)!permit_leap(&p, T, LEAP_INSERT);
	IS_I64(permit_leap(&p, T + S(9), LEAP_NONE), LEAP_NONE, "taken back");
	IS_I64(permit_leap(&p, T + S(10), LEAP_INSERT), LEAP_INSERT,
	    "and announced again: it is still paid for");
	(void)!permit_leap(&p, T + S(11), LEAP_NONE);
	(void)!permit_rate(&p, T + S(700), 0, 0, S(1));
	IS_I64(ledger_used(&p.ledger, T + S(700)), 0, "or it costs nothing");

	p = anchored();
	ledger_spend(&p.ledger, T, S(29));
	(void)!permit_leap(&p, T, LEAP_INSERT);
	write_down(&p, T);
	IS_I64(permit_leap(&p, T, LEAP_INSERT), LEAP_INSERT, "the last second");
	p = anchored();
	ledger_spend(&p.ledger, T, S(29) + 1);
	IS_I64(permit_leap(&p, T, LEAP_INSERT), LEAP_NONE, "a bit less");
	IS_I64(p.refusal, REFUSED_LEAP, "freezes");
	IS_I64(p.amount, S(1), "by a second");
	IS_I64(p.bound, S(1) - 1, "over what is left");
}

/* --- words ---------------------------------------------------------------- */

static void
test_words(void)
{
	static const enum step_reason reasons[] = { REASON_LARGE, REASON_FIRST,
		REASON_KNOWN, REASON_BEYOND, REASON_PAUSED, REASON_OPERATOR };

	for (size_t i = 0; i < 5; i++)
		for (size_t k = 0; k < i; k++)
			OK(strcmp(permit_reason(reasons[i]),
			       permit_reason(reasons[k])) != 0,
			    "\"%s\" is not \"%s\"", permit_reason(reasons[i]),
			    permit_reason(reasons[k]));
}

/* --- written ahead -------------------------------------------------------- */

/* A spender, a keeper, and the messages between them. */
struct pair {
	struct rng rng;
	struct permit p;
	struct ledger_kept kept; /* ntpd's, by the last message it read */
	struct ledger_kept words[QUEUE];
	bool asks[QUEUE]; /* this message wants an answer */
	int sent, read, answers;
	int64_t now_ns, rate_sppm;
	double moved_ns; /* really, beyond what is free */
	bool stepped;	 /* the first step was made */
	const char *wrong;
};

static void
send_word(struct pair *x, struct ledger_kept k, bool ask)
{
	if (x->sent - x->read == QUEUE)
		return;
	x->words[x->sent % QUEUE] = k;
	x->asks[x->sent++ % QUEUE] = ask;
}

static void
read_word(struct pair *x)
{
	if (x->read == x->sent)
		return;
	x->kept = x->words[x->read % QUEUE];
	x->answers += x->asks[x->read++ % QUEUE];
}

static int64_t
all_of(const struct ledger_kept *k)
{
	int64_t sum_ns = k->ahead_ns;

	for (int i = 0; i < LEDGER_SLOTS; i++)
		sum_ns = sat_add(sum_ns, k->used_ns[i]);
	return sum_ns;
}

static void
check(struct pair *x)
{
	if ((double)all_of(&x->kept) < x->moved_ns)
		x->wrong = "more was spent than is written down";
	if (x->stepped && (x->kept.flags & LEDGER_STARTED) == 0)
		x->wrong = "the first start could be made again";
	if (x->moved_ns > (double)S(30))
		x->wrong = "more was spent than the budget";
	if (!ledger_ok(&x->kept))
		x->wrong = "a ledger that would not be read again";
}

static void
try_step(struct pair *x)
{
	const int64_t sizes[] = { MS(20), S(1), S(14), S(31), H(1) };
	int64_t error_ns = sizes[rng_below(&x->rng, 5)];
	struct permit_view v = { .now_ns = x->now_ns,
		.real_ns = UTC_NS,
		.error_ns = rng_chance(&x->rng, 0.2) ? 0
		    : rng_chance(&x->rng, 0.5)	     ? error_ns
						     : -error_ns };
	enum step_reason why;
	bool first;

	if (rng_chance(&x->rng, 0.95) && llabs(v.error_ns) > S(14))
		return;
	/* With a small sigma, so that steps come often. */
	x->p.over_since_ns = v.error_ns != 0 ? 1 : 0;
	x->p.over_forward = v.error_ns > 0;
	first = x->p.startup && !x->stepped &&
	    (x->p.ledger.k.flags & LEDGER_STARTED) == 0;
	if (permit_judge(&x->p, &v, &why) != STEP_DO)
		return;
	if (why != REASON_OPERATOR && !first)
		x->moved_ns += (double)llabs(v.error_ns);
	x->stepped |= first;
	permit_stepped(&x->p, x->now_ns);
}

static void
try_rate(struct pair *x)
{
	const int64_t rates[] = { 0, PPM(40), PPM(-90), PPM(600), PPM(-1500),
		PPM(100000) };
	int64_t was = x->rate_sppm;

	x->rate_sppm = permit_rate(
	    &x->p, x->now_ns, was, rates[rng_below(&x->rng, 6)], S(1));
}

/* Time passes at the present rate, for at most the announced time. */
static void
pass(struct pair *x)
{
	int64_t wait_ns = (int64_t)(rng_uniform(&x->rng) * 1.9e9);
	struct ledger_band b = ledger_band(&x->p.ledger);
	double beyond = x->rate_sppm > b.high_sppm
	    ? (double)(x->rate_sppm - b.high_sppm)
	    : x->rate_sppm < b.low_sppm ? (double)(b.low_sppm - x->rate_sppm)
					: 0;

	x->moved_ns += beyond * (double)wait_ns / 65536e6;
	x->now_ns += wait_ns;
	try_rate(x);
}

static void
crash(struct pair *x)
{
	x->p = (struct permit){ .startup = false };
	permit_begin(&x->p, &x->kept, x->now_ns, true);
	permit_limit(&x->p,
	    &(struct permit_limits){ { S(30), H(24 * 365), PPM(50) }, MS(10),
		ANY, ANY, ANY, 0, 0, false },
	    x->now_ns);
	/* As main() does: change to a rate that is free. */
	x->rate_sppm = permit_rate(&x->p, x->now_ns, x->rate_sppm,
	    ledger_clamp(&x->p.ledger, x->rate_sppm), S(1));
	x->sent = x->read = x->answers = 0;
}

static void
try_leap(struct pair *x)
{
	enum leap leap = rng_chance(&x->rng, 0.3) ? LEAP_NONE : LEAP_INSERT;

	leap = permit_leap(&x->p, x->now_ns, leap);
	if (leap != LEAP_NONE && rng_chance(&x->rng, 0.2)) {
		permit_leapt(&x->p, x->now_ns);
		x->moved_ns += (double)NS_PER_S;
	}
}

static void
event(struct pair *x)
{
	uint32_t what = rng_below(&x->rng, 100);

	if (what < 25)
		pass(x);
	else if (what < 40)
		try_step(x);
	else if (what < 45)
		try_leap(x);
	else if (what < 60 && permit_wants(&x->p) && !x->p.asked)
		send_word(x, permit_proposal(&x->p), true);
	else if (what < 65)
		send_word(x, permit_kept(&x->p), false); /* a report */
	else if (what < 85)
		read_word(x);
	else if (what < 98 && x->answers > 0) {
		x->answers--;
		permit_agreed(&x->p, x->now_ns);
	} else if (what == 98)
		crash(x);
	check(x);
}

static void
test_written_ahead(void)
{
	double most_ns = 0;
	int frozen = 0;

	for (uint64_t seed = 1; seed <= RUNS; seed++) {
		struct pair x = { .now_ns = T };
		int i = 0;

		rng_init(&x.rng, seed, 1);
		crash(&x);
		x.p.ledger.k.flags |= seed % 2 == 0 ? LEDGER_ANCHORED : 0;
		x.kept = x.p.ledger.k;
		while (i++ < EVENTS && x.wrong == NULL)
			event(&x);
		if (x.wrong != NULL) {
			OK(0, "seed %d, event %d: %s", (int)seed, i, x.wrong);
			return;
		}
		if (x.moved_ns > most_ns)
			most_ns = x.moved_ns;
		frozen += x.p.refusal != REFUSED_NOTHING;
	}
	OK(1, "%d random runs of %d events: all is written ahead", RUNS,
	    EVENTS);
	OK(most_ns > (double)S(20) && frozen > 10,
	    "in which up to %.3f s were spent, and %d froze", most_ns / 1e9,
	    frozen);
}

int
main(void)
{
	test_ok();
	test_limits();
	test_doubt();
	test_beyond();
	test_known();
	test_paused();
	test_known_and_paused();
	test_any();
	test_sure();
	test_startup_ends();
	test_budget();
	test_assumed();
	test_release();
	test_frozen();
	test_frozen_rate();
	test_rate();
	test_rate_for_long();
	test_fickle();
	test_growing();
	test_leap();
	test_words();
	test_written_ahead();
	return DONE();
}
