/*
 * How many sources must agree, see quorum.h.  Runs in ntp-net; it must never let a
 * few decide what others that are yet to be heard may deny.
 */
#include "ntp-net/poll/quorum.h"

/* True while a source may still come to have a vote soon. */
static bool
is_pending(const struct slot *s)
{
	return s->used && source_counts(&s->source, TRUST_COUNT) && !s->self &&
	    s->source.estimator.bank.count < TRUST_COUNT &&
	    s->source.unanswered < SOURCE_BURST;
}

/*
 * How many must agree at least after a pause, while some who knew the time before
 * it have yet to be heard.  It will be a large step: one alone, or two, have not to
 * say of that, if others come that can.  0: there is nobody to be waited for.
 */
static uint32_t
least_again(const struct net *n, const struct voters *v)
{
	uint32_t all = 0, owed = 0;

	for (uint32_t k = 0; k < v->count; k++) {
		const struct slot *s = &n->table.slots[v->slot_of[k]];
		bool heard =
		    s->source.updated_at.ns >= n->decision.resumed_at.ns;
		bool waits = !heard && source_counts(&s->source, TRUST_COUNT) &&
		    !s->self && s->source.estimator.bank.count > 0 &&
		    s->source.unanswered < SOURCE_BURST;

		owed += waits;
		all += waits || (heard && v->in[k].usable && !v->in[k].too_far);
	}
	if (owed == 0)
		return 0;
	return all / 2 + 1 > QUORUM_MANY || all < QUORUM_MANY ? all / 2 + 1
							      : QUORUM_MANY;
}

/*
 * Until there has been an agreement, those that may yet vote count as votes
 * against: else the quickest two of four would be believed, right or wrong, and
 * the clock be stepped to what they say.
 */
static uint32_t
least_first(const struct net *n, const struct voters *v)
{
	uint32_t voters = table_awaited(&n->table);

	for (uint32_t k = 0; k < v->count; k++)
		voters += v->in[k].usable && !v->in[k].too_far;
	for (uint32_t i = 0; i < SOURCES_MAX; i++)
		voters += is_pending(&n->table.slots[i]);
	return (voters < SOURCES_MAX ? voters : SOURCES_MAX) / 2 + 1;
}

uint32_t
quorum_least(const struct net *n, const struct voters *v)
{
	uint32_t least = n->table.config.min_sources, more = 0;
	bool given = least != 0;

	if (!given)
		least = (table_configured(&n->table) + 1) / 2;
	if (!n->decision.ever_agreed && !given)
		more = least_first(n, v);
	else if (n->decision.paused)
		more = least_again(n, v);
	return more > least ? more : least;
}
