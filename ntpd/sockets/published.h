/*
 * What ntp-serve reads, and writes, in memory that ntpd has made: the page of the
 * served time, the counters, the access list.
 */
#ifndef NTPD_PUBLISHED_H
#define NTPD_PUBLISHED_H

#include <stdbool.h>
#include <stdint.h>

#include "common/proc.h"
#include "ntpd/conf/prefix.h"
#include "ntpd/sockets/memory.h"

struct published {
	struct memory page; /* of the served time; none: nobody is served */
	bool page_sent;	    /* to the ntp-net that runs */
	struct memory counts[WORKERS_MAX]; /* what each counts */
	int prefixes_fd; /* the access list, -1: nobody is served */
};

/* Nothing is there yet. */
void published_none(struct published *p);

/*
 * Make what so many workers need and is not there yet: it stays, also when a
 * worker ends.  Returns 0, or -1 with errno after a line of log.
 */
MUST_CHECK int published_make(struct published *p, uint32_t workers);

/*
 * Zero the records of the clients of a worker, which must not run.  The counters
 * go on.
 */
void published_forget_clients(const struct published *p, uint32_t worker);

/*
 * The access list in memory that nobody can change.  Returns a descriptor, or -1
 * with errno after a line of log; published_use_list() takes it over, in place of
 * the one before.
 */
MUST_CHECK int published_list(const struct prefix_list *list);
void published_use_list(struct published *p, int fd);

#endif
