/*
 * The ledger: amounts computed by hand, and random years of it against a list
 * of all charges, which is searched from its start each time.
 */
#include "core/steer/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "core/saturate.h"
#include "tests/sim/rng.h"
#include "tests/tap.h"

#define S(n)	((n)*NS_PER_S)
#define H(n)	S((n)*INT64_C(3600))
#define PPM(n)	((n)*INT64_C(65536))
#define T	S(1000000) /* a raw time */
#define RUNS	400
#define EVENTS	300
#define SLOT(l) ((l)->k.slot_ns)

__extension__ typedef __int128 wide;

/* A ledger with a budget of 30 s a day, and 50 ppm around an anchor. */
static const struct ledger_limits usual = { S(30), H(24), PPM(50) };

static struct ledger
begin(int64_t flags, int64_t anchor_sppm)
{
	const struct ledger_kept kept = { .anchor_sppm = anchor_sppm,
		.flags = flags };
	struct ledger l = { .walked_ns = 0 };

	ledger_load(&l, &kept, T);
	ledger_limit(&l, &usual, T);
	return l;
}

/* --- the budget ----------------------------------------------------------- */

/* Saved at a later raw time: no moment of it is known. */
static void
test_back(void)
{
	struct ledger l = begin(0, 0), next = { .walked_ns = 0 };

	ledger_spend(&l, T, S(10));
	ledger_spend(&l, T + H(20), S(5));
	ledger_load(&next, &l.k, T - H(30));
	ledger_limit(&next, &usual, T - H(30));
	IS_I64(ledger_used(&next, T - H(30)), S(15), "raw time went back");
	IS_I64(ledger_used(&next, T - H(6)), S(15), "all counts for a day");
	IS_I64(ledger_used(&next, T - H(4)), 0, "and no longer");
}

static void
test_budget(void)
{
	struct ledger l = begin(0, 0);

	IS_I64(ledger_used(&l, T), 0, "nothing is used at first");
	IS_I64(ledger_left(&l, T), S(30), "and all is left");
	ledger_spend(&l, T, S(10));
	ledger_spend(&l, T + H(12), S(5));
	IS_I64(ledger_used(&l, T + H(12)), S(15), "the sum is used");
	IS_I64(ledger_left(&l, T + H(12)), S(15), "the rest is left");
	ledger_spend(&l, T + H(12), -S(7));
	ledger_spend(&l, T + H(12), 0);
	IS_I64(ledger_used(&l, T + H(12)), S(15), "less than nothing is none");
	IS_I64(ledger_used(&l, T + H(24)), S(15), "a day later all counts");
	IS_I64(ledger_used(&l, T + H(25) + S(1)), S(5),
	    "an hour more, and the first part is forgotten");
	IS_I64(ledger_used(&l, T + H(36)), S(5), "the second one is not");
	IS_I64(ledger_used(&l, T + H(37) + S(1)), 0, "but later it is");
	ledger_spend(&l, T + H(12), S(31));
	IS_I64(ledger_left(&l, T + H(12)), 0, "what is over it leaves none");
	ledger_spend(&l, T + H(12), INT64_MAX);
	ledger_spend(&l, T + H(13), INT64_MAX);
	IS_I64(ledger_used(&l, T + H(13)), INT64_MAX, "the sum does not wrap");
	IS_I64(ledger_used(&l, T), INT64_MAX, "nor is it less in the past");
	ledger_forgive(&l, T + H(13));
	IS_I64(ledger_used(&l, T + H(13)), 0, "it may all be forgiven");
}

static void
test_aside(void)
{
	struct ledger l = begin(0, 0);
	struct ledger_kept kept;

	ledger_set_aside(&l, S(10));
	ledger_set_aside(&l, -S(10));
	IS_I64(ledger_used(&l, T), S(10), "what is set aside is used");
	ledger_spend(&l, T, S(4));
	IS_I64(ledger_used(&l, T), S(10), "and to spend of it makes no more");
	IS_I64(l.k.ahead_ns, S(6), "but it less");
	kept = l.k;
	ledger_spend(&l, T, S(7));
	IS_I64(ledger_used(&l, T), S(11), "beyond it the sum grows");
	IS_I64(l.k.ahead_ns, 0, "and nothing is set aside");
	ledger_load(&l, &kept, T + H(20));
	ledger_limit(&l, &usual, T + H(20));
	IS_I64(l.k.ahead_ns, 0, "after a crash nothing is set aside");
	IS_I64(ledger_used(&l, T + H(20)), S(10), "what was counts as spent");
	IS_I64(ledger_used(&l, T + H(26)), S(6),
	    "and not from when it was kept, but from when it was found");
	ledger_set_aside(&l, S(20));
	ledger_give_back(&l, S(1));
	IS_I64(l.k.ahead_ns, S(1), "what is given back is free again");
	ledger_give_back(&l, S(5));
	IS_I64(l.k.ahead_ns, S(1), "and nobody can keep more than there is");
	ledger_set_aside(&l, INT64_MAX);
	IS_I64(l.k.ahead_ns, INT64_MAX, "no wrap there, either");
	ledger_forgive(&l, T);
	IS_I64(l.k.ahead_ns, 0, "what is forgiven is this, too");
}

static void
test_limits(void)
{
	struct ledger l = begin(0, 0);
	struct ledger_limits other = { S(3), S(60), PPM(50) };

	ledger_spend(&l, T, S(2));
	ledger_spend(&l, T + H(5), S(2));
	ledger_limit(&l, &other, T + H(6));
	IS_I64(ledger_used(&l, T + H(6)), S(4), "a new period takes all over");
	IS_I64(ledger_left(&l, T + H(6)), 0, "which may be over its budget");
	IS_I64(ledger_used(&l, T + H(6) + S(60)), S(4), "as of the change");
	IS_I64(ledger_used(&l, T + H(6) + S(63)), 0, "and no longer than it");
	ledger_set_aside(&l, S(1));
	other.period_ns = 1;
	ledger_limit(&l, &other, T + H(7));
	IS_I64(l.k.ahead_ns, S(1), "what is set aside stays that");
	IS_I64(ledger_used(&l, T + H(7)), S(1), "and counts once");
	other.budget_ns = INT64_MAX;
	ledger_limit(&l, &other, T + H(7));
	IS_I64(ledger_left(&l, T + H(7)), INT64_MAX, "no budget, no end");
	other = (struct ledger_limits){ INT64_MAX - 1, INT64_MAX, INT64_MAX };
	ledger_limit(&l, &other, INT64_MAX);
	ledger_spend(&l, INT64_MAX, S(1));
	IS_I64(ledger_used(&l, INT64_MAX), S(1), "the longest period");
}

/* If nobody knows what was used. */
static void
test_assumed(void)
{
	struct ledger l = begin(0, 0);

	ledger_assume(&l, T);
	IS_I64(ledger_left(&l, T), 0, "assumed: all is used");
	IS_I64(l.k.flags, LEDGER_ASSUMED, "and that is known to be a guess");
	ledger_spend(&l, T + H(24), 1);
	IS_I64(l.k.flags, LEDGER_ASSUMED, "a day later it still is");
	ledger_spend(&l, T + H(26), 1);
	IS_I64(l.k.flags, 0, "and then it is forgotten");
	IS_I64(ledger_left(&l, T + H(26)), S(30) - 2, "but what was seen");
	ledger_assume(&l, T + H(26));
	ledger_forgive(&l, T + H(26));
	IS_I64(l.k.flags, 0, "or forgiven");
	IS_I64(ledger_left(&l, T + H(26)), S(30), "with all the rest");
	l.limits.budget_ns = INT64_MAX;
	ledger_assume(&l, T + H(26));
	IS_I64(l.k.flags, 0, "without a budget there is nothing to assume");
}

/* The kernel moves both clocks when the machine resumes. */
static void
test_slept(void)
{
	struct ledger l = begin(LEDGER_ANCHORED, 0);

	(void)ledger_account(&l, T, 0); /* earlier changes cost nothing */
	ledger_slept(&l, T + H(19), H(19) - S(1));
	IS_I64(ledger_account(&l, T + H(19), PPM(550)), 500007,
	    "nineteen hours asleep cost what a second awake does");
	ledger_slept(&l, T + H(20), H(30));
	IS_I64(l.k.until_ns, T + H(20), "nobody slept longer than that");
	ledger_slept(&l, T, H(1));
	IS_I64(l.k.until_ns, T + H(20), "nor does it go back");
}

/* Amounts set aside, and times later than now. */
static void
test_smaller(void)
{
	struct ledger l = begin(0, 0);
	struct ledger_limits small = l.limits;
	struct ledger_kept k;

	ledger_spend(&l, T, S(1));
	ledger_set_aside(&l, S(20));
	small.budget_ns = S(3);
	ledger_limit(&l, &small, T);
	IS_I64(l.k.ahead_ns, S(2), "a smaller budget is for what is set aside");
	small.budget_ns = S(1) / 2;
	ledger_limit(&l, &small, T);
	IS_I64(l.k.ahead_ns, 0, "and takes all of it");
	k = l.k;
	k.until_ns = T + H(5);
	k.slot += 5;
	k.stable_ns = T + H(5);
	ledger_load(&l, &k, T);
	IS_I64(l.k.until_ns, T, "what is later than now is of another time");
	IS_I64(l.k.slot, T / l.k.slot_ns, "so are the parts of the period");
	IS_I64(l.k.stable_ns, 0, "and what has been stable");
	OK(ledger_account(&l, T + H(1), PPM(1000)) > S(1),
	    "rates cost from now on");
}

/* --- against a list ------------------------------------------------------- */

struct charge {
	int64_t at_ns;
	int64_t amount_ns;
};

struct run {
	struct rng rng;
	struct ledger l;
	struct ledger_kept kept; /* what would remain after a crash */
	struct charge charges[EVENTS];
	int count;
	int64_t now_ns;
	bool exact; /* the ledger must not count more than was used */
	const char *wrong;
};

/* The list's total over the last span_ns. */
static int64_t
listed(const struct run *r, int64_t span_ns)
{
	int64_t sum_ns = 0;

	for (int i = 0; i < r->count; i++)
		if (r->now_ns - r->charges[i].at_ns <= span_ns)
			sum_ns += r->charges[i].amount_ns;
	return sum_ns;
}

static void
compare(struct run *r)
{
	int64_t used_ns = ledger_used(&r->l, r->now_ns);
	int64_t ahead_ns = r->l.k.ahead_ns;

	if (used_ns < sat_add(listed(r, r->l.limits.period_ns), ahead_ns))
		r->wrong = "less is used than was charged in the period";
	if (r->exact &&
	    used_ns > sat_add(listed(r, 25 * SLOT(&r->l)), ahead_ns))
		r->wrong = "more is used than was charged in 25 parts of it";
	if (!ledger_ok(&r->l.k))
		r->wrong = "a ledger that would not be read again";
}

/* A time to advance: none, to or near a part's border, or any. */
static int64_t
pick_wait(struct run *r)
{
	int64_t slot_ns = SLOT(&r->l);
	int64_t to_border_ns = slot_ns - r->now_ns % slot_ns;
	int64_t any_ns = (int64_t)(rng_bits(&r->rng) >> 1);

	switch (rng_below(&r->rng, 8)) {
	case 0:
		return 0;
	case 1:
		return to_border_ns - 1;
	case 2:
		return to_border_ns;
	case 3:
		return to_border_ns + 24 * slot_ns - rng_below(&r->rng, 2);
	case 4:
		return to_border_ns + 23 * slot_ns - rng_below(&r->rng, 2);
	case 5:
		return any_ns % (2 * r->l.limits.period_ns + 1);
	default:
		return any_ns % (slot_ns + 1);
	}
}

/* Up to most_ns, and often all of it. */
static int64_t
pick_amount(struct run *r, int64_t most_ns)
{
	if (most_ns <= 0 || rng_chance(&r->rng, 0.3))
		return most_ns;
	return (int64_t)(rng_bits(&r->rng) >> 1) % (most_ns + 1);
}

static void
spend(struct run *r)
{
	int64_t amount_ns = pick_amount(r, r->l.k.ahead_ns);

	ledger_spend(&r->l, r->now_ns, amount_ns);
	r->charges[r->count++] = (struct charge){ r->now_ns, amount_ns };
	if (listed(r, r->l.limits.period_ns) > r->l.limits.budget_ns)
		r->wrong = "more was spent in a period than the budget";
}

static void
crash(struct run *r)
{
	const struct ledger_limits limits = r->l.limits;

	r->exact = false;
	ledger_load(&r->l, &r->kept, r->now_ns);
	ledger_limit(&r->l, &limits, r->now_ns);
}

/* The new period knows of earlier charges what the old one did. */
static void
reload(struct run *r)
{
	struct ledger_limits limits = r->l.limits;

	limits.period_ns =
	    1 + (int64_t)(rng_bits(&r->rng) >> (2 + rng_below(&r->rng, 58)));
	for (int i = 0; i < r->count; i++)
		if (r->now_ns - r->charges[i].at_ns > r->l.limits.period_ns)
			r->charges[i].amount_ns = 0;
	r->exact = false;
	ledger_limit(&r->l, &limits, r->now_ns);
	r->kept = r->l.k;
}

static void
event(struct run *r)
{
	int64_t wait_ns = pick_wait(r);

	if (wait_ns > INT64_MAX / 2 - r->now_ns)
		wait_ns = 0;
	r->now_ns += wait_ns;
	compare(r);
	switch (rng_below(&r->rng, 24)) {
	case 0:
		crash(r);
		break;
	case 1:
		reload(r);
		break;
	case 2:
		ledger_give_back(&r->l, pick_amount(r, r->l.k.ahead_ns));
		break;
	case 3:
		r->kept = r->l.k; /* a report */
		break;
	default:
		/* Written down, and then spent: all at once, or a part. */
		ledger_set_aside(
		    &r->l, pick_amount(r, ledger_left(&r->l, r->now_ns)));
		r->kept = r->l.k;
		spend(r);
		break;
	}
	compare(r);
}

static void
test_random(void)
{
	for (uint64_t seed = 1; seed <= RUNS; seed++) {
		struct run r = { .now_ns = T, .exact = true };
		const struct ledger_limits limits = { S(30), H(24), PPM(50) };
		int i = 0;

		rng_init(&r.rng, seed, 1);
		ledger_limit(&r.l, &limits, r.now_ns);
		r.kept = r.l.k;
		while (i++ < EVENTS && r.wrong == NULL)
			event(&r);
		if (r.wrong != NULL) {
			OK(0, "seed %d, event %d: %s", (int)seed, i, r.wrong);
			return;
		}
	}
	OK(1, "%d random runs of %d events agree with a list", RUNS, EVENTS);
}

/* --- rates ---------------------------------------------------------------- */

static void
test_band(void)
{
	static const struct {
		const char *name;
		int64_t flags, anchor, tolerance, low, high;
	} t[] = {
		{ "cold", 0, 0, PPM(50), PPM(-500), PPM(500) },
		{ "kept", LEDGER_KNOWN, PPM(20), PPM(50), PPM(-80), PPM(120) },
		{ "anchored", LEDGER_ANCHORED, PPM(20), PPM(50), PPM(-30),
		    PPM(70) },
		{ "both", LEDGER_ANCHORED | LEDGER_KNOWN, PPM(-20), PPM(1),
		    PPM(-21), PPM(-19) },
		{ "kept, with a wide limit", LEDGER_KNOWN, 0, PPM(300),
		    PPM(-300), PPM(300) },
		{ "no tolerance", LEDGER_ANCHORED, 7, 0, 7, 7 },
		{ "any", LEDGER_ANCHORED, 1, INT64_MAX, PPM(-500), PPM(500) },
		{ "far out", LEDGER_ANCHORED, PPM(480), PPM(50), PPM(430),
		    PPM(500) },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct ledger l = begin(t[i].flags, t[i].anchor);
		struct ledger_band b;

		l.limits.tolerance_sppm = t[i].tolerance;
		b = ledger_band(&l);
		IS_I64(b.low_sppm, t[i].low, "band, %s: low", t[i].name);
		IS_I64(b.high_sppm, t[i].high, "band, %s: high", t[i].name);
		IS_I64(ledger_clamp(&l, INT64_MAX), t[i].high,
		    "band, %s: clamped from above", t[i].name);
		IS_I64(ledger_clamp(&l, INT64_MIN), t[i].low,
		    "band, %s: clamped from below", t[i].name);
		IS_I64(ledger_clamp(&l, t[i].anchor), t[i].anchor,
		    "band, %s: left alone", t[i].name);
	}
}

/* By hand: 1 ppm for a second is a microsecond. */
static void
test_cost(void)
{
	static const struct {
		const char *name;
		int64_t rate, elapsed, least, most;
	} t[] = {
		{ "within", PPM(70), H(1), 0, 0 },
		{ "within, below", PPM(-30), INT64_MAX, 0, 0 },
		{ "1 ppm over for a second", PPM(71), S(1), 1000, 1002 },
		{ "1 ppm under for a second", PPM(-31), S(1), 1000, 1002 },
		{ "100 ppm for an hour", PPM(170), H(1), 360000000, 360000010 },
		{ "10 % for a minute", PPM(100070), S(60), S(6), S(6) + 6555 },
		{ "a whisker", PPM(70) + 1, 1, 1, 1 },
		{ "no time", PPM(1000), 0, 0, 0 },
		{ "time that goes back", PPM(1000), -1, 0, 0 },
		{ "for ever", INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX },
		{ "for ever, back", INT64_MIN, INT64_MAX, INT64_MAX,
		    INT64_MAX },
	};
	const struct ledger l = begin(LEDGER_ANCHORED, PPM(20));

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		int64_t cost = ledger_cost(&l, t[i].rate, t[i].elapsed);

		OK(cost >= t[i].least && cost <= t[i].most,
		    "cost, %s: %" PRId64, t[i].name, cost);
	}
}

/* A random number of up to `bits` bits. */
static int64_t
any(struct rng *r, unsigned int bits)
{
	int64_t v = (int64_t)(rng_bits(r) >> (64 - 1 - rng_below(r, bits)));

	return rng_chance(r, 0.5) ? v : -v;
}

static void
test_random_cost(void)
{
	struct rng rng;
	bool enough = true, near = true;

	rng_init(&rng, 1, 2);
	for (int i = 0; i < 200000; i++) {
		struct ledger l = begin(LEDGER_ANCHORED, any(&rng, 25));
		int64_t rate = any(&rng, i % 2 == 0 ? 33 : 63);
		int64_t elapsed = any(&rng, i % 2 == 0 ? 45 : 63);
		int64_t beyond = sat_sub(rate, ledger_clamp(&l, rate));
		int64_t cost = ledger_cost(&l, rate, elapsed);
		wide exact = (wide)(elapsed > 0 ? elapsed : 0) *
		    (beyond < 0 ? -(wide)beyond : beyond);
		wide got = (wide)cost * 65536 * 1000000;

		if (cost != INT64_MAX)
			enough &= got >= exact;
		/* May be too much by a unit of elapsed time and one of cost. */
		if (i % 2 == 0)
			near &= got <= exact +
				(beyond < 0 ? -(wide)beyond : beyond) * 65536 +
				(wide)65536 * 1000000;
	}
	OK(enough, "a rate never costs less than it moves the clock");
	OK(near, "and hardly more");
}

static void
test_account(void)
{
	struct ledger l = begin(LEDGER_ANCHORED, 0);

	IS_I64(ledger_account(&l, T, PPM(1050)), 0, "a first account begins");
	NEAR(ledger_account(&l, T + S(10), PPM(1050)), 10000000, 100,
	    "1000 ppm over for 10 s");
	NEAR(ledger_used(&l, T + S(10)), 10000000, 100, "are charged");
	IS_I64(ledger_account(&l, T + S(9), PPM(1050)), 0, "time goes back");
	NEAR(ledger_account(&l, T + S(11), PPM(-150)), 100000, 100,
	    "and no time is charged twice");
	IS_I64(ledger_account(&l, T + S(11), PPM(-150)), 0, "at one moment");
	IS_I64(ledger_account(&l, T + H(9), PPM(50)), 0, "within: free");
	ledger_set_aside(&l, S(1));
	(void)ledger_account(&l, T + H(10), PPM(150));
	NEAR(l.k.ahead_ns, 640000000, 100, "of what was set aside, first");
}

/* --- the anchor ----------------------------------------------------------- */

static void
test_learn(void)
{
	struct ledger l = begin(0, 0);

	IS_I64(ledger_rest(&l, T), 0, "at first the clock rests at nothing");
	ledger_learn(&l, T, PPM(300));
	IS_I64(
	    ledger_rest(&l, T + S(600) - 1), 0, "nor after ten minutes' less");
	IS_I64(ledger_rest(&l, T + S(600)), PPM(300), "stable is good enough");
	ledger_learn(&l, T + S(600), PPM(311));
	IS_I64(ledger_rest(&l, T + S(600)), 0, "unless it moves by 11 ppm");
	ledger_learn(&l, T + S(601), PPM(301));
	ledger_learn(&l, T + S(600) + H(2) - 1, PPM(305));
	IS_I64(l.k.flags, 0, "not quite two hours: no anchor yet");
	ledger_learn(&l, T + S(600) + H(2), PPM(305));
	IS_I64(l.k.flags, LEDGER_ANCHORED, "two hours: an anchor");
	IS_I64(l.k.anchor_sppm, PPM(305), "where it was last");
	IS_I64(ledger_rest(&l, T + H(3)), PPM(305), "and there it rests");

	l = begin(0, 0);
	ledger_learn(&l, T, PPM(900));
	ledger_learn(&l, T + H(2), INT64_MAX);
	IS_I64(l.k.anchor_sppm, PPM(500), "a first one is within 500 ppm");
	l = begin(LEDGER_KNOWN, PPM(-20));
	IS_I64(ledger_rest(&l, T), PPM(-20), "what an earlier boot found");
	ledger_learn(&l, T, PPM(900));
	ledger_learn(&l, T + H(2), INT64_MAX);
	IS_I64(l.k.anchor_sppm, PPM(80), "the next one is within 100 ppm");
	l = begin(LEDGER_KNOWN, PPM(450));
	ledger_learn(&l, T, PPM(900));
	ledger_learn(&l, T + H(2), PPM(900));
	IS_I64(l.k.anchor_sppm, PPM(500), "and within 500 ppm of nothing");
	l = begin(0, 0);
	ledger_learn(&l, T, PPM(1));
	ledger_learn(&l, T - S(1), PPM(1));
	ledger_learn(&l, T + H(2) - S(2), PPM(1));
	IS_I64(l.k.flags, 0, "time that goes back begins anew");
}

/* The frequency that the clock rests at stays, once given. */
static void
test_settle(void)
{
	struct ledger l = begin(LEDGER_KNOWN, PPM(7));

	ledger_learn(&l, T, PPM(30));
	ledger_settle(&l, T + S(600) - 1);
	IS_I64(ledger_rest(&l, T + H(9)), PPM(7),
	    "what was not stable then is forgotten");
	IS_I64(l.k.stable_ns, 0, "and is learnt anew");
	ledger_learn(&l, T + H(9), PPM(30));
	ledger_settle(&l, T + H(9) + S(600));
	IS_I64(ledger_rest(&l, T + H(10)), PPM(30), "what was stays");
	l = begin(LEDGER_ANCHORED, PPM(7));
	l.k.stable_sppm = PPM(30);
	l.k.stable_ns = T;
	ledger_settle(&l, T + S(5));
	IS_I64(ledger_rest(&l, T + H(9)), PPM(7), "and so does an anchor");
}

static void
test_walk(void)
{
	struct ledger l = begin(LEDGER_ANCHORED, PPM(10));
	int64_t t = T;

	ledger_learn(&l, t, PPM(60));
	IS_I64(l.k.anchor_sppm, PPM(10), "at first it does not walk");
	for (int i = 0; i < 24 * 60; i++)
		ledger_learn(&l, t += S(60), PPM(60));
	IS_I64(l.k.anchor_sppm, PPM(11), "1 ppm after a day of minutes");
	for (int i = 0; i < 86400; i++)
		ledger_learn(&l, t += S(1), PPM(-900));
	IS_I64(l.k.anchor_sppm, PPM(10), "back after one of seconds");
	for (int i = 0; i < 24; i++)
		ledger_learn(&l, t += H(1), PPM(10) + 3);
	IS_I64(l.k.anchor_sppm, PPM(10) + 3, "and no further than it is led");
	ledger_learn(&l, t += H(24 * 365), PPM(60));
	NEAR(l.k.anchor_sppm, PPM(10) + 3 + PPM(1) / 12, 1,
	    "no year is saved up, but two hours");
	ledger_learn(&l, t - H(1), PPM(60));
	ledger_learn(&l, t, PPM(60));
	NEAR(l.k.anchor_sppm, PPM(10) + 3 + PPM(1) / 8, 1,
	    "one hour more, by a raw time that went back");
}

/* For any input, an anchor walks slowly over any time. */
static void
test_random_walk(void)
{
	static struct charge seen[2000];
	const int count = sizeof(seen) / sizeof(seen[0]);
	struct rng rng;
	int fast = 0;

	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct ledger l = begin(LEDGER_ANCHORED, 0);
		int64_t now_ns = T;

		rng_init(&rng, seed, 3);
		for (int i = 0; i < count; i++) {
			int64_t rate = any(&rng, 63);

			if (rng_chance(&rng, 0.8))
				rate = (seed & 1) != 0 ? PPM(900) : PPM(-900);
			now_ns += (int64_t)(rng_bits(&rng) >>
			    (16 + rng_below(&rng, 47)));
			ledger_learn(&l, now_ns, rate);
			seen[i] = (struct charge){ now_ns, l.k.anchor_sppm };
		}
		for (int i = 0; i < count; i++)
			for (int k = 0; k < i; k++) {
				int64_t most_sppm = PPM(1) / 12 + 1 +
				    (seen[i].at_ns - seen[k].at_ns) /
					LEDGER_WALK_NS;

				fast += llabs(seen[i].amount_ns -
					    seen[k].amount_ns) > most_sppm;
			}
	}
	IS_I64(fast, 0, "no anchor walks by more than 1 ppm a day and 0.083");
	IS_I64(LEDGER_WALK_NS * PPM(1), H(24), "the unit of its walk");
}

static void
test_reboot(void)
{
	static const struct {
		const char *name;
		struct ledger_kept before;
		int64_t flags, anchor;
	} t[] = {
		{ "never any", { .used_ns = { 5 }, .ahead_ns = 7 }, 0, 0 },
		{ "an anchor",
		    { .anchor_sppm = 77,
			.flags =
			    LEDGER_ANCHORED | LEDGER_STARTED | LEDGER_ASSUMED,
			.slot_ns = 1,
			.slot = 9,
			.used_ns = { 5 },
			.until_ns = S(9) },
		    LEDGER_KNOWN, 77 },
		{ "one of the boot before",
		    { .anchor_sppm = -77, .flags = LEDGER_KNOWN }, LEDGER_KNOWN,
		    -77 },
		{ "one that has been stable",
		    { .anchor_sppm = -77,
			.flags = LEDGER_KNOWN | LEDGER_STARTED,
			.stable_sppm = 30,
			.stable_ns = S(100),
			.until_ns = S(700) },
		    LEDGER_KNOWN, 30 },
		{ "one that has not been for long enough",
		    { .stable_sppm = 30,
			.stable_ns = S(100),
			.until_ns = S(700) - 1 },
		    0, 0 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct ledger_kept k = t[i].before;
		const struct ledger_kept want = { .flags = t[i].flags,
			.anchor_sppm = t[i].anchor };

		ledger_reboot(&k);
		OK(memcmp(&k, &want, sizeof(k)) == 0,
		    "after a boot, %s: that alone is left", t[i].name);
	}
}

/* --- nonsense ------------------------------------------------------------- */

static void
test_ok(void)
{
	static const struct {
		const char *name;
		struct ledger_kept k;
		bool ok;
	} t[] = {
		{ "nothing", { .slot = 0 }, true },
		{ "the most used", { .used_ns = { INT64_MAX } }, true },
		{ "less than nothing used", { .used_ns = { [24] = -1 } },
		    false },
		{ "a negative length", { .slot_ns = -1 }, false },
		{ "a negative part", { .slot = -1 }, false },
		{ "the last part", { .slot_ns = 1, .slot = INT64_MAX - 1 },
		    true },
		{ "one more", { .slot_ns = 1, .slot = INT64_MAX }, false },
		{ "the last long one",
		    { .slot_ns = S(1), .slot = INT64_MAX / NS_PER_S - 1 },
		    true },
		{ "and one more",
		    { .slot_ns = S(1), .slot = INT64_MAX / NS_PER_S }, false },
		{ "less than nothing ahead", { .ahead_ns = -1 }, false },
		{ "accounts of the past", { .until_ns = -1 }, false },
		{ "stable before all", { .stable_ns = INT64_MIN }, false },
		{ "500 ppm", { .anchor_sppm = PPM(-500) }, true },
		{ "more", { .anchor_sppm = PPM(500) + 1 }, false },
		{ "least", { .anchor_sppm = INT64_MIN }, false },
		{ "stable at more", { .stable_sppm = PPM(-500) - 1 }, false },
		{ "all flags", { .flags = 15 }, true },
		{ "one more flag", { .flags = 16 }, false },
		{ "negative flags", { .flags = -1 }, false },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		OK(ledger_ok(&t[i].k) == t[i].ok, "ledger, %s: %s", t[i].name,
		    t[i].ok ? "read" : "refused");
}

/* Any number; the ends of the range more often. */
static int64_t
extreme(struct rng *r)
{
	static const int64_t ends[] = { INT64_MIN, INT64_MIN + 1, -1, 0, 1,
		INT64_MAX - 1, INT64_MAX };

	if (rng_chance(r, 0.5))
		return ends[rng_below(r, sizeof(ends) / sizeof(ends[0]))];
	return any(r, 63);
}

/* A ledger with valid but random numbers. */
static struct ledger_kept
garbage(struct rng *r)
{
	struct ledger_kept k;
	int64_t *numbers = (int64_t *)(void *)&k;

	do {
		for (int i = 0; i < LEDGER_WORDS; i++)
			numbers[i] = extreme(r) & INT64_MAX;
		k.anchor_sppm = any(r, 25);
		k.stable_sppm = any(r, 25);
		k.flags &= 15;
		if (k.slot_ns > 0)
			k.slot %= INT64_MAX / k.slot_ns;
	} while (!ledger_ok(&k));
	return k;
}

/* The test is that UBSan reports nothing (make SAN=1). */
static void
test_garbage(void)
{
	struct rng rng;
	bool sane = true;

	rng_init(&rng, 1, 4);
	for (int i = 0; i < 50000; i++) {
		struct ledger_kept k = garbage(&rng);
		struct ledger l = { .walked_ns = 0 };
		struct ledger_limits limits = { extreme(&rng) & INT64_MAX,
			(extreme(&rng) & (INT64_MAX - 1)) + 1,
			extreme(&rng) & INT64_MAX };

		ledger_load(&l, &k, extreme(&rng));
		if (rng_chance(&rng, 0.9))
			ledger_limit(&l, &limits, extreme(&rng));
		for (int step = 0; step < 10; step++) {
			int64_t now = extreme(&rng), amount = extreme(&rng);

			ledger_set_aside(&l, extreme(&rng));
			ledger_spend(&l, now, amount);
			(void)ledger_account(&l, extreme(&rng), amount);
			ledger_learn(&l, extreme(&rng), amount);
			ledger_give_back(&l, extreme(&rng) & INT64_MAX);
			if (rng_chance(&rng, 0.1))
				ledger_assume(&l, extreme(&rng));
			if (rng_chance(&rng, 0.1))
				ledger_forgive(&l, extreme(&rng));
			sane &= ledger_used(&l, now) >= 0 &&
			    ledger_left(&l, now) >= 0 &&
			    ledger_cost(&l, amount, now) >= 0 &&
			    llabs(ledger_rest(&l, now)) <= LEDGER_COLD_SPPM;
		}
		ledger_reboot(&l.k);
		sane &= ledger_ok(&l.k);
	}
	OK(sane, "no nonsense makes another of it");
}

#define MS (NS_PER_S / 1000)

/* What was set aside pays for what is used; only the excess is extra. */
static void
test_overdrawn(void)
{
	const int64_t part = S(3600) / 24 + 1;
	struct ledger l = { .k = { .flags = 0 } };
	struct ledger_limits limits = { .budget_ns = S(1),
		.period_ns = S(3600) };
	struct ledger_kept before;

	ledger_load(&l, &l.k, 0);
	ledger_limit(&l, &limits, 0);
	OK(!ledger_overdrawn(&l.k, &l.k), "an account is not over itself");
	ledger_set_aside(&l, 100 * MS);
	before = l.k;
	ledger_spend(&l, S(10), 40 * MS);
	ledger_spend(&l, 3 * part, 60 * MS);
	OK(!ledger_overdrawn(&before, &l.k), "what was set aside is used");
	ledger_spend(&l, 3 * part, 1);
	OK(ledger_overdrawn(&before, &l.k), "1 ns more");
	before = l.k;
	ledger_spend(&l, 26 * part, 0);
	ledger_give_back(&l, 0);
	OK(!ledger_overdrawn(&before, &l.k), "what is old is forgotten");
	/* 40 ms expire, 30 ms are new. */
	ledger_spend(&l, 25 * part, 30 * MS);
	OK(ledger_overdrawn(&before, &l.k),
	    "less than what is forgotten, and used all the same");
	before = l.k;
	ledger_set_aside(&l, 10 * MS);
	OK(ledger_overdrawn(&before, &l.k), "set aside without a charge");
	before = l.k;
	ledger_spend(&l, 1000 * part, 10 * MS);
	OK(!ledger_overdrawn(&before, &l.k),
	    "used long after it was set aside");
	before = l.k;
	limits.period_ns = S(60);
	ledger_limit(&l, &limits, 1000 * part);
	OK(!ledger_overdrawn(&before, &l.k), "a period of another length");
	ledger_spend(&l, 1000 * part, 1);
	OK(ledger_overdrawn(&before, &l.k), "and more in it");
	ledger_forgive(&l, 1000 * part);
	OK(!ledger_overdrawn(&before, &l.k), "an operator vouches");
}

int
main(void)
{
	test_budget();
	test_back();
	test_aside();
	test_limits();
	test_assumed();
	test_slept();
	test_smaller();
	test_random();
	test_band();
	test_cost();
	test_random_cost();
	test_account();
	test_learn();
	test_settle();
	test_walk();
	test_random_walk();
	test_reboot();
	test_overdrawn();
	test_ok();
	test_garbage();
	return DONE();
}
