/*
 * The quality of a clock's time, core/steer/quality.c.
 */
#include <stdint.h>

#include "core/steer/quality.h"
#include "tests/tap.h"

#define MS(n) ((n)*NS_PER_MS)
#define S(n)  ((n)*NS_PER_S)

static void
test_sync(void)
{
	static const struct {
		const char *name;
		struct quality_input in;
		bool in_sync;
	} t[] = {
		{ "a good line", { MS(1), S(1), MS(1), 0, 0, 0, 0 }, true },
		{ "127 ms behind", { MS(127), 0, 0, 0, 0, 0, 0 }, true },
		{ "128 ms ahead", { -MS(128), 0, 0, 0, 0, 0, 0 }, false },
		{ "a source 3 s from its clock, as ntp-net allows by default",
		    { 0, 0, 0, 0, S(4), S(1), 0 }, true },
		{ "a bound of 16 s", { 0, 0, 0, 0, 0, S(16), 0 }, false },
		{ "the most that there is",
		    { INT64_MIN, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX,
			INT64_MAX, INT64_MAX },
		    false },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct quality q = quality_of(&t[i].in);

		OK(q.in_sync == t[i].in_sync, "%s", t[i].name);
		OK(q.bound_ns >= q.estimate_ns && q.estimate_ns >= 0,
		    "and the bound is not less than the estimate");
	}
}

static void
test_bound(void)
{
	/* 100 s at 3 sigmas of 1 ppm and GROWTH_PARTS of 10^6. */
	struct quality_input in = { -MS(1), S(100), MS(2), 4295, MS(10), MS(3),
		S(64) };
	struct quality q = quality_of(&in);

	IS_I64(q.estimate_ns, MS(3), "the error and the line's sigma");
	NEAR((double)q.bound_ns, 3e6 + 5e6 + 3e6 + 300e3 + 100e3, 2e3,
	    "half the root delay, dispersion and age come to it");
}

static void
test_late(void)
{
	struct quality_input in = { .interval_ns = S(16), .age_ns = S(128) };

	OK(!quality_of(&in).late, "8 intervals: not late");
	in.age_ns = S(128) + 8;
	OK(quality_of(&in).late, "and then late");
	in.interval_ns = 0;
	in.age_ns = S(64);
	OK(!quality_of(&in).late, "nothing is late before 64 s");
	IS_I64(quality_interval(0, S(64)), S(64), "the longest interval");
	IS_I64(quality_interval(S(64), 0), S(56), "is slowly forgotten");
	IS_I64(quality_interval(S(64), S(60)), S(60), "the next one counts");
}

static void
test_us(void)
{
	IS_I64(quality_us(0), 0, "nothing");
	IS_I64(quality_us(1), 1, "a nanosecond is told as one microsecond");
	IS_I64(quality_us(1000), 1, "and so is a whole one");
	IS_I64(quality_us(INT64_C(15999999001)), 16000000, "16 s, rounded up");
	IS_I64(quality_us(S(16)), QUALITY_MAX_US, "the most");
	IS_I64(quality_us(INT64_MAX), QUALITY_MAX_US, "whatever it is");
	IS_I64(quality_us(-1), QUALITY_MAX_US, "and what none can be");
}

int
main(void)
{
	test_sync();
	test_bound();
	test_late();
	test_us();
	return DONE();
}
