/*
 * The minimum of the round trips, see min_delay.h.  Run by ntp-net.  A few slow
 * round trips must never raise the minimum.
 */
#include "core/filter/min_delay.h"

#include <math.h>
#include <string.h>

#include "core/fmath.h"

#define RECENT 8 /* as the clock filter of RFC 5905 section 10 */

/*
 * Round trips far above the minimum mean a new route: 8 in a row by four times
 * the mean excess, 16 by twice, 32 by once (tests/sim/ESTIMATOR, S8).
 */
#define ROUTE_COUNT   8
#define ROUTE_LONGEST 32
#define ROUTE_EXCESS  32.0
#define ROUTE_MIN_NS  2.0 /* no reading of a clock is better */

void
min_delay_init(struct min_delay *f)
{
	memset(f, 0, sizeof(*f));
}

/* The k-th newest round trip; k is 1 for the newest. */
static int64_t
newest_ns(const struct min_delay *f, uint32_t k)
{
	return f
	    ->delays_ns[(f->next + MIN_DELAY_NEWEST - k) % MIN_DELAY_NEWEST];
}

/* The minimum of the newest n. */
static int64_t
least_of_newest_ns(const struct min_delay *f, uint32_t n)
{
	int64_t low = INT64_MAX;

	for (uint32_t k = 1; k <= n; k++)
		if (newest_ns(f, k) < low)
			low = newest_ns(f, k);
	return n > 0 ? low : 0;
}

int64_t
min_delay_ns(const struct min_delay *f)
{
	int64_t low = least_of_newest_ns(f, f->count);

	for (uint32_t k = 0; k < f->block_count; k++)
		if (f->blocks_ns[k] < low)
			low = f->blocks_ns[k];
	return low;
}

int64_t
min_delay_recent_ns(const struct min_delay *f)
{
	return least_of_newest_ns(f, f->count < RECENT ? f->count : RECENT);
}

uint32_t
min_delay_count(const struct min_delay *f)
{
	if (f->block_count == 0)
		return f->count;
	return f->count + (f->block_count - 1) * MIN_DELAY_BLOCK_LEN +
	    f->block_filled;
}

/* The mean of the newest ones, without the last n. */
static double
mean_before_ns(const struct min_delay *f, uint32_t n)
{
	double sum = 0;

	for (uint32_t k = n + 1; k <= f->count; k++)
		sum += (double)newest_ns(f, k);
	return f->count > n ? sum / (f->count - n) : 0;
}

double
min_delay_mean_excess_ns(const struct min_delay *f)
{
	return mean_before_ns(f, 0) - (double)min_delay_ns(f);
}

/*
 * If both directions are exponential and alike, the minimum of n is above the
 * true minimum by about the mean excess times 0.9 / sqrt(2n).  While there are few
 * round trips, half of the round trip itself replaces that mean.
 */
double
min_delay_error_ns(const struct min_delay *f)
{
	double n = min_delay_count(f), seen = f->count;
	double low_ns = (double)min_delay_ns(f), mean_ns;

	if (f->count == 0)
		return 0;
	mean_ns = min_delay_mean_excess_ns(f) * seen / fmath_max(seen - 1, 1) +
	    low_ns / 2 / (n * n);
	return 0.64 * mean_ns / sqrt(n);
}

/* Are all of the newest n far above the minimum? */
static bool
is_new_route(const struct min_delay *f, uint32_t n)
{
	double low_ns = (double)min_delay_ns(f);
	double mean_ns = mean_before_ns(f, n) - low_ns;

	return f->count >= 2 * n &&
	    (double)least_of_newest_ns(f, n) - low_ns >
	    ROUTE_EXCESS / n * mean_ns + ROUTE_MIN_NS;
}

/* Move one that leaves the ring into a block. */
static void
retire(struct min_delay *f, int64_t delay_ns)
{
	uint32_t newest =
	    (f->block_next + MIN_DELAY_BLOCKS - 1) % MIN_DELAY_BLOCKS;

	if (f->block_count > 0 && f->block_filled < MIN_DELAY_BLOCK_LEN) {
		if (delay_ns < f->blocks_ns[newest])
			f->blocks_ns[newest] = delay_ns;
		f->block_filled++;
		return;
	}
	f->blocks_ns[f->block_next] = delay_ns;
	f->block_next = (f->block_next + 1) % MIN_DELAY_BLOCKS;
	if (f->block_count < MIN_DELAY_BLOCKS)
		f->block_count++;
	f->block_filled = 1;
}

static void
forget_before(struct min_delay *f, uint32_t n)
{
	f->count = n;
	f->block_count = 0;
	f->block_filled = 0;
	f->block_next = 0;
}

bool
min_delay_push(struct min_delay *f, int64_t delay_ns)
{
	bool new_route = false;

	if (f->count == MIN_DELAY_NEWEST)
		retire(f, f->delays_ns[f->next]);
	else
		f->count++;
	f->delays_ns[f->next] = delay_ns;
	f->next = (f->next + 1) % MIN_DELAY_NEWEST;
	for (uint32_t n = ROUTE_COUNT; n <= ROUTE_LONGEST; n *= 2) {
		if (!is_new_route(f, n))
			continue;
		forget_before(f, n);
		new_route = true;
	}
	return new_route;
}
