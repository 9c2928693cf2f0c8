/*
 * Read the page of served time, which ntp-net writes.
 */
#ifndef SERVE_SERVED_TIME_H
#define SERVE_SERVED_TIME_H

#include "common/page.h"
#include "core/serve/serve.h"

/*
 * The served time as a valid state.  Implausible content counts as no time, and
 * so does a missing page (NULL).
 */
struct serve_state served_time_read(const struct page *page);

#endif
