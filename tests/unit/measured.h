/* Made-up measurements of a source that answers well, for tests of decisions. */
#ifndef TESTS_UNIT_MEASURED_H
#define TESTS_UNIT_MEASURED_H

#include "core/source/source.h"

/* UTC - raw in these tests. */
#define THETA_NS INT64_C(1700000000000000000)

/* The last `count` measurements of a source, off by off_ns. */
static inline void
measured(struct source *s, struct mono now, int64_t off_ns, int count)
{
	for (int k = 0; k < count; k++) {
		const struct measurement m = {
			.at = { now.ns - (count - 1 - k) * NS_PER_MS },
			.theta_ns = THETA_NS + off_ns,
			.delay_ns = 100000,
			.dispersion_ns = 1000
		};

		(void)estimator_update(&s->estimator, &m);
	}
	s->reach = 1;
	s->stratum = 2;
	s->root_dispersion_ns = 50000;
	s->updated_at = now;
	s->unanswered = 0;
}

#endif
