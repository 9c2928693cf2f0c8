/*
 * The kernel's notices that there may be a new route to the sources: a link, an
 * address, a route.  ntpd reads them, and tells ntp-net only that.  It listens
 * only while ntp-net searches for a route, so that a synchronized machine is
 * not woken up by its network.
 */
#ifndef NTPD_WAYS_H
#define NTPD_WAYS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/types.h"

#define WAYS_PAUSE_NS NS_PER_S /* from one read to the next */

struct ways {
	int fd;		/* -1: no notices */
	int64_t due_ns; /* CLOCK_BOOTTIME: nothing is read before */
};

/* Subscribe to notices; w->fd is -1, with errno, if that fails. */
void ways_open(struct ways *w);

/* Should its descriptor be polled now?  If not, w->due_ns says from when. */
bool ways_listens(const struct ways *w, int64_t now_ns);

/*
 * Read what has arrived, some of it at least.  Returns true if there is news.
 * The next read is WAYS_PAUSE_NS later at the earliest.
 */
bool ways_read(struct ways *w, int64_t now_ns);

#endif
