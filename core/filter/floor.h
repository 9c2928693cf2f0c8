/*
 * The floor of the round trips of a source: what they are when no queue stands
 * in the way.  Learned as the least one seen, unlearned when a new route is
 * longer.  Pure; all state is in the caller's struct.
 */
#ifndef CORE_FLOOR_H
#define CORE_FLOOR_H

#include "core/types.h"

#define FLOOR_DELAYS	256 /* the newest round trips, each of them */
#define FLOOR_BLOCKS	64  /* and of older ones the least of ... */
#define FLOOR_BLOCK_LEN 32  /* ... so many */

struct floor {
	int64_t delays_ns[FLOOR_DELAYS]; /* ring */
	uint32_t next;
	uint32_t count;			 /* at most FLOOR_DELAYS */
	int64_t blocks_ns[FLOOR_BLOCKS]; /* ring; the newest is filling */
	uint32_t block_next;
	uint32_t block_count;  /* at most FLOOR_BLOCKS */
	uint32_t block_filled; /* of the newest block, 1 to FLOOR_BLOCK_LEN */
};

/* Forget all; zeros are the same. */
void floor_init(struct floor *f);

/*
 * Remember a round trip, ns, at least 0.  Returns true if it shows, with those
 * before it, that the route is a new and longer one: the old one is forgotten.
 */
bool floor_push(struct floor *f, int64_t delay_ns);

/* The least of all that is remembered, ns; 0 before any. */
int64_t floor_ns(const struct floor *f);

/*
 * The least of the last eight, ns; 0 before any: what a bound of the error may
 * count on, for the older floor may be of another route.
 */
int64_t floor_recent_ns(const struct floor *f);

/* By how much floor_ns() may well be above the true floor, ns (a mean). */
double floor_error_ns(const struct floor *f);

/* By how much round trips are above floor_ns() in the mean of the newest, ns. */
double floor_mean_excess_ns(const struct floor *f);

/* How many round trips stand behind floor_ns(). */
uint32_t floor_count(const struct floor *f);

#endif
