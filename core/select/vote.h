/*
 * A decision: from what each source shows to what all agree on.  Pure.
 */
#ifndef CORE_VOTE_H
#define CORE_VOTE_H

#include "core/select/agreement.h"
#include "core/select/quorum.h"

/* What the configuration asks of a decision. */
struct vote_rules {
	struct quorum quorum;
	int64_t max_distance_ns; /* a source that is farther has no vote */
};

struct vote_events {
	int64_t leapt_ns; /* the time line has leapt by so much; 0: no */
	bool ask; /* all sources are to be asked soon, a few times in a row */
};

/*
 * Decide by v->of[] at a moment: the result is in a->now, a->peer and a->votes,
 * and what became of each in v->state[]; an agreement is kept in a->last.
 */
struct vote_events vote_decide(struct agreement *a, struct voters *v,
    const struct vote_rules *rules, struct mono now);

#endif
