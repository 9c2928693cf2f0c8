/*
 * How fast this machine's oscillator runs, see speed.h.  Run by ntp-net.  Once
 * an oscillator is found too fast, it must never be accepted again before the
 * line and the sources are sure.
 */
#include "core/select/speed.h"

#include <math.h>

/* A line proves that the oscillator runs well within this many sigmas. */
#define SLOPE_SIGMAS 3

/* What the sources show: the number of sources for each result. */
struct shown {
	uint32_t wild, fine, all;
	double slope; /* mean of those that see it wild */
};

static struct shown
ask_sources(const struct voters *v)
{
	struct shown shown = { 0, 0, 0, 0 };

	for (uint32_t k = 0; k < v->count; k++) {
		const struct estimator *e = &v->of[k].source->estimator;
		const struct measurement *m = estimator_newest(e);
		struct oscillator *o = v->of[k].oscillator;
		enum oscillator_is is;
		double slope;

		if (m != NULL)
			oscillator_push(o, m);
		is = oscillator_judge(o, &slope);
		shown.wild += is == OSCILLATOR_WILD;
		shown.fine += is == OSCILLATOR_FINE;
		shown.all += o->seen[0].at_ns != 0;
		shown.slope += slope;
	}
	if (shown.wild != 0)
		shown.slope /= shown.wild;
	return shown;
}

/*
 * An oscillator that was found wild stays so until both the sources and the
 * line are sure that it is not: the slope of a line that has just restarted is
 * only an assumption.
 */
void
speed_judge(struct agreement *a, const struct voters *v)
{
	double line = a->last.line.slope;
	double sigmas = SLOPE_SIGMAS * a->last.line.slope_sigma;
	struct shown shown = ask_sources(v);

	if (!a->ever)
		return;
	if (fabs(line) > OSCILLATOR_MAX || shown.wild > shown.all / 2) {
		a->too_fast = true;
		a->wild_slope =
		    fabs(line) > OSCILLATOR_MAX ? line : shown.slope;
	} else if (fabs(line) + sigmas < OSCILLATOR_MAX &&
	    shown.fine > shown.all / 2) {
		a->too_fast = false;
	}
}
