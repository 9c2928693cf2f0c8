/*
 * A decision, see vote.h.  Run by ntp-net.  It must never give a vote to a
 * source that has too few measurements, or that does not serve UTC.
 */
#include "core/select/vote.h"

#include <math.h>
#include <string.h>

#include "core/select/anomaly.h"

#define STAMPS_SIGMA_NS 500.0 /* a busy machine's stamps are no better */

static void
make_input(const struct voter *v, int64_t max_distance_ns, struct mono now,
    struct select_input *in)
{
	const struct source *s = v->source;
	const struct source_root root = source_root(s, now);

	memset(in, 0, sizeof(*in));
	in->usable = estimator_count(&s->estimator) >= SOURCE_TRUST &&
	    s->reach != 0 && s->query != QUERY_DENIED && !v->self &&
	    !v->smeared && source_estimate(s, now, &in->line);
	in->distance_ns = root.distance_ns;
	in->too_far = in->distance_ns > max_distance_ns;
	in->root_delay_ns = root.delay_ns;
	in->root_dispersion_ns = root.dispersion_ns;
	in->stratum = s->stratum;
	in->leap = s->leap;
	in->deviating = v->deviating;
	in->has_bias =
	    bias_deviation(v->bias, &in->deviation_ns, &in->deviation_sigma_ns);
	in->deviation_sigma_ns =
	    sqrt(in->deviation_sigma_ns * in->deviation_sigma_ns +
		STAMPS_SIGMA_NS * STAMPS_SIGMA_NS);
}

/*
 * Select.  If that excluded a source too soon, select again, without the biases
 * that it could be excluded for.  Returns true if all sources are to be polled.
 */
static bool
select_voters(struct agreement *a, struct voters *v,
    const struct quorum *quorum, struct mono now)
{
	uint32_t least = quorum_least(quorum, a, v);
	int32_t last_peer = -1;
	struct anomaly is;

	for (uint32_t k = 0; k < v->count; k++)
		if (a->peer == (int32_t)v->of[k].place)
			last_peer = (int32_t)k;
	select_sources(v->in, v->count, least, last_peer, v->state, &a->now);
	is = anomaly_selected(a, v, now);
	if (is.again)
		select_sources(
		    v->in, v->count, least, last_peer, v->state, &a->now);
	return is.ask;
}

struct vote_events
vote_decide(struct agreement *a, struct voters *v,
    const struct vote_rules *rules, struct mono now)
{
	struct vote_events events = { anomaly_measurements(a, v), false };

	for (uint32_t k = 0; k < v->count; k++)
		make_input(&v->of[k], rules->max_distance_ns, now, &v->in[k]);
	events.ask = select_voters(a, v, &rules->quorum, now);
	if (a->now.agreed) {
		agreement_join(a, v);
		anomaly_line(a, v, now);
		agreement_keep(a, now);
		a->peer = (int32_t)v->of[a->now.peer].place;
	} else {
		a->peer = -1;
	}
	return events;
}
