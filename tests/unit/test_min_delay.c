/*
 * The minimum round trip: the least of many, older ones in blocks, and what is
 * dropped when a route changes.
 */
#include "core/filter/min_delay.h"

#include <math.h>
#include <string.h>

#include "tests/tap.h"

#define US INT64_C(1000)

static struct min_delay f;

static void
push(int n, int64_t delay_ns)
{
	for (int i = 0; i < n; i++)
		OK(!min_delay_push(&f, delay_ns + i % 7 * US),
		    "%d us is on the same route", (int)(delay_ns / US));
}

static void
test_least(void)
{
	min_delay_init(&f);
	IS_I64(min_delay_ns(&f), 0, "nothing before the first");
	IS_I64(min_delay_recent_ns(&f), 0, "of the last eight neither");
	OK(min_delay_error_ns(&f) == 0, "and no error");
	push(1, 100 * US);
	NEAR(min_delay_error_ns(&f), 0.64 * 50e3, 1,
	    "after one, half of it may be in excess");
	push(20, 110 * US);
	IS_I64(min_delay_ns(&f), 100 * US, "the least");
	IS_I64(min_delay_recent_ns(&f), 110 * US, "the least of eight");
	IS_I64(min_delay_count(&f), 21, "of so many");
}

/* The ring has 256; 64 blocks of 32 hold older ones. */
static void
test_blocks(void)
{
	const int all =
	    MIN_DELAY_NEWEST + MIN_DELAY_BLOCKS * MIN_DELAY_BLOCK_LEN;
	int wrong = 0;

	min_delay_init(&f);
	(void)min_delay_push(&f, 100 * US);
	for (int i = 1; i < all; i++) {
		(void)min_delay_push(&f, 110 * US + i % 7 * US);
		wrong += min_delay_ns(&f) != 100 * US;
		wrong += min_delay_count(&f) != (uint32_t)i + 1;
	}
	IS_I64(wrong, 0, "one of %d is remembered", all);
	for (int i = 0; i < MIN_DELAY_BLOCK_LEN; i++)
		(void)min_delay_push(&f, 110 * US + i % 7 * US);
	IS_I64(min_delay_ns(&f), 110 * US, "and forgotten after that");
	OK(min_delay_count(&f) <= (uint32_t)all,
	    "no more than there is room for");
}

/* Excess 0 to 6 us, mean about 3: by 96 us / n is a new route. */
static void
test_route(void)
{
	static const struct {
		int64_t longer_ns;
		int after;
	} cases[] = { { 20 * US, 8 }, { 8 * US, 16 }, { 5 * US, 32 },
		{ 2 * US, 0 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int after = 0;

		min_delay_init(&f);
		push(100, 100 * US);
		for (int k = 1; k <= 100 && after == 0; k++)
			if (min_delay_push(
				&f, 100 * US + cases[i].longer_ns + k % 7 * US))
				after = k;
		IS_I64(after, cases[i].after, "%d us longer",
		    (int)(cases[i].longer_ns / US));
		if (after > 0)
			OK(min_delay_ns(&f) == 100 * US + cases[i].longer_ns &&
				min_delay_count(&f) == (uint32_t)after,
			    "only the new ones count");
	}
}

/* Gamma distributed excess (two exponentials): the error is as given. */
static void
test_error(void)
{
	uint64_t random = 88172645463325252u;
	double sum = 0, promised = 0;

	for (int run = 0; run < 400; run++) {
		min_delay_init(&f);
		for (int i = 0; i < 200; i++) {
			double u[2];

			for (int k = 0; k < 2; k++) {
				random ^= random << 13;
				random ^= random >> 7;
				random ^= random << 17;
				u[k] = ((double)(random >> 11) + 0.5) /
				    9007199254740992.0;
			}
			(void)min_delay_push(
			    &f, (int64_t)(1e6 - 1e5 * log(u[0] * u[1])));
		}
		sum += (double)min_delay_ns(&f) - 1e6;
		promised += min_delay_error_ns(&f);
	}
	NEAR(promised / sum, 1, 0.1, "mean error %.0f ns, promised %.0f ns",
	    sum / 400, promised / 400);
}

static void
test_extremes(void)
{
	min_delay_init(&f);
	for (int i = 0; i < 5000; i++)
		(void)min_delay_push(&f, i % 3 == 0 ? INT64_MAX : i % 2);
	OK(isfinite(min_delay_error_ns(&f)), "extremes leave a number");
	IS_I64(min_delay_ns(&f), 0, "and the least");
}

int
main(void)
{
	test_least();
	test_blocks();
	test_route();
	test_error();
	test_extremes();
	return DONE();
}
