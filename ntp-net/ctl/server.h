/*
 * The counters of the ntp-serve processes, added up.  Pure, except that a list
 * of clients is allocated.
 */
#ifndef CTL_SERVER_H
#define CTL_SERVER_H

#include "ntp-net/ctl/report.h"

/* True if every value is in its valid range. */
bool server_status_ok(const struct msg_server_status *s);
bool server_client_ok(const struct msg_client_status *c);

/* The counters of one address over all workers, or of one worker. */
struct server_row {
	struct msg_addr addr;
	uint32_t port;
	uint32_t worker; /* from 0 */
	uint64_t n[COUNT_KINDS];
};

struct server_sum {
	uint64_t n[COUNT_KINDS];
	bool fast_known; /* there is a fast path, too: */
	struct msg_fast_status fast;
	uint64_t fast_n[COUNT_KINDS]; /* counted as if it were an ntp-serve */
	uint32_t listening_count;
	struct server_row listening[REPORT_SERVERS_MAX];
	uint32_t worker_count;
	struct server_row by_worker[WORKERS_MAX];
};

/*
 * Add up the report's counters.  What the fast path has passed up is among what
 * ntp-serve received.  A sum that would overflow stays at the maximum.
 */
void server_add_up(const struct report *r, struct server_sum *sum);

/*
 * Add a client to the report's list, which grows; without memory the program
 * ends.  Returns false if there cannot be so many clients.
 */
MUST_CHECK bool server_add_client(
    struct report *r, const struct msg_client_status *c);

/* Merge the records of a client in several workers; most requests first. */
void server_merge_clients(struct report *r);

uint64_t server_client_requests(const struct msg_client_status *c);

/* Average time between its requests; -1 if there was only one. */
int64_t server_client_interval_ns(const struct msg_client_status *c);

/* The address of a client, or the prefix that it is counted by. */
void server_client_text(
    char *dst, size_t size, const struct msg_client_status *c);

#endif
