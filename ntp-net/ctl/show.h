/*
 * What ntpctl prints for people: summaries and aligned tables.
 */
#ifndef CTL_SHOW_H
#define CTL_SHOW_H

#include <stdio.h>

#include "ntp-net/ctl/server.h"
#include "ntp-net/ctl/text.h"

struct show {
	FILE *out;
	bool colour; /* a terminal that wants it */
};

enum colour { PLAIN, BOLD, GREEN, YELLOW, RED };

/* What is shown of what was never measured. */
extern const char show_nothing[];

/* That of the state of a source. */
enum colour show_state_colour(uint32_t state);

/* From here on in this colour; so many blanks. */
void show_colour(const struct show *s, enum colour c);
void show_pad(const struct show *s, size_t n);

/* A table: the first row is its head. */
#define SHOW_WIDTH   80 /* of a terminal */
#define SHOW_COLUMNS 13
#define SHOW_ROWS    (SOURCES_MAX + 1)
struct table {
	size_t columns;
	size_t rows;
	uint32_t right; /* bit of a column that is aligned to the right */
	char cell[SHOW_ROWS][SHOW_COLUMNS][TEXT_SHORT];
	/* in place of cell 0, unless it is empty */
	char first[SHOW_ROWS][SHOW_WIDTH * 4 + 1 + TEXT_SHORT];
	enum colour colour[SHOW_ROWS];
};

/* Begin with the head, no row having a first; the caller adds rows. */
void show_head(
    struct table *t, const char *const *names, size_t columns, uint32_t right);

/*
 * Print it with its columns aligned, within SHOW_WIDTH: where that is too
 * narrow, the first column gets lines of its own, and where that does not help
 * each row is a list of what its columns are.
 */
void show_table(const struct show *s, const struct table *t);

/*
 * Print a text and a newline, broken between words so that no line goes beyond
 * SHOW_WIDTH where that can be; the first line begins at this column, the others
 * are indented to it.
 */
void show_words(const struct show *s, size_t column, const char *text);

/* All of these print what the report has; it must have been asked for. */
void show_status(const struct show *s, const struct report *r);
void show_source(const struct show *s, const struct msg_source_status *src);

/* With the status, if there is one: it says since when it is in holdover. */
void show_clock(const struct show *s, const struct report *r);
void show_log(const struct show *s, const struct report *r);

/* Tables: */
void show_sources(const struct show *s, const struct report *r);
void show_processes(const struct show *s, const struct report *r);

/*
 * The counters: a row for each address, one for the fast path if there is one,
 * and their sum; and one for each worker if there are several.
 */
void show_server(const struct show *s, const struct server_sum *sum);

/* The clients, which are in order; only the first if they are many. */
void show_clients(const struct show *s, const struct report *r);

#endif
