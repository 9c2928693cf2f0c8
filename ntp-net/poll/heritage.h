/*
 * What an ntp-net that has died left on the page of served time.  Its successor
 * knows nothing for some seconds, or for as long as no source is in reach, and
 * clients are not to see that: the line is as good as it was, and its bound
 * grows.
 */
#ifndef POLL_HERITAGE_H
#define POLL_HERITAGE_H

#include <stdbool.h>

#include "common/page.h"
#include "core/types.h"

/*
 * Leave what is on the page there, if it is the time in sync and its bound has
 * not reached limit_ns at a raw time: marked as silent, so that the bound grows
 * as for one that nobody renews.  Returns false, and changes nothing, if not.
 */
bool heritage_keep(struct page *page, struct mono now, int64_t limit_ns);

#endif
