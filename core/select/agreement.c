/*
 * What the sources agree on, see agreement.h.  Run by ntp-net.  It must never
 * make a bound smaller than what is known.
 */
#include "core/select/agreement.h"

#include <string.h>

#include "core/fmath.h"
#include "core/line.h"

void
agreement_begin(struct agreement *a)
{
	a->peer = -1;
}

int64_t
agreement_bound_ns(const struct agreement *a, int64_t due_ns, struct mono now)
{
	const struct select_output *o = &a->last;
	int64_t age_ns = sat_sub(now.ns, a->last_at.ns);
	double drift_ns;

	if (age_ns < 0)
		age_ns = 0;
	drift_ns = LINE_SIGMAS * o->line.slope_sigma * (double)age_ns;
	return sat_add(sat_add(o->distance_ns, line_growth_ns(age_ns, due_ns)),
	    fmath_to_int64(fmath_ceil(drift_ns)));
}

struct wall
agreement_utc(const struct agreement *a, struct mono now)
{
	return (struct wall){ sat_add(
	    estimate_at(&a->last.line, now).theta_ns, now.ns) };
}

void
agreement_join(struct agreement *a, const struct voters *v)
{
	struct joint_input parts[SELECT_MAX] = { 0 };
	int64_t apart_ns;

	a->keyed = false;
	for (uint32_t k = 0; k < v->count; k++) {
		const struct voter *s = &v->of[k];
		struct joint_input *p = &parts[s->place];

		p->part = v->state[k] == SELECT_SELECTED ? JOINT_IN
		    : v->state[k] == SELECT_OUTLIER	 ? JOINT_ASIDE
							 : JOINT_OUT;
		a->keyed |= p->part == JOINT_IN && s->keyed;
		p->weight = a->now.weight[k];
		p->line = v->in[k].line;
		p->fresh = s->fresh && source_observation(s->source, &p->last);
	}
	apart_ns = joint_update(&a->joint, parts, SELECT_MAX,
	    &v->of[a->now.peer].source->estimator, &a->now.line);
	a->now.distance_ns = sat_add(a->now.distance_ns, apart_ns);
	a->now.root_dispersion_ns =
	    sat_add(a->now.root_dispersion_ns, apart_ns);
}

void
agreement_keep(struct agreement *a, struct mono now)
{
	a->last = a->now;
	a->last_at = now;
	a->ever = true;
	a->paused = false;
}

void
agreement_shift(struct agreement *a, int64_t by_ns)
{
	a->last.line.theta_ns = sat_add(a->last.line.theta_ns, by_ns);
	joint_shift(&a->joint, by_ns);
}

void
agreement_paused(struct agreement *a, int64_t sigma_ns, struct mono now)
{
	joint_stop(&a->joint);
	a->paused = a->ever;
	a->resumed_at = now;
	/* The bound of the line is no better, either. */
	a->last.distance_ns = sat_add(a->last.distance_ns, sigma_ns);
}
