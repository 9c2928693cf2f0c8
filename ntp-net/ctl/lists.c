/*
 * What ntpctl prints for people as tables: sources, processes, and the outcome
 * of clients' requests.  The columns are those of common/status.def and
 * common/counters.def.  Run by whoever calls ntpctl.  It must never print a
 * text of the daemon that did not pass escape_text().
 */
#include <inttypes.h>
#include <string.h>

#include "ntp-net/ctl/show.h"
#include "ntp-net/ctl/standing.h"

#define CLIENTS_SHOWN 50

/* The counters are split into tables that each fit a terminal. */
#define TABLES 2

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

/* Number of columns of each, with the name's. */
enum {
	FIRST_COLUMNS = 1
#define COUNTER(kind, name, column, table, help) +((table) == 1)
#include "common/counters.def"
	,
	SECOND_COLUMNS = 1
#define COUNTER(kind, name, column, table, help) +((table) == 2)
#include "common/counters.def"
};

_Static_assert(
    (int)FIRST_COLUMNS <= SHOW_COLUMNS && (int)SECOND_COLUMNS <= SHOW_COLUMNS,
    "a counter has no column");
_Static_assert(1 + CLIENTS_SHOWN <= SHOW_ROWS, "a row for each client");

/* --- the kinds of status.def that have a column --------------------------- */

static void
cell_count(char cell[TEXT_SHORT], uint64_t n)
{
	(void)snprintf(cell, TEXT_SHORT, "%" PRIu64, n);
}

static void
cell_reach(char cell[TEXT_SHORT], uint32_t bits)
{
	(void)snprintf(cell, TEXT_SHORT, "%03o", bits & 0xff);
}

static void
cell_poll(char cell[TEXT_SHORT], uint32_t log2)
{
	(void)snprintf(cell, TEXT_SHORT, "%u s", 1U << log2);
}

static void
cell_text(char cell[TEXT_SHORT], const char *text)
{
	(void)snprintf(cell, TEXT_SHORT, "%s", text);
}

static void
cell_ago(char cell[TEXT_SHORT], int64_t ns)
{
	if (ns < 0)
		cell_text(cell, show_nothing);
	else
		text_time(cell, TEXT_SHORT, ns, false);
}

#define cell_time(cell, ns)	text_time(cell, TEXT_SHORT, ns, false)
#define cell_offset(cell, ns)	text_time(cell, TEXT_SHORT, ns, true)
#define cell_seconds(cell, ns)	text_duration(cell, TEXT_SHORT, ns)
#define cell_state(cell, state) cell_text(cell, text_state(state))
#define cell_client(cell, c)	server_client_text(cell, TEXT_SHORT, c)
#define cell_process(cell, child)                                              \
	cell_text(cell, proc_name(child_proc((int)(child))))

/* The head of a column, and the next cell of a row, from status.def's row. */
#define HEAD(head, ...) head,
#define CELL(head, name, kind, value, known, help)                             \
	if (known)                                                             \
		cell_##kind(*cell, value);                                     \
	else                                                                   \
		cell_text(*cell, show_nothing);                                \
	cell++;

/* --- sources -------------------------------------------------------------- */

/* A text that is too wide is cut, and ends with dots. */
static void
cut(char *text, size_t columns)
{
	static const char dots[] = "...";
	size_t n = strlen(text);

	if (text_width(text) <= columns)
		return;
	while (text_width(text) > columns - strlen(dots)) {
		while (((unsigned char)text[--n] & 0xc0) == 0x80)
			continue;
		text[n] = '\0';
	}
	memcpy(text + n, dots, sizeof(dots));
}

/*
 * The name in the configuration, and the address unless it is the same; cut to
 * the room in a line.
 */
static void
fill_name(char *cell, size_t size, const struct msg_source_status *src)
{
	char name[NAME_LEN * 4], address[TEXT_SHORT], endpoint[TEXT_SHORT];

	escape_text(name, sizeof(name), src->name);
	text_address(address, sizeof(address), &src->addr);
	text_endpoint(endpoint, sizeof(endpoint), &src->addr, src->port);
	if (address[0] == '\0')
		endpoint[0] = '\0';
	else if (strcmp(name, address) == 0)
		name[0] = '\0';
	cut(name, SHOW_WIDTH - 1 - strlen(endpoint));
	(void)snprintf(cell, size, "%.*s%s%s", SHOW_WIDTH * 4, name,
	    name[0] != '\0' && endpoint[0] != '\0' ? " " : "", endpoint);
}

/* The cells after the first, which may be longer than a cell. */
static void
fill_source(char (*cell)[TEXT_SHORT], const struct msg_source_status *m)
{
#define SOURCE_COLUMN CELL
#include "common/status.def"
}

void
show_sources(const struct show *s, const struct report *r)
{
	static const char *const names[] = {
		"source",
#define SOURCE_COLUMN HEAD
#include "common/status.def"
	};
	struct table t;

	if (r->source_count == 0) {
		fputs("no sources\n", s->out);
		return;
	}
	show_head(&t, names, COUNT_OF(names), UINT32_MAX << 2);
	for (uint32_t i = 0; i < r->source_count; i++) {
		const struct msg_source_status *src = &r->sources[i];
		size_t row = t.rows++;

		t.cell[row][0][0] = '\0';
		fill_name(t.first[row], sizeof(t.first[row]), src);
		fill_source(&t.cell[row][1], src);
		t.colour[row] = show_state_colour(src->state);
	}
	show_table(s, &t);
}

/* --- processes ------------------------------------------------------------ */

static void
fill_process(char (*cell)[TEXT_SHORT], const struct msg_process *m)
{
	char *pid = cell[1];

#define PROCESS_COLUMN CELL
#include "common/status.def"
	if (m->pid == 0)
		cell_text(pid, "down");
	else if (!standing_responds(m))
		(void)snprintf(pid, TEXT_SHORT, "%u silent", m->pid);
}

void
show_processes(const struct show *s, const struct report *r)
{
	static const char *const names[] = {
#define PROCESS_COLUMN HEAD
#include "common/status.def"
	};
	struct table t;

	show_head(&t, names, COUNT_OF(names), UINT32_MAX << 1);
	for (uint32_t i = 0; i < r->process_count; i++) {
		size_t row = t.rows++;

		fill_process(t.cell[row], &r->processes[i]);
		t.colour[row] =
		    standing_responds(&r->processes[i]) ? PLAIN : RED;
	}
	show_table(s, &t);
}

/* --- what ntp-serve counts ------------------------------------------------ */

static const struct counter {
	const char *column;
	int table;
} counters[COUNT_KINDS] = {
#define COUNTER(kind, name, column, table, help) { column, table },
#include "common/counters.def"
};

static void
counts_head(struct table *t, int table, const char *first)
{
	const char *names[SHOW_COLUMNS] = { first };
	size_t columns = 1;

	for (size_t i = 0; i < COUNT_KINDS; i++)
		if (counters[i].table == table)
			names[columns++] = counters[i].column;
	show_head(t, names, columns, UINT32_MAX << 1);
}

/* Add a row; the caller names it. */
static char *
counts_row(struct table *t, int table, const uint64_t n[COUNT_KINDS])
{
	size_t row = t->rows++, column = 1;

	t->colour[row] = PLAIN;
	for (size_t i = 0; i < COUNT_KINDS; i++)
		if (counters[i].table == table)
			cell_count(t->cell[row][column++], n[i]);
	return t->cell[row][0];
}

/* The first table is always shown, another one if anything is in it. */
static bool
is_shown(int table, const struct server_sum *sum)
{
	for (size_t i = 0; i < COUNT_KINDS; i++)
		if (counters[i].table == table && sum->n[i] != 0)
			return true;
	return table == 1;
}

/* The addresses for which there is room, and the rows below them. */
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

/* Counts that are in no row. */
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

		cell_count(
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

/* --- clients -------------------------------------------------------------- */

static void
fill_client(char (*cell)[TEXT_SHORT], const struct msg_client_status *m)
{
#define CLIENT_COLUMN CELL
#include "common/status.def"
}

void
show_clients(const struct show *s, const struct report *r)
{
	static const char *const names[] = {
#define CLIENT_COLUMN HEAD
#include "common/status.def"
	};
	struct table t;

	if (r->client_count == 0) {
		fputs("no clients yet\n", s->out);
		return;
	}
	show_head(&t, names, COUNT_OF(names), UINT32_MAX << 1);
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
