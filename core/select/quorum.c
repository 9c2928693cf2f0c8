/*
 * How many sources must agree, see quorum.h.  Run by ntp-net.  A few sources
 * must never decide what others, not heard yet, may contradict.
 */
#include "core/select/quorum.h"

/* May this source still answer soon, with a time that counts? */
static bool
may_answer(const struct voter *v)
{
	return source_counts(v->source) && !v->self &&
	    v->source->unanswered < SOURCE_BURST;
}

/* May it still get a vote soon? */
static bool
is_pending(const struct voter *v)
{
	return may_answer(v) &&
	    estimator_count(&v->source->estimator) < SOURCE_TRUST;
}

/*
 * The least number after a pause, while some sources that knew the time before
 * it have not been heard yet.  The step will be large, so one or two sources
 * must not decide it if others will answer.  0 if there is no source to wait
 * for.
 */
static uint32_t
least_again(const struct agreement *a, const struct voters *v)
{
	uint32_t all = 0, owed = 0;

	for (uint32_t k = 0; k < v->count; k++) {
		const struct source *s = v->of[k].source;
		bool heard = s->updated_at.ns >= a->resumed_at.ns;
		bool waits = !heard && may_answer(&v->of[k]) &&
		    estimator_count(&s->estimator) > 0;

		owed += waits;
		all += waits || (heard && select_votes(&v->in[k]));
	}
	if (owed == 0)
		return 0;
	return all / 2 + 1 > QUORUM_MANY || all < QUORUM_MANY ? all / 2 + 1
							      : QUORUM_MANY;
}

/*
 * Before the first agreement, sources that may still vote count as votes
 * against.  Otherwise the quickest two of four would be believed, right or
 * wrong, and the clock would be stepped to their time.
 */
static uint32_t
least_first(const struct quorum *q, const struct voters *v)
{
	uint32_t voters = q->awaited;

	for (uint32_t k = 0; k < v->count; k++) {
		voters += select_votes(&v->in[k]);
		voters += is_pending(&v->of[k]);
	}
	return (voters < SELECT_MAX ? voters : SELECT_MAX) / 2 + 1;
}

uint32_t
quorum_configured(const struct quorum *q)
{
	return q->min_sources != 0 ? q->min_sources : (q->configured + 1) / 2;
}

uint32_t
quorum_least(
    const struct quorum *q, const struct agreement *a, const struct voters *v)
{
	uint32_t least = quorum_configured(q), more = 0;

	if (!a->ever && q->min_sources == 0)
		more = least_first(q, v);
	else if (a->paused)
		more = least_again(a, v);
	return more > least ? more : least;
}
