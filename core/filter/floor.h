/*
 * The floor of a source's round trips: their minimum, without queueing.  It is
 * learned as the minimum seen, and forgotten when a new route is longer.  Run
 * by ntp-net.  Pure; all state is in the caller's struct.
 */
#ifndef CORE_FLOOR_H
#define CORE_FLOOR_H

#include "core/types.h"

#define FLOOR_DELAYS	256 /* the newest round trips, one by one */
#define FLOOR_BLOCKS	64  /* older ones: the minimum of each block ... */
#define FLOOR_BLOCK_LEN 32  /* ... of this length */

struct floor {
	int64_t delays_ns[FLOOR_DELAYS]; /* ring */
	uint32_t next;
	uint32_t count;			 /* at most FLOOR_DELAYS */
	int64_t blocks_ns[FLOOR_BLOCKS]; /* ring; the newest is being filled */
	uint32_t block_next;
	uint32_t block_count;  /* at most FLOOR_BLOCKS */
	uint32_t block_filled; /* in the newest block, 1 to FLOOR_BLOCK_LEN */
};

/* Forget everything; all zero is the same. */
void floor_init(struct floor *f);

/*
 * Remember a round trip, ns, at least 0.  Returns true if it and those before
 * it show that the route is a new and longer one; the old one is then
 * forgotten.
 */
bool floor_push(struct floor *f, int64_t delay_ns);

/* The minimum of all that is remembered, ns; 0 if there is none. */
int64_t floor_ns(const struct floor *f);

/*
 * The minimum of the last eight, ns; 0 if there is none.  A bound of the error
 * uses this one, because the floor may be an older route's.
 */
int64_t floor_recent_ns(const struct floor *f);

/* How far floor_ns() is above the true floor, ns (expected value). */
double floor_error_ns(const struct floor *f);

/* The mean excess of the newest round trips over floor_ns(), ns. */
double floor_mean_excess_ns(const struct floor *f);

/* The number of round trips behind floor_ns(). */
uint32_t floor_count(const struct floor *f);

#endif
