/*
 * A source's bias, see bias.h.  Run by ntp-net.  It must never blame a source
 * before that source has a bias.
 */
#include "core/select/bias.h"

#include <math.h>
#include <string.h>

#include "core/fmath.h"
#include "core/saturate.h"

/* The share of the old weight that stays at each measurement. */
#define RECENT_KEPT	 0.875
#define LONG_TERM_KEPT	 (63.0 / 64)
#define LONG_TERM_S	 32768.0 /* s; the bias forgets no faster than this */
#define LONG_TERM_SIGMAS 3.0
#define LONG_TERM_LEAST	 8 /* measurements for a bias, */
#define RECENT_LEAST	 4 /* and for a deviation */

/* Slow enough that the first hour of a drift does not count as unrest. */
#define NIS_GAIN  (1.0 / 128)
#define NIS_LIMIT 9.0

static void
mean_take(struct bias_mean *m, double kept, double off_ns, double variance)
{
	double old = m->weight * kept, w = 1 / variance, share;

	m->weight = old + w;
	share = w / m->weight;
	m->off_ns += share * (off_ns - m->off_ns);
	m->variance = fmath_square(1 - share) * m->variance +
	    fmath_square(share) * variance;
	m->count++;
}

/* Learn noise that is larger than reported, from consecutive values. */
static void
learn_nis(struct bias *b, double off_ns, double variance)
{
	double seen = fmath_square(off_ns - b->recent.off_ns) /
	    (variance + b->recent.variance);

	b->nis += NIS_GAIN * (fmath_min(seen, NIS_LIMIT) - b->nis);
}

/*
 * Clip a value that is far from the bias, so that it changes the bias only
 * slowly.
 */
static double
tamed(const struct bias *b, double off_ns, double variance)
{
	double long_term_ns = b->long_term.off_ns;
	double most_ns = LONG_TERM_SIGMAS *
	    sqrt(fmath_max(b->nis, 1) * (variance + b->long_term.variance));

	if (b->long_term.count < LONG_TERM_LEAST)
		return off_ns;
	return fmath_clamp(
	    off_ns, long_term_ns - most_ns, long_term_ns + most_ns);
}

void
bias_take(struct bias *b, double off_ns, double variance, struct mono at)
{
	double passed_s = (double)sat_sub(at.ns, b->at.ns) / 1e9;
	double kept = fmath_max(LONG_TERM_KEPT, 1 - passed_s / LONG_TERM_S);

	if (b->recent.count > 0)
		learn_nis(b, off_ns, variance);
	b->at = at;
	mean_take(&b->recent, RECENT_KEPT, off_ns, variance);
	mean_take(&b->long_term, kept, tamed(b, off_ns, variance), variance);
}

void
bias_line_moved(struct bias *b, double by_ns)
{
	b->recent.off_ns -= by_ns;
}

void
bias_interrupted(struct bias *b)
{
	memset(&b->recent, 0, sizeof(b->recent));
}

bool
bias_deviation(const struct bias *b, double *deviation_ns, double *sigma_ns)
{
	*deviation_ns = *sigma_ns = 0;
	if (b->long_term.count < LONG_TERM_LEAST ||
	    b->recent.count < RECENT_LEAST)
		return false;
	*deviation_ns = b->recent.off_ns - b->long_term.off_ns;
	*sigma_ns = sqrt(fmath_max(b->nis, 1) *
	    (b->recent.variance + b->long_term.variance));
	return true;
}
