/*
 * What is known of a source's time, see source.h: its line, the error bound
 * that the source itself claims, and how that grows without measurements.  Run
 * by ntp-net.  Pure.  The bound must never be smaller than what the source
 * claims.
 */
#include <string.h>

#include "core/fmath.h"
#include "core/line.h"
#include "core/saturate.h"
#include "core/source/source.h"

/*
 * The longest time from one measurement to the next; in interleaved mode a
 * measurement is one interval older.
 */
static int64_t
due_ns(const struct source *s)
{
	int64_t interval_ns = poll_interval_ns(&s->poll, UINT32_MAX);

	if (s->interleave.last != LAST_NONE)
		interval_ns = sat_add(interval_ns, interval_ns);
	return sat_add(interval_ns, SOURCE_ANSWER_WAIT_NS);
}

struct mono
source_due(const struct source *s)
{
	return (struct mono){ sat_add(s->updated_at.ns, due_ns(s)) };
}

bool
source_overdue(const struct source *s, struct mono now)
{
	return sat_sub(now.ns, s->updated_at.ns) > due_ns(s);
}

/*
 * The growth of the dispersion since the last valid answer, ns; the next answer
 * resets it.
 */
static int64_t
age_ns(const struct source *s, struct mono now)
{
	int64_t age = sat_sub(now.ns, s->updated_at.ns);

	return age > 0 ? line_growth_ns(age, due_ns(s)) : 0;
}

static int64_t
total_dispersion_ns(const struct source *s, struct mono now)
{
	struct estimate line;
	int64_t own_ns = estimator_scatter_ns(&s->estimator);
	int64_t sum_ns = s->root_dispersion_ns +
	    (s->dispersion_ns > own_ns ? s->dispersion_ns : own_ns);

	if (!estimator_predict(&s->estimator, now, &line))
		return SOURCE_DISPERSION_NS;
	sum_ns = sat_add(sum_ns, age_ns(s, now));
	return sat_add(sum_ns, fmath_to_int64(line.sigma_ns));
}

struct source_root
source_root(const struct source *s, struct mono now)
{
	struct source_root r = {
		.delay_ns = sat_add(s->root_delay_ns,
		    estimator_recent_min_delay_ns(&s->estimator)),
		.dispersion_ns = total_dispersion_ns(s, now),
	};

	r.distance_ns = sat_add(r.delay_ns / 2, r.dispersion_ns);
	return r;
}

int64_t
source_root_distance_ns(const struct source *s, struct mono now)
{
	return source_root(s, now).distance_ns;
}

bool
source_estimate(const struct source *s, struct mono now, struct estimate *out)
{
	return estimator_predict(&s->estimator, now, out);
}

bool
source_observation(const struct source *s, struct observation *out)
{
	memset(out, 0, sizeof(*out));
	if (estimator_count(&s->estimator) == 0 ||
	    s->updated_at.ns != estimator_at(&s->estimator).ns)
		return false;
	*out = *estimator_last(&s->estimator);
	return true;
}

void
source_interrupted(struct source *s)
{
	interleave_forget(&s->interleave);
}

void
source_leapt(struct source *s, int64_t by_ns, double sigma_ns)
{
	estimator_shift(&s->estimator, by_ns);
	estimator_loosen(&s->estimator, sigma_ns);
	source_interrupted(s);
	if (!s->outlier) /* otherwise it was measured after the jump */
		s->theta_ns = sat_add(s->theta_ns, by_ns);
	s->outlier = false;
}
