/*
 * Intervals in which the truth is by what each source says, and what a majority of
 * them share (RFC 5905 section 11.2.1 and appendix A.5.5.1).  Pure.
 */
#ifndef CORE_INTERVAL_H
#define CORE_INTERVAL_H

#include "core/types.h"

#define INTERVALS_MAX 64

struct interval {
	int64_t low_ns, middle_ns, high_ns;
};

/* An end or the middle of an interval, RFC 5905 appendix A.5.5.1. */
struct edge {
	int64_t at_ns;
	int type; /* -1 lower end, 0 middle, +1 upper end */
};

/* The ends and middles of all intervals, in order; zeros: there is none. */
struct intervals {
	struct edge edges[3 * INTERVALS_MAX];
	uint32_t n; /* edges */
};

/* One more, at most INTERVALS_MAX in all. */
void intervals_add(struct intervals *v, const struct interval *i);

/* How many share a moment at most, and where that begins; n is not 0. */
uint32_t intervals_most(const struct intervals *v, int64_t *low_ns);

/*
 * The smallest interval that a majority, and as many as possible, of them
 * share.  With middles_count, no more of them may have their middle outside of
 * it than are false.  Returns false if there is none.
 */
MUST_CHECK bool intervals_share(
    const struct intervals *v, bool middles_count, struct interval *shared);

/* Have the two a moment in common? */
bool interval_touch(const struct interval *a, const struct interval *b);

#endif
