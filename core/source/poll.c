/*
 * Poll control: the time between two queries to one source.  Run by ntp-net.
 * No server, by its answers or its silence, must ever make us ask more often
 * than the configured minimum.
 */
#include "core/source/poll.h"

#include "core/saturate.h"

/*
 * The best interval is where the network noise equals the wander of the
 * oscillator (tests/sim/ESTIMATOR, "The poll").  With a shorter one, the noise
 * is all that is averaged; with a longer one, the clock wanders off unseen.
 * The uncertainty grows by a quarter over an interval that is a little shorter
 * than the best one.  If the interval doubles, the growth (minus 1) is 1.6
 * times as large, so the limits are farther apart than that.
 */
#define GROWTH_LOW   1.215 /* ask less */
#define GROWTH_START 1.25
#define GROWTH_HIGH  1.36 /* ask more */
#define GROWTH_AWFUL 2.0  /* at once */
#define GROWTH_STEP  1.6
#define GROWTH_GAIN  (1.0 / 8)

/*
 * An unreachable source is asked at most this much more slowly than the
 * minimum.
 */
#define UNREACHABLE_RISE_LOG2 2

static uint8_t
ceiling_log2(const struct poll *p)
{
	return p->rate_limit_log2 > p->max_log2 ? p->rate_limit_log2
						: p->max_log2;
}

static void
ask_more(struct poll *p)
{
	p->growth = GROWTH_START;
	if (p->now_log2 > p->rate_limit_log2)
		p->now_log2--;
}

static void
ask_less(struct poll *p)
{
	p->growth = GROWTH_START;
	if (p->now_log2 < ceiling_log2(p))
		p->now_log2++;
}

void
poll_pace_init(struct poll_pace *p, uint8_t min_log2)
{
	p->interval_ns = NS_PER_S << min_log2;
	p->due.ns = INT64_MIN;
}

struct mono
poll_pace_next(const struct poll_pace *p)
{
	return (struct mono){ sat_sub(p->due.ns, POLL_AHEAD * p->interval_ns) };
}

void
poll_pace_asked(struct poll_pace *p, struct mono now)
{
	if (p->due.ns < now.ns)
		p->due = now;
	p->due.ns = sat_add(p->due.ns, p->interval_ns);
}

void
poll_pace_unsent(struct poll_pace *p)
{
	p->due.ns = sat_sub(p->due.ns, p->interval_ns);
}

void
poll_init(struct poll *p, uint8_t min_log2, uint8_t max_log2)
{
	p->min_log2 = min_log2;
	p->max_log2 = max_log2;
	p->now_log2 = min_log2;
	p->rate_limit_log2 = min_log2;
	p->growth = GROWTH_START;
}

void
poll_restart(struct poll *p)
{
	p->now_log2 = p->rate_limit_log2;
	p->growth = GROWTH_START;
}

void
poll_measured(struct poll *p, double growth)
{
	if (!(growth >= 1))
		growth = 1;
	for (; growth > GROWTH_AWFUL && p->now_log2 > p->rate_limit_log2;
	     growth = 1 + (growth - 1) / GROWTH_STEP)
		ask_more(p);
	p->growth += (growth - p->growth) * GROWTH_GAIN;
	if (p->growth < GROWTH_LOW)
		ask_less(p);
	else if (p->growth > GROWTH_HIGH)
		ask_more(p);
}

void
poll_surprised(struct poll *p)
{
	ask_more(p);
}

void
poll_rate_kiss(struct poll *p)
{
	if (p->now_log2 < POLL_RATE_MAX_LOG2)
		p->now_log2++;
	if (p->now_log2 <= POLL_RATE_MAX_LOG2)
		p->rate_limit_log2 = p->now_log2;
	else if (p->rate_limit_log2 < POLL_RATE_MAX_LOG2)
		p->rate_limit_log2 = POLL_RATE_MAX_LOG2;
	p->growth = GROWTH_START;
}

void
poll_unanswered(struct poll *p, unsigned int in_a_row)
{
	int limit = p->rate_limit_log2 + UNREACHABLE_RISE_LOG2;

	if (in_a_row == 0 || in_a_row % POLL_UNREACHABLE_AFTER != 0)
		return;
	if (p->now_log2 < limit)
		ask_less(p);
}

int64_t
poll_search_ns(const struct poll *p)
{
	return NS_PER_S << (p->rate_limit_log2 + UNREACHABLE_RISE_LOG2);
}

int64_t
poll_interval_ns(const struct poll *p, uint32_t random)
{
	int64_t base_ns = NS_PER_S << p->now_log2;
	/* 0 to 6 % in steps of 2^-16 of that, to avoid overflow. */
	int64_t part_ns = base_ns / 50 * 3 / 65536 * (int64_t)(random >> 16);

	return base_ns + part_ns;
}
