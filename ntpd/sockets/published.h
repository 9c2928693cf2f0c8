/*
 * Memory that ntpd makes and ntp-serve reads and writes: the page of the served
 * time, the counters, the access list.
 */
#ifndef NTPD_PUBLISHED_H
#define NTPD_PUBLISHED_H

#include <stdbool.h>
#include <stdint.h>

#include "common/proc.h"
#include "ntpd/conf/prefix.h"
#include "ntpd/sockets/memory.h"

struct published {
	struct memory page; /* of the served time; none: no service */
	bool page_sent;	    /* to the ntp-net that is running */
	struct memory counts[WORKERS_MAX]; /* each worker's counters */
	int prefixes_fd;		   /* the access list, -1: no service */
};

/* Initialise: nothing is made yet. */
void published_none(struct published *p);

/*
 * Make what that many workers need and is missing; it stays when a worker ends.
 * Returns 0, or -1 with errno after logging it.
 */
MUST_CHECK int published_make(struct published *p, uint32_t workers);

/*
 * Zero a worker's records of its clients; the worker must not be running.  The
 * counters continue.
 */
void published_forget_clients(const struct published *p, uint32_t worker);

/*
 * The access list in memory that nobody can change.  Returns a descriptor, or
 * -1 with errno after logging it.  published_use_list() takes the descriptor
 * over and closes the previous one.
 */
MUST_CHECK int published_list(const struct prefix_list *list);
void published_use_list(struct published *p, int fd);

#endif
