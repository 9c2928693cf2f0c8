/*
 * The time as it is known now, by what was decided last.
 */
#ifndef POLL_KNOWN_H
#define POLL_KNOWN_H

#include "ntp-net/poll/net.h"

#define HOLDOVER_MISSED 3 /* queries, and a source is silent */

/* UTC - raw as known now.  Returns false where the time is not known. */
MUST_CHECK bool known_line(
    const struct net *n, struct mono now, struct estimate *out);

/*
 * The bound of the error of the last agreement, ns, see agreement_bound_ns();
 * the next one is due when the next decision is.
 */
int64_t known_bound_ns(const struct decision *d, struct mono now);

/* Its root dispersion, ns, which has grown by as much. */
int64_t known_dispersion_ns(const struct decision *d, struct mono now);

/*
 * May the time that is known be given to others?  That of a source of stratum 15
 * may not: it is good for this machine, and no stratum is left for the next one.
 */
bool known_serves(const struct decision *d);

/*
 * Holdover: true if the time is known by what was measured before alone.  The
 * sources do not agree any more, or none of those that are selected has answered
 * its last HOLDOVER_MISSED queries.
 */
bool known_holdover(const struct net *n);

#endif
