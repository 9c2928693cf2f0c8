/*
 * Notices of the kernel that there may be a way to the sources that was not
 * there before: a link, an address, a route.  ntpd reads them, and tells
 * ntp-net no more than that.  It listens only while ntp-net looks for a way, so
 * that a machine in sync is not woken up by its network.
 */
#ifndef NTPD_WAYS_H
#define NTPD_WAYS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/types.h"

#define WAYS_PAUSE_NS NS_PER_S /* from one to the next */

struct ways {
	int fd;		/* -1: the kernel tells nobody here */
	int64_t due_ns; /* CLOCK_BOOTTIME: nothing is read before */
};

/* Ask for notices; w->fd is -1, with errno, where they cannot be had. */
void ways_open(struct ways *w);

/* Should its descriptor be waited for, and if not now, from when on? */
bool ways_listens(const struct ways *w, int64_t now_ns);

/*
 * Read what there is, some of it at least.  Returns true if it is news.  The
 * next is not before WAYS_PAUSE_NS.
 */
bool ways_read(struct ways *w, int64_t now_ns);

#endif
