/*
 * Is the time of now, or does it go on by what was measured before?  Pure.
 */
#ifndef POLL_HOLDOVER_H
#define POLL_HOLDOVER_H

#include "ntp-net/poll/net.h"

#define HOLDOVER_MISSED 3 /* queries, and a source is silent */

/*
 * True if the time is known by what was measured before alone: the sources do
 * not agree any more, or none of those that are selected has answered its last
 * HOLDOVER_MISSED queries.
 */
bool holdover_is(const struct net *n);

#endif
