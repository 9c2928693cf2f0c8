/*
 * A decision: from what each source shows to what all agree on.  Run by
 * ntp-net.  Pure.
 */
#ifndef CORE_VOTE_H
#define CORE_VOTE_H

#include "core/select/agreement.h"
#include "core/select/quorum.h"

/* The configured rules of a decision. */
struct vote_rules {
	struct quorum quorum;
	int64_t max_distance_ns; /* a source beyond it has no vote */
};

struct vote_events {
	int64_t leapt_ns; /* jump of the time line; 0: none */
	bool ask;	  /* poll all sources soon, in a burst */
};

/*
 * Decide by v->of[] at a moment.  Sets a->now and a->peer, and v->state[]
 * for each source; an agreement is kept in a->last.
 */
struct vote_events vote_decide(struct agreement *a, struct voters *v,
    const struct vote_rules *rules, struct mono now);

#endif
