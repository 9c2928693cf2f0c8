/*
 * Reading what the ntp-serve processes count (common/counts.h).  What is there
 * was written by programs that talk to the whole internet, and changes while it
 * is read: it is copied, checked, and never followed.
 */
#ifndef OBSERVE_STATS_H
#define OBSERVE_STATS_H

#include "common/clock.h"
#include "common/counts.h"
#include "common/msg.h"
#include "core/serve/limit.h"

struct stats {
	int fds[WORKERS_MAX]; /* -1: none */
	struct timeline timeline;
};

/* Some records of one worker, and when they were read. */
#define STATS_VIEW 64
struct stats_view {
	uint64_t begin; /* the number of the first, 0 to STATS_CLIENTS */
	uint32_t count; /* 0: nothing was read yet */
	int64_t raw_ns;
	struct limit_client clients[STATS_VIEW]; /* family 0: none */
};

/* The sockets and clients of all workers have numbers from 0 up to these. */
#define STATS_SOCKETS ((uint64_t)WORKERS_MAX * COUNTS_SOCKETS)
#define STATS_CLIENTS ((uint64_t)WORKERS_MAX * LIMIT_CLIENTS)

void stats_init(struct stats *st);

/*
 * Where a worker counts.  The descriptor is taken over; of a worker that has
 * one already it is closed.  Returns -1 if there can be no such worker.
 */
MUST_CHECK int stats_take(struct stats *st, uint32_t worker, int fd);

/* Which worker the socket or the client of this number belongs to. */
uint32_t stats_socket_worker(uint64_t number);
uint32_t stats_client_worker(uint64_t number);

/* False if there is no such socket now. */
MUST_CHECK bool stats_socket(
    const struct stats *st, uint64_t number, struct msg_server_status *out);

/*
 * False if there is no such client now.  Of those in the view, which begins
 * as zeros, nothing is read again.
 */
MUST_CHECK bool stats_client(struct stats *st, struct stats_view *view,
    uint64_t number, struct msg_client_status *out);

#endif
