/*
 * Add up the counters of the ntp-serve processes, see server.h.  Part of
 * ntpctl.
 */
#include "ntp-net/ctl/server.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/serve/limit.h"
#include "ntp-net/ctl/text.h"

#define CLIENTS_ROOM 1024 /* initial size of a list */
#define CLIENTS_MAX  ((size_t)WORKERS_MAX * LIMIT_CLIENTS)

bool
server_status_ok(const struct msg_server_status *s)
{
	return s->worker < WORKERS_MAX && s->port >= 1 &&
	    s->port <= UINT16_MAX &&
	    (s->addr.family == 4 || s->addr.family == 6);
}

bool
server_client_ok(const struct msg_client_status *c)
{
	bool address = (c->addr.family == 4 && c->bits == 32) ||
	    (c->addr.family == 6 && (c->bits == 64 || c->bits == 128));

	return address && c->worker < WORKERS_MAX && c->last_ago_ns >= 0 &&
	    c->first_ago_ns >= c->last_ago_ns && c->known <= 1;
}

static uint64_t
plus(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void
add(uint64_t sum[COUNT_KINDS], const uint64_t n[COUNT_KINDS])
{
	for (size_t i = 0; i < COUNT_KINDS; i++)
		sum[i] = plus(sum[i], n[i]);
}

/* The row of an address; adds one if there is none. */
static struct server_row *
address_row(struct server_sum *sum, const struct msg_server_status *s)
{
	struct server_row *row = sum->listening;

	for (uint32_t i = 0; i < sum->listening_count; i++, row++)
		if (row->port == s->port &&
		    memcmp(&row->addr, &s->addr, sizeof(row->addr)) == 0)
			return row;
	sum->listening_count++;
	row->addr = s->addr;
	row->port = s->port;
	return row;
}

static struct server_row *
worker_row(struct server_sum *sum, uint32_t worker)
{
	struct server_row *row = sum->by_worker;

	for (uint32_t i = 0; i < sum->worker_count; i++, row++)
		if (row->worker == worker)
			return row;
	sum->worker_count++;
	row->worker = worker;
	return row;
}

/* The fast path's requests, counted in the kinds of ntp-serve. */
static void
add_fast(struct server_sum *sum, const struct msg_fast_status *f)
{
	sum->fast_known = true;
	sum->fast = *f;
	sum->fast_n[COUNT_RECEIVED] =
	    plus(plus(f->answered, f->denied), f->limited);
	sum->fast_n[COUNT_ANSWERED] = f->answered;
	sum->fast_n[COUNT_DENIED] = f->denied;
	sum->fast_n[COUNT_RATE_LIMITED] = f->limited;
	add(sum->n, sum->fast_n);
}

void
server_add_up(const struct report *r, struct server_sum *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (uint32_t i = 0; i < r->server_count; i++) {
		const struct msg_server_status *s = &r->servers[i];

		add(sum->n, s->n);
		add(address_row(sum, s)->n, s->n);
		add(worker_row(sum, s->worker)->n, s->n);
	}
	if (r->fast_known)
		add_fast(sum, &r->fast);
}

/* --- clients -------------------------------------------------------------- */

bool
server_add_client(struct report *r, const struct msg_client_status *c)
{
	if (r->client_count == CLIENTS_MAX)
		return false;
	if (r->client_count == r->client_room) {
		size_t room =
		    r->client_room == 0 ? CLIENTS_ROOM : 2 * r->client_room;
		struct msg_client_status *list =
		    reallocarray(r->clients, room, sizeof(*list));

		if (list == NULL)
			err(1, NULL);
		r->clients = list;
		r->client_room = room;
	}
	r->clients[r->client_count++] = *c;
	return true;
}

static int
by_address(const void *va, const void *vb)
{
	const struct msg_client_status *a = va, *b = vb;

	if (a->addr.family != b->addr.family)
		return a->addr.family < b->addr.family ? -1 : 1;
	if (a->bits != b->bits)
		return a->bits < b->bits ? -1 : 1;
	return memcmp(a->addr.addr, b->addr.addr, sizeof(a->addr.addr));
}

static int
by_requests(const void *va, const void *vb)
{
	uint64_t a = server_client_requests(va), b = server_client_requests(vb);

	if (a != b)
		return a > b ? -1 : 1;
	return by_address(va, vb);
}

/* Merge two records of the same client. */
static void
join(struct msg_client_status *c, const struct msg_client_status *other)
{
	c->answered = plus(c->answered, other->answered);
	c->dropped = plus(c->dropped, other->dropped);
	c->kisses = (uint32_t)(c->kisses > UINT32_MAX - other->kisses
		? UINT32_MAX
		: c->kisses + other->kisses);
	if (other->first_ago_ns > c->first_ago_ns)
		c->first_ago_ns = other->first_ago_ns;
	if (other->last_ago_ns < c->last_ago_ns)
		c->last_ago_ns = other->last_ago_ns;
	c->known |= other->known;
}

void
server_merge_clients(struct report *r)
{
	struct msg_client_status *list = r->clients;
	size_t n = 0;

	if (r->client_count == 0)
		return;
	qsort(list, r->client_count, sizeof(*list), by_address);
	for (size_t i = 1; i < r->client_count; i++) {
		if (by_address(&list[n], &list[i]) == 0)
			join(&list[n], &list[i]);
		else
			list[++n] = list[i];
	}
	r->client_count = n + 1;
	qsort(list, r->client_count, sizeof(*list), by_requests);
}

uint64_t
server_client_requests(const struct msg_client_status *c)
{
	return plus(c->answered, c->dropped);
}

int64_t
server_client_interval_ns(const struct msg_client_status *c)
{
	uint64_t requests = server_client_requests(c);
	uint64_t time_ns = (uint64_t)(c->first_ago_ns - c->last_ago_ns);

	if (requests < 2)
		return -1;
	return (int64_t)(time_ns / (requests - 1));
}

void
server_client_text(char *dst, size_t size, const struct msg_client_status *c)
{
	char address[TEXT_SHORT];

	text_address(address, sizeof(address), &c->addr);
	(void)snprintf(dst, size, "%s%s", address, c->bits == 64 ? "/64" : "");
}
