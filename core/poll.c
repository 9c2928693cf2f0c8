/*
 * Poll control: how long to wait between two queries to one source.  Run by
 * ntp-net; it must never let a server, or the lack of one, make us ask more
 * often than the configured minimum.
 */
#include "poll.h"

/*
 * A measurement whose innovation is within its own noise says that asking less
 * would cost little (+1); one far outside says that the clock has moved more
 * between two queries than the network blurs (-4).  With Gaussian noise the
 * score stands still where the prediction's error is 0.8 of the noise.
 */
#define SCORE_RAISE 4
#define SCORE_LOWER (-8)
#define SCORE_GOOD  1
#define SCORE_BAD   (-4)
#define RATIO_GOOD  1.0
#define RATIO_BAD   2.0
#define RATIO_AWFUL 8.0 /* lower at once */

/* An unreachable source is asked at most this much less than the minimum. */
#define UNREACHABLE_AFTER     8
#define UNREACHABLE_RISE_LOG2 2

static uint8_t
ceiling_log2(const struct poll *p)
{
	return p->floor_log2 > p->max_log2 ? p->floor_log2 : p->max_log2;
}

static void
ask_more(struct poll *p)
{
	p->score = 0;
	if (p->now_log2 > p->floor_log2)
		p->now_log2--;
}

static void
ask_less(struct poll *p)
{
	p->score = 0;
	if (p->now_log2 < ceiling_log2(p))
		p->now_log2++;
}

void
poll_init(struct poll *p, uint8_t min_log2, uint8_t max_log2)
{
	p->min_log2 = min_log2;
	p->max_log2 = max_log2;
	p->now_log2 = min_log2;
	p->floor_log2 = min_log2;
	p->score = 0;
}

void
poll_restart(struct poll *p)
{
	p->now_log2 = p->floor_log2;
	p->score = 0;
}

void
poll_measured(struct poll *p, double innovation_ns, double expected_ns)
{
	double size_ns = innovation_ns < 0 ? -innovation_ns : innovation_ns;
	double unit_ns = expected_ns > 1 ? expected_ns : 1;
	int score = p->score;

	if (size_ns > RATIO_AWFUL * unit_ns) {
		ask_more(p);
		return;
	}
	if (size_ns <= RATIO_GOOD * unit_ns)
		score += SCORE_GOOD;
	else if (size_ns > RATIO_BAD * unit_ns)
		score += SCORE_BAD;
	p->score = (int8_t)score;
	if (score >= SCORE_RAISE)
		ask_less(p);
	else if (score <= SCORE_LOWER)
		ask_more(p);
}

void
poll_rate_kiss(struct poll *p)
{
	if (p->now_log2 < POLL_RATE_MAX_LOG2)
		p->now_log2++;
	p->floor_log2 = p->now_log2;
	p->score = 0;
}

void
poll_unanswered(struct poll *p, unsigned int in_a_row)
{
	int limit = p->floor_log2 + UNREACHABLE_RISE_LOG2;

	if (in_a_row == 0 || in_a_row % UNREACHABLE_AFTER != 0)
		return;
	if (p->now_log2 < limit)
		ask_less(p);
}

int64_t
poll_interval_ns(const struct poll *p, uint32_t random)
{
	int64_t base_ns = NS_PER_S << p->now_log2;
	/* 0 to 4 % in steps of 2^-16 of that, so that nothing overflows. */
	int64_t part_ns = base_ns / 25 / 65536 * (int64_t)(random >> 16);

	return base_ns + part_ns;
}
