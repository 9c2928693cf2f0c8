/*
 * From several sources to one time, whenever there may be news.  publish.h
 * tells others what was decided.
 *
 * The time stays known when the sources fall silent or disagree (holdover).
 * The last agreed line is continued with a growing error bound, until the bound
 * exceeds the configured maximum distance.  Meanwhile ntp-clock gets no
 * samples, and the served root dispersion grows with the bound.
 */
#ifndef POLL_DECIDE_H
#define POLL_DECIDE_H

#include "ntp-net/poll/net.h"

#define ONCE_WAIT_NS (30 * NS_PER_S) /* ntpd -q: time limit for an agreement */

/*
 * Call this in every turn of the loop.  Handles what the time and the sources
 * require; does nothing if nothing is new.
 */
void decide_step(struct net *n, struct mono now);

/* ntp-clock has detected that the machine was paused: raw time stood still. */
void decide_paused(struct net *n, struct mono now);

/* The latest time for the next call of decide_step(). */
struct mono decide_deadline(const struct net *n);

/* True around a leap second: queries and answers must wait. */
bool decide_quiet(const struct net *n, struct mono now);

/*
 * There is a new configuration, page or ntp-clock: decide again and tell
 * everybody.
 */
void decide_again(struct net *n);

#endif
