/*
 * The time as currently known, see known.h.  Run by ntp-net.  Must never change
 * anything: it only reports.
 */
#include "ntp-net/poll/known.h"

#include <string.h>

#include "core/fmath.h"
#include "core/saturate.h"

bool
known_line(const struct net *n, struct mono now, struct estimate *out)
{
	const struct decision *d = &n->decision;

	memset(out, 0, sizeof(*out));
	if (!d->synced)
		return false;
	*out = estimate_at(&d->agreement.last.line, now);
	return true;
}

int64_t
known_bound_ns(const struct decision *d, struct mono now)
{
	const struct agreement *a = &d->agreement;

	return agreement_bound_ns(a, sat_add(d->gap_ns, DECIDE_GAP_NS), now);
}

int64_t
known_dispersion_ns(const struct decision *d, int64_t bound_ns)
{
	const struct select_output *o = &d->agreement.last;

	return o->root_dispersion_ns + bound_ns - o->distance_ns;
}

int64_t
known_slope(double slope)
{
	return (int64_t)fmath_round(slope * (double)SLOPE_ONE);
}

int64_t
known_slope_sigma(double slope_sigma)
{
	return (int64_t)fmath_ceil(slope_sigma * (double)SLOPE_ONE);
}

bool
known_serves(const struct decision *d)
{
	return d->synced && d->agreement.last.stratum < STRATUM_NONE;
}

/* True if no selected source has been measured for a while. */
static bool
all_silent(const struct table *t)
{
	bool any = false;

	for (uint32_t i = 0; i < t->end; i++) {
		const struct slot *s = &t->slots[i];

		if (!s->used || s->status != SLOT_SELECTED)
			continue;
		if (!source_silent(&s->source, HOLDOVER_MISSED))
			return false;
		any = true;
	}
	return any;
}

bool
known_holdover(const struct net *n)
{
	const struct decision *d = &n->decision;

	return d->synced && (!d->agreement.now.agreed || all_silent(&n->table));
}
