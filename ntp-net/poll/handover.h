/*
 * The page of served time that a dead ntp-net left behind.  Its successor knows
 * nothing for some seconds, or for longer while no source is reachable.
 * Clients should not notice: the old line remains valid, with a growing error
 * bound.
 */
#ifndef POLL_HANDOVER_H
#define POLL_HANDOVER_H

#include <stdbool.h>

#include "common/page.h"
#include "core/types.h"

/*
 * Keep the page's contents if they are synchronized and their error bound, at
 * raw time now, does not exceed limit_ns.  Marks them as silent, so that the
 * bound grows as for a line without new measurements.  Otherwise returns false
 * and changes nothing.
 */
bool handover_keep(struct page *page, struct mono now, int64_t limit_ns);

#endif
