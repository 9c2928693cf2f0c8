/*
 * Why the time is not known, or the clock does not follow it, as a sentence.
 */
#ifndef POLL_WHY_H
#define POLL_WHY_H

#include "core/steer/quality.h"
#include "ntp-net/poll/net.h"

#define IN_SYNC_NS QUALITY_OFFSET_NS /* a clock farther off is not in sync */

/*
 * Synchronized, as people are told?  Without a clock process, and where it may
 * not set the clock, it is enough that the time is known.  Else the clock must
 * follow it: neither frozen, nor without a line, nor off by IN_SYNC_NS or more.
 * why gets a sentence if it is not, and is empty if it is, but that it may say
 * that the sources are silent.
 */
bool why_synced(const struct net *n, int64_t offset_ns, char why[REASON_LEN]);

/* A distance or bound as people write it, in at least three digits. */
#define WHY_SECONDS_LEN 24
const char *why_seconds(char buf[WHY_SECONDS_LEN], int64_t ns);

#endif
