/*
 * Why the time is unknown, or why the clock does not follow it, as a sentence.
 */
#ifndef POLL_WHY_H
#define POLL_WHY_H

#include "core/steer/quality.h"
#include "ntp-net/poll/net.h"

#define IN_SYNC_NS QUALITY_OFFSET_NS /* a larger offset is not in sync */

/*
 * True if this machine counts as synchronized.  Without ntp-clock, or if it may
 * not set the clock, it is enough that the time is known.  Otherwise the clock
 * must follow: not frozen, with a line, and with an offset below IN_SYNC_NS.
 * If false, why is set to the reason.  If true, why is empty, or says that the
 * sources are silent.
 */
bool why_synced(const struct net *n, int64_t offset_ns, char why[REASON_LEN]);

/* Format a distance or bound for people, with at least three digits. */
#define WHY_SECONDS_LEN 24
const char *why_seconds(char buf[WHY_SECONDS_LEN], int64_t ns);

#endif
