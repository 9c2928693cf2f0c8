/*
 * The intervals in which each source says that the true time is, and the part
 * that a majority of them shares (RFC 5905 section 11.2.1 and appendix
 * A.5.5.1).  Run by ntp-net.  Pure.
 */
#ifndef CORE_INTERVAL_H
#define CORE_INTERVAL_H

#include "core/types.h"

#define INTERVALS_MAX SOURCES_MAX

struct interval {
	int64_t low_ns, middle_ns, high_ns;
};

/* An end or the middle of an interval, RFC 5905 appendix A.5.5.1. */
struct edge {
	int64_t at_ns;
	int type; /* -1 lower end, 0 middle, +1 upper end */
};

/* The ends and middles of all intervals, sorted; all zero is the empty set. */
struct intervals {
	struct edge edges[3 * INTERVALS_MAX];
	uint32_t n; /* number of edges */
};

/* Add an interval; at most INTERVALS_MAX in all. */
void intervals_add(struct intervals *v, const struct interval *i);

/*
 * The largest number of intervals that share a point; *low_ns is where that
 * begins.  There must be at least one interval.
 */
uint32_t intervals_most(const struct intervals *v, int64_t *low_ns);

/*
 * The smallest interval that a majority, and as many as possible, of them
 * share.  With middles_count, the middles outside of it may be no more than the
 * falsetickers.  Returns false if there is none.
 */
MUST_CHECK bool intervals_share(
    const struct intervals *v, bool middles_count, struct interval *shared);

/* Do the two share a point? */
bool interval_touch(const struct interval *a, const struct interval *b);

#endif
