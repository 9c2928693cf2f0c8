/*
 * How fast this machine's oscillator runs, see speed.h.  Runs in ntp-net.
 */
#include "ntp-net/poll/speed.h"

#include <math.h>

#include "core/filter/oscillator.h"
#include "ntp-net/poll/decide.h"

/* So sure must a line be that the oscillator runs well. */
#define SLOPE_SIGMAS 3

/* The source's newest measurement, if it has one. */
static void
look(struct slot *s)
{
	const struct measurement *m = estimator_newest(&s->source.estimator);

	if (m != NULL)
		oscillator_push(&s->oscillator, m);
}

/*
 * How many sources show a wild one, how many a fine one, and how many were
 * measured?  Returns what the first say that its slope is, in the mean.
 */
static double
ask_sources(struct net *n, uint32_t *wild, uint32_t *fine, uint32_t *all)
{
	double sum = 0, slope;

	*wild = *fine = *all = 0;
	for (uint32_t i = 0; i < SOURCES_MAX; i++) {
		struct slot *s = &n->table.slots[i];
		enum oscillator_is is;

		if (!s->used)
			continue;
		look(s);
		is = oscillator_judge(&s->oscillator, &slope);
		*wild += is == OSCILLATOR_WILD;
		*fine += is == OSCILLATOR_FINE;
		*all += s->oscillator.seen[0].at_ns != 0;
		sum += slope;
	}
	return *wild == 0 ? 0 : sum / *wild;
}

/*
 * An oscillator that was found to be beyond all reason stays so until both the
 * sources and the line are sure that it is not: a line that has just begun anew
 * has a slope that is only supposed.
 */
void
speed_judge(struct net *n)
{
	struct decision *d = &n->decision;
	double line = d->last.line.slope;
	double sigmas = SLOPE_SIGMAS * d->last.line.slope_sigma;
	uint32_t wild, fine, all;
	double slope = ask_sources(n, &wild, &fine, &all);

	if (!d->ever_agreed)
		return;
	if (fabs(line) > OSCILLATOR_MAX || wild > all / 2) {
		d->too_fast = true;
		d->wild_slope = fabs(line) > OSCILLATOR_MAX ? line : slope;
	} else if (fabs(line) + sigmas < OSCILLATOR_MAX && fine > all / 2) {
		d->too_fast = false;
	}
}

bool
decide_too_fast(const struct decision *d)
{
	return d->too_fast;
}
