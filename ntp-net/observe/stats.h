/*
 * Read the counters of the ntp-serve processes (common/counts.h).  They were
 * written by programs that talk to the whole internet, and change while they
 * are read: they are copied, checked, and never used as pointers.
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
	uint64_t begin; /* number of the first, 0 to STATS_CLIENTS */
	uint32_t count; /* 0: nothing was read yet */
	int64_t raw_ns;
	struct limit_client clients[STATS_VIEW]; /* family 0: none */
};

/* Sockets and clients of all workers are numbered from 0 up to these limits. */
#define STATS_SOCKETS ((uint64_t)WORKERS_MAX * COUNTS_SOCKETS)
#define STATS_CLIENTS ((uint64_t)WORKERS_MAX * LIMIT_CLIENTS)

void stats_init(struct stats *st);

/*
 * Take over the descriptor of a worker's counters.  If the worker has one
 * already, the new one is closed.  Returns -1 if there can be no such worker.
 */
MUST_CHECK int stats_take(struct stats *st, uint32_t worker, int fd);

/* The worker that the socket or client of this number belongs to. */
uint32_t stats_socket_worker(uint64_t number);
uint32_t stats_client_worker(uint64_t number);

/* Returns false if there is no such socket now. */
MUST_CHECK bool stats_socket(
    const struct stats *st, uint64_t number, struct msg_server_status *out);

/*
 * Returns false if there is no such client now.  Clients in the view are not
 * read again.  Initialize the view to zero.
 */
MUST_CHECK bool stats_client(struct stats *st, struct stats_view *view,
    uint64_t number, struct msg_client_status *out);

#endif
