/*
 * Holdover, see holdover.h.  Runs in ntp-net; it only tells, and changes nothing.
 */
#include "ntp-net/poll/holdover.h"

/* No measurement has come for a while from any that is selected. */
static bool
all_silent(const struct table *t)
{
	bool any = false;

	for (uint32_t i = 0; i < SOURCES_MAX; i++) {
		const struct slot *s = &t->slots[i];
		/* What waits for its answer is not missed yet. */
		uint32_t over = (uint32_t)s->source.reach >> s->source.waiting;

		if (!s->used || s->state != STATE_SELECTED)
			continue;
		if ((over & ((1U << HOLDOVER_MISSED) - 1)) != 0)
			return false;
		any = true;
	}
	return any;
}

bool
holdover_is(const struct net *n)
{
	const struct decision *d = &n->decision;

	return d->synced && (!d->now.agreed || all_silent(&n->table));
}
