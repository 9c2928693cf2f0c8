/*
 * From sources to one time, at the moments when there may be news; what is
 * decided is told by publish.h.
 *
 * The time stays known after the sources have fallen silent or disagree: the
 * last line on which they agreed goes on, with an error that grows, until the
 * bound of that error is above the maximum distance that is configured.
 * ntp-clock gets no samples meanwhile; the served root dispersion grows as the
 * bound does.
 */
#ifndef POLL_DECIDE_H
#define POLL_DECIDE_H

#include "ntp-net/poll/net.h"

#define ONCE_WAIT_NS (30 * NS_PER_S) /* ntpd -q: agree by then */

/*
 * To be called in every turn of the loop: does what the time and the sources
 * ask for, and nothing if there is nothing new.
 */
void decide_step(struct net *n, struct mono now);

/* ntp-clock has found that the machine was paused: raw time stood still. */
void decide_paused(struct net *n, struct mono now);

/* When it wants to be called at the latest. */
struct mono decide_deadline(const struct net *n);

/* True around a leap second: queries and answers have to wait. */
bool decide_quiet(const struct net *n, struct mono now);

/* A new configuration, page or ntp-clock: decide anew, tell everybody. */
void decide_again(struct net *n);

#endif
