/*
 * What ntpctl prints for people about serving, see show_server.h.
 */
#include "ntp-net/ctl/show_server.h"

#include <inttypes.h>

#include "ntp-net/ctl/text.h"

#define CLIENTS_SHOWN 50

/* The counters are in so many tables, each of which fits a terminal. */
#define TABLES 2

_Static_assert((int)COUNT_KINDS <= SHOW_COLUMNS, "one of them has no column");
_Static_assert(1 + CLIENTS_SHOWN <= SHOW_ROWS, "a row for each client");

static void
set_number(char cell[TEXT_SHORT], uint64_t n)
{
	(void)snprintf(cell, TEXT_SHORT, "%" PRIu64, n);
}

static void
counts_head(struct table *t, int table, const char *first)
{
	const char *names[SHOW_COLUMNS] = { first };
	size_t columns = 1;

	for (size_t i = 0; i < COUNT_KINDS; i++)
		if (server_counters[i].table == table)
			names[columns++] = server_counters[i].column;
	show_head(t, names, columns, UINT32_MAX << 1);
}

/* One more row; the caller names it. */
static char *
counts_row(struct table *t, int table, const uint64_t n[COUNT_KINDS])
{
	size_t row = t->rows++, column = 1;

	t->colour[row] = PLAIN;
	for (size_t i = 0; i < COUNT_KINDS; i++)
		if (server_counters[i].table == table)
			set_number(t->cell[row][column++], n[i]);
	return t->cell[row][0];
}

/* The first table is shown in any case, the other if anything is in it. */
static bool
is_shown(int table, const struct server_sum *sum)
{
	for (size_t i = 0; i < COUNT_KINDS; i++)
		if (server_counters[i].table == table && sum->n[i] != 0)
			return true;
	return table == 1;
}

/* The addresses, as many as there is room for, and the rows below them. */
static void
show_addresses(const struct show *s, const struct server_sum *sum, int table)
{
	struct table t;

	counts_head(&t, table, "address");
	for (uint32_t i = 0; i < sum->listening_count && t.rows < SHOW_ROWS - 2;
	     i++) {
		const struct server_row *row = &sum->listening[i];
		char *name = counts_row(&t, table, row->n);

		text_endpoint(name, TEXT_SHORT, &row->addr, row->port);
	}
	if (sum->fast_known)
		(void)snprintf(counts_row(&t, table, sum->fast_n), TEXT_SHORT,
		    "fast path");
	(void)snprintf(counts_row(&t, table, sum->n), TEXT_SHORT, "all");
	show_table(s, &t);
}

/* What is in no row. */
static void
show_others(const struct show *s, const struct server_sum *sum)
{
	if (sum->fast_known)
		fprintf(s->out,
		    "\npassed up by the fast path: %" PRIu64
		    ", counted where they arrived\n",
		    sum->fast.passed);
	if (sum->n[COUNT_LOST] != 0)
		fprintf(s->out,
		    "\nlost by the kernel before they were received: %" PRIu64
		    "\n",
		    sum->n[COUNT_LOST]);
}

static void
show_workers(const struct show *s, const struct server_sum *sum, int table)
{
	struct table t;

	counts_head(&t, table, "worker");
	for (uint32_t i = 0; i < sum->worker_count; i++) {
		const struct server_row *row = &sum->by_worker[i];

		set_number(
		    counts_row(&t, table, row->n), row->worker + UINT64_C(1));
	}
	show_table(s, &t);
}

void
show_server(const struct show *s, const struct server_sum *sum)
{
	for (int table = 1; table <= TABLES; table++) {
		if (!is_shown(table, sum))
			continue;
		if (table != 1)
			fputc('\n', s->out);
		show_addresses(s, sum, table);
	}
	show_others(s, sum);
	for (int table = 1; table <= TABLES; table++) {
		if (sum->worker_count < 2 || !is_shown(table, sum))
			continue;
		fputc('\n', s->out);
		show_workers(s, sum, table);
	}
}

static void
fill_client(
    char cell[SHOW_COLUMNS][TEXT_SHORT], const struct msg_client_status *c)
{
	int64_t interval_ns = server_client_interval_ns(c);

	server_client_text(cell[0], TEXT_SHORT, c);
	set_number(cell[1], server_client_requests(c));
	set_number(cell[2], c->dropped);
	text_time(cell[3], TEXT_SHORT, c->last_ago_ns, false);
	if (interval_ns < 0)
		(void)snprintf(cell[4], TEXT_SHORT, "-");
	else
		text_time(cell[4], TEXT_SHORT, interval_ns, false);
}

void
show_clients(const struct show *s, const struct report *r)
{
	static const char *const names[] = { "address", "requests", "dropped",
		"last", "interval" };
	struct table t;

	if (r->client_count == 0) {
		fputs("no clients yet\n", s->out);
		return;
	}
	show_head(&t, names, sizeof(names) / sizeof(names[0]), 0x1e);
	for (size_t i = 0; i < r->client_count && i < CLIENTS_SHOWN; i++) {
		size_t row = t.rows++;

		t.colour[row] = PLAIN;
		fill_client(t.cell[row], &r->clients[i]);
	}
	show_table(s, &t);
	if (r->client_count > CLIENTS_SHOWN)
		fprintf(
		    s->out, "and %zu more\n", r->client_count - CLIENTS_SHOWN);
}
