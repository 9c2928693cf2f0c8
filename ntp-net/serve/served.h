/*
 * What ntp-net left on the page of served time.
 */
#ifndef SERVE_SERVED_H
#define SERVE_SERVED_H

#include "common/page.h"
#include "core/serve/serve.h"

/*
 * The time that is served, by a state that is ok: what is not plausible counts
 * for nothing, and no page (NULL) neither.
 */
struct serve_state served_read(const struct page *page);

#endif
