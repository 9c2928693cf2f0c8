/*
 * The minimum of a source's round trips: that of the path without queueing.  It
 * is learned as the minimum seen, and forgotten when a new route is longer.
 * Run by ntp-net.  Pure; all state is in the caller's struct.
 */
#ifndef CORE_MIN_DELAY_H
#define CORE_MIN_DELAY_H

#include "core/types.h"

#define MIN_DELAY_NEWEST    256 /* the newest round trips, one by one */
#define MIN_DELAY_BLOCKS    64	/* older ones: the minimum of each block ... */
#define MIN_DELAY_BLOCK_LEN 32	/* ... of this length */

struct min_delay {
	int64_t delays_ns[MIN_DELAY_NEWEST]; /* ring */
	uint32_t next;
	uint32_t count; /* at most MIN_DELAY_NEWEST */
	int64_t
	    blocks_ns[MIN_DELAY_BLOCKS]; /* ring; the newest is being filled */
	uint32_t block_next;
	uint32_t block_count; /* at most MIN_DELAY_BLOCKS */
	uint32_t
	    block_filled; /* in the newest block, 1 to MIN_DELAY_BLOCK_LEN */
};

/* Forget everything; all zero is the same. */
void min_delay_init(struct min_delay *f);

/*
 * Remember a round trip, ns, at least 0.  Returns true if it and those before
 * it show that the route is a new and longer one; the old one is then
 * forgotten.
 */
bool min_delay_push(struct min_delay *f, int64_t delay_ns);

/* The minimum of all that is remembered, ns; 0 if there is none. */
int64_t min_delay_ns(const struct min_delay *f);

/*
 * The minimum of the last eight, ns; 0 if there is none.  A bound of the error
 * uses this one, because the minimum may be an older route's.
 */
int64_t min_delay_recent_ns(const struct min_delay *f);

/* How far min_delay_ns() is above the true minimum, ns (expected value). */
double min_delay_error_ns(const struct min_delay *f);

/* The mean excess of the newest round trips over min_delay_ns(), ns. */
double min_delay_mean_excess_ns(const struct min_delay *f);

/* The number of round trips behind min_delay_ns(). */
uint32_t min_delay_count(const struct min_delay *f);

#endif
