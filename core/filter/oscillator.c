/*
 * This machine's oscillator, as the measurements of one source show it, see
 * oscillator.h.  Run by ntp-net.  One step of a server must never make it look
 * wild.
 */
#include "core/filter/oscillator.h"

#include <math.h>

static uint32_t
whole_us(int64_t ns)
{
	return ns < 0		     ? 0
	    : ns / 1000 > UINT32_MAX ? UINT32_MAX
				     : (uint32_t)(ns / 1000);
}

void
oscillator_push(struct oscillator *o, const struct measurement *m)
{
	const struct oscillator_seen new = { m->at.ns, m->theta_ns,
		whole_us(m->delay_ns), whole_us(m->dispersion_ns) };

	if (o->seen[0].at_ns != 0 &&
	    m->at.ns - o->seen[0].at_ns < OSCILLATOR_GAP_NS)
		return;
	for (uint32_t i = OSCILLATOR_SEEN - 1; i > 0; i--)
		o->seen[i] = o->seen[i - 1];
	o->seen[0] = new;
}

/* The number of measurements; *least_us is their minimum round trip. */
static uint32_t
count(const struct oscillator *o, uint32_t *least_us)
{
	uint32_t n;

	*least_us = UINT32_MAX;
	for (n = 0; n < OSCILLATOR_SEEN && o->seen[n].at_ns != 0; n++)
		if (o->seen[n].delay_us < *least_us)
			*least_us = o->seen[n].delay_us;
	return n;
}

/* The error of a measurement, ns, without the part that all of them share. */
static double
blur(const struct oscillator_seen *m, uint32_t least_us)
{
	return 1e3 *
	    ((double)(m->delay_us - least_us) / 2 + (double)m->dispersion_us);
}

static double
rate(const struct oscillator_seen *a, const struct oscillator_seen *b)
{
	return (double)(b->theta_ns - a->theta_ns) /
	    (double)(b->at_ns - a->at_ns);
}

enum oscillator_is
oscillator_judge(const struct oscillator *o, double *slope)
{
	uint32_t least_us, n = count(o, &least_us);
	const struct oscillator_seen *last = &o->seen[0], *first;
	double all, error;
	int way = 0; /* gaps in which it was slow - those fast */

	*slope = 0;
	if (n < 2)
		return OSCILLATOR_UNKNOWN;
	first = &o->seen[n - 1];
	for (uint32_t i = 1; i < n; i++) {
		double part = rate(&o->seen[i], &o->seen[i - 1]);

		if (fabs(part) > OSCILLATOR_MAX / 2)
			way += part > 0 ? 1 : -1;
	}
	all = rate(first, last);
	error = (blur(first, least_us) + blur(last, least_us)) /
	    (double)(last->at_ns - first->at_ns);
	if (fabs(all) + error < OSCILLATOR_MAX)
		return OSCILLATOR_FINE;
	if (n < OSCILLATOR_SEEN || fabs(all) - error <= OSCILLATOR_MAX ||
	    (way != OSCILLATOR_SEEN - 1 && way != 1 - OSCILLATOR_SEEN))
		return OSCILLATOR_UNKNOWN;
	*slope = all;
	return OSCILLATOR_WILD;
}
