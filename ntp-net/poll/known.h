/* The time as currently known from the last decision. */
#ifndef POLL_KNOWN_H
#define POLL_KNOWN_H

#include "ntp-net/poll/net.h"

#define HOLDOVER_MISSED 3 /* lost queries; then a source is silent */

/* UTC - raw as currently known.  Returns false if the time is not known. */
MUST_CHECK bool known_line(
    const struct net *n, struct mono now, struct estimate *out);

/*
 * The error bound of the last agreement, in ns, valid until the next decision
 * is due.  See agreement_bound_ns().
 */
int64_t known_bound_ns(const struct decision *d, struct mono now);

/*
 * Its root dispersion in ns when the bound is bound_ns: it has grown by the
 * same amount.
 */
int64_t known_dispersion_ns(const struct decision *d, int64_t bound_ns);

/*
 * A slope and its standard deviation in the form used in messages, 2^-32; the
 * latter is rounded up.
 */
int64_t known_slope(double slope);
int64_t known_slope_sigma(double slope_sigma);

/*
 * May the known time be served?  Not with a source of stratum 15: its time is
 * good enough for this machine, but no stratum is left for clients.
 */
bool known_serves(const struct decision *d);

/*
 * Holdover: true if the time is known from earlier measurements only.  Either
 * the sources no longer agree, or no selected source has answered any of its
 * last HOLDOVER_MISSED queries.
 */
bool known_holdover(const struct net *n);

#endif
