/*
 * Poll control: limits, direction, kisses, intervals.
 */
#include "core/source/poll.h"

#include <math.h>

#include "tests/tap.h"

static struct poll
poll_at(uint8_t min, uint8_t max, uint8_t now)
{
	struct poll p;

	poll_init(&p, min, max);
	p.now_log2 = now;
	return p;
}

/* Measurements until the poll changes; 0 if it does not. */
static int
moves_after(struct poll *p, double growth)
{
	uint8_t before = p->now_log2;

	for (int i = 1; i <= 100; i++) {
		poll_measured(p, growth);
		if (p->now_log2 != before)
			return i;
	}
	return 0;
}

static void
test_measured(void)
{
	static const struct {
		const char *name;
		uint8_t now;
		double growth;
		int moves, after_least, after_most;
	} t[] = {
		{ "no growth: ask less", 6, 1, 1, 1, 4 },
		{ "little growth: ask less, later", 6, 1.20, 1, 8, 16 },
		{ "more: ask more", 6, 1.5, -1, 2, 8 },
		{ "just right", 6, 1.25, 0, 0, 0 },
		{ "at one end of that", 6, 1.22, 0, 0, 0 },
		{ "at the other end", 6, 1.32, 0, 0, 0 },
		{ "very much: at once", 6, 2.1, -1, 1, 1 },
		{ "by several steps", 9, 3.7, -3, 1, 1 },
		{ "all of them", 10, 1e30, -6, 1, 1 },
		{ "infinite", 10, INFINITY, -6, 1, 1 },
		{ "not below the minimum", 4, 1e9, 0, 0, 0 },
		{ "not above the maximum", 10, 1, 0, 0, 0 },
		{ "not a number is no growth", 6, NAN, 1, 1, 4 },
		{ "nor is less than one", 6, -1e30, 1, 1, 4 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct poll p = poll_at(4, 10, t[i].now);
		int after = moves_after(&p, t[i].growth);

		IS_I64(p.now_log2, t[i].now + t[i].moves, "%s", t[i].name);
		OK(after >= t[i].after_least && after <= t[i].after_most,
		    "%s: after %d", t[i].name, after);
	}
}

/* Twice the interval has 1.6 times the growth: no oscillation. */
static void
test_hysteresis(void)
{
	static const struct {
		const char *name;
		double at_16_s; /* growth, minus 1 */
	} t[] = { { "a little noise", 0.1 }, { "more", 0.02 },
		{ "much", 0.005 } };

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct poll p = poll_at(4, 17, 4);
		int moves = 0;

		for (int n = 0; n < 1000; n++) {
			uint8_t before = p.now_log2;

			poll_measured(
			    &p, 1 + t[i].at_16_s * pow(1.6, p.now_log2 - 4));
			moves += n >= 100 && p.now_log2 != before;
		}
		IS_I64(moves, 0, "%s: it stays", t[i].name);
		OK(p.now_log2 > 4, "%s: where it went to", t[i].name);
	}
}

static void
test_surprised(void)
{
	struct poll p = poll_at(4, 10, 6);

	poll_surprised(&p);
	IS_I64(p.now_log2, 5, "surprised: asks twice as often");
	poll_surprised(&p);
	poll_surprised(&p);
	IS_I64(p.now_log2, 4, "not more often than the minimum");
}

static void
test_rate_kiss(void)
{
	struct poll p = poll_at(0, 17, 0);

	for (int i = 1; i <= 40; i++)
		poll_rate_kiss(&p);
	IS_I64(p.now_log2, POLL_RATE_MAX_LOG2, "kisses raise to the cap");
	IS_I64(moves_after(&p, 1e9), 0, "and it stays there");

	p = poll_at(0, 17, 15);
	poll_rate_kiss(&p);
	IS_I64(p.now_log2, 15, "what is above the cap stays");

	p = poll_at(4, 4, 4);
	poll_rate_kiss(&p);
	IS_I64(p.now_log2, 5, "the maximum gives way to a kiss");
	poll_restart(&p);
	IS_I64(p.now_log2, 5, "for good");
}

static void
test_unanswered(void)
{
	struct poll p = poll_at(4, 10, 4);

	for (unsigned int i = 0; i < 8; i++)
		poll_unanswered(&p, i);
	IS_I64(p.now_log2, 4, "seven in a row are nothing");
	poll_unanswered(&p, 8);
	IS_I64(p.now_log2, 5, "eight are");
	for (unsigned int i = 9; i < 1000; i++)
		poll_unanswered(&p, i);
	IS_I64(p.now_log2, 6, "a quarter of the floor's rate is the least");
	poll_restart(&p);
	IS_I64(p.now_log2, 4, "it is there again");

	p = poll_at(6, 7, 6);
	for (unsigned int i = 0; i < 1000; i++)
		poll_unanswered(&p, i);
	IS_I64(p.now_log2, 7, "the maximum holds");
}

static void
test_interval(void)
{
	static const uint32_t randoms[] = { 0, 1, 0x80000000, UINT32_MAX };
	int wrong = 0;

	for (uint8_t log2 = 0; log2 <= POLL_MAX_LOG2; log2++) {
		struct poll p = poll_at(log2, log2, log2);
		int64_t base = NS_PER_S << log2;

		for (size_t i = 0; i < 4; i++) {
			int64_t ns = poll_interval_ns(&p, randoms[i]);

			wrong += ns < base || ns > base + base / 50 * 3;
		}
		wrong +=
		    poll_interval_ns(&p, 0) == poll_interval_ns(&p, UINT32_MAX);
	}
	IS_I64(wrong, 0, "0 to 6 %% above 2^n s, for all n");
}

int
main(void)
{
	test_measured();
	test_hysteresis();
	test_surprised();
	test_rate_kiss();
	test_unanswered();
	test_interval();
	return DONE();
}
