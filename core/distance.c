/*
 * How far from the true time a source may be by its own account, see source.h:
 * its root distance, and what that grows by while no measurement comes.  Pure.
 */
#include "ageing.h"
#include "saturate.h"
#include "source.h"

/* From one measurement to the next, if it comes; interleaved, one later. */
static int64_t
due_ns(const struct source *s)
{
	int64_t interval_ns = poll_interval_ns(&s->poll, UINT32_MAX);

	if (s->interleave.held)
		interval_ns = sat_add(interval_ns, interval_ns);
	return sat_add(interval_ns, SOURCE_ANSWER_WAIT_NS);
}

bool
source_overdue(const struct source *s, struct mono now)
{
	return sat_sub(now.ns, s->updated_at.ns) > due_ns(s);
}

/* What has been lost since the last valid answer; the next has its time. */
static int64_t
age_ns(const struct source *s, struct mono now)
{
	int64_t age = sat_sub(now.ns, s->updated_at.ns);

	return age > 0 ? ageing_ns(age, due_ns(s)) : 0;
}

int64_t
source_total_delay_ns(const struct source *s)
{
	return sat_add(s->root_delay_ns, floor_recent_ns(&s->estimator.floor));
}

int64_t
source_total_dispersion_ns(const struct source *s, struct mono now)
{
	struct estimate line;
	int64_t own_ns = estimator_scatter_ns(&s->estimator);
	int64_t sum_ns = s->root_dispersion_ns +
	    (s->dispersion_ns > own_ns ? s->dispersion_ns : own_ns);

	if (!estimator_predict(&s->estimator, now, &line))
		return SOURCE_DISPERSION_NS;
	sum_ns = sat_add(sum_ns, age_ns(s, now));
	return sat_add(sum_ns, sat_from_double(line.sigma_ns));
}

int64_t
source_root_distance_ns(const struct source *s, struct mono now)
{
	return sat_add(
	    source_total_delay_ns(s) / 2, source_total_dispersion_ns(s, now));
}
