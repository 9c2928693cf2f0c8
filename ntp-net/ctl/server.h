/*
 * What the ntp-serve processes have counted, added up: pure, but for the memory
 * that a list of clients takes.
 */
#ifndef CTL_SERVER_H
#define CTL_SERVER_H

#include "ntp-net/ctl/report.h"

/* True if every value is one that can be. */
bool server_status_ok(const struct msg_server_status *s);
bool server_client_ok(const struct msg_client_status *c);

/* The counters of one address over all workers, or the other way round. */
struct server_row {
	struct msg_addr addr;
	uint32_t port;
	uint32_t worker; /* from 0 on */
	uint64_t n[COUNT_KINDS];
};

struct server_sum {
	uint64_t n[COUNT_KINDS];
	bool fast_known; /* a program in the kernel answers too: */
	struct msg_fast_status fast;
	uint64_t fast_n[COUNT_KINDS]; /* as if it were an ntp-serve */
	uint32_t listening_count;
	struct server_row listening[REPORT_SERVERS_MAX];
	uint32_t worker_count;
	struct server_row by_worker[WORKERS_MAX];
};

/*
 * Add up what the report has; what the program in the kernel has passed up is
 * among what ntp-serve received.  A sum that is too large stays at the largest.
 */
void server_add_up(const struct report *r, struct server_sum *sum);

/*
 * Put one more client on the report's list, which grows; without memory the
 * program ends.  Returns false if there cannot be so many.
 */
MUST_CHECK bool server_add_client(
    struct report *r, const struct msg_client_status *c);

/* Make one client of those that are in several workers; most requests first. */
void server_merge_clients(struct report *r);

uint64_t server_client_requests(const struct msg_client_status *c);

/* Between its requests on average; -1 if there was only one. */
int64_t server_client_interval_ns(const struct msg_client_status *c);

/* The address of a client, or the prefix by which it is known. */
void server_client_text(
    char *dst, size_t size, const struct msg_client_status *c);

#endif
