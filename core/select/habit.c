/*
 * A source's habit, see habit.h.  Run by ntp-net.  It must never blame a source
 * before that source has a habit.
 */
#include "core/select/habit.h"

#include <math.h>
#include <string.h>

#include "core/real.h"
#include "core/saturate.h"

/* The share of the old weight that stays at each measurement. */
#define LATE_KEPT    0.875
#define USUAL_KEPT   (63.0 / 64)
#define USUAL_S	     32768.0 /* s; the habit forgets no faster than this */
#define USUAL_SIGMAS 3.0
#define USUAL_LEAST  8 /* measurements for a habit, */
#define LATE_LEAST   4 /* and for a deviation */

/* Slow enough that the first hour of a drift does not count as unrest. */
#define UNREST_GAIN  (1.0 / 128)
#define UNREST_LIMIT 9.0

static void
mean_take(struct habit_mean *m, double kept, double off_ns, double variance)
{
	double old = m->weight * kept, w = 1 / variance, share;

	m->weight = old + w;
	share = w / m->weight;
	m->off_ns += share * (off_ns - m->off_ns);
	m->variance = real_square(1 - share) * m->variance +
	    real_square(share) * variance;
	m->count++;
}

/* Learn noise that is larger than reported, from consecutive values. */
static void
learn_unrest(struct habit *h, double off_ns, double variance)
{
	double seen = real_square(off_ns - h->late.off_ns) /
	    (variance + h->late.variance);

	h->unrest += UNREST_GAIN * (real_min(seen, UNREST_LIMIT) - h->unrest);
}

/*
 * Clip a value that is far from the habit, so that it changes the habit only
 * slowly.
 */
static double
tamed(const struct habit *h, double off_ns, double variance)
{
	double usual_ns = h->usual.off_ns;
	double most_ns = USUAL_SIGMAS *
	    sqrt(real_max(h->unrest, 1) * (variance + h->usual.variance));

	if (h->usual.count < USUAL_LEAST)
		return off_ns;
	return real_clamp(off_ns, usual_ns - most_ns, usual_ns + most_ns);
}

void
habit_take(struct habit *h, double off_ns, double variance, struct mono at)
{
	double passed_s = (double)sat_sub(at.ns, h->at.ns) / 1e9;
	double kept = real_max(USUAL_KEPT, 1 - passed_s / USUAL_S);

	if (h->late.count > 0)
		learn_unrest(h, off_ns, variance);
	h->at = at;
	mean_take(&h->late, LATE_KEPT, off_ns, variance);
	mean_take(&h->usual, kept, tamed(h, off_ns, variance), variance);
}

void
habit_line_moved(struct habit *h, double by_ns)
{
	h->late.off_ns -= by_ns;
}

void
habit_interrupted(struct habit *h)
{
	memset(&h->late, 0, sizeof(h->late));
}

bool
habit_departure(const struct habit *h, double *departure_ns, double *sigma_ns)
{
	*departure_ns = *sigma_ns = 0;
	if (h->usual.count < USUAL_LEAST || h->late.count < LATE_LEAST)
		return false;
	*departure_ns = h->late.off_ns - h->usual.off_ns;
	*sigma_ns = sqrt(
	    real_max(h->unrest, 1) * (h->late.variance + h->usual.variance));
	return true;
}
