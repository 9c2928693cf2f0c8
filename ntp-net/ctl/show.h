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
	bool colour; /* print colours */
};

enum colour { PLAIN, BOLD, GREEN, YELLOW, RED };

/* Printed for a value that was never measured. */
extern const char show_nothing[];

/* The colour for the state of a source. */
enum colour show_state_colour(uint32_t state);

/* Print in colour c from here on; print n blanks. */
void show_colour(const struct show *s, enum colour c);
void show_pad(const struct show *s, size_t n);

/* A table: the first row is its head. */
#define SHOW_WIDTH   80 /* of a terminal */
#define SHOW_COLUMNS 13
#define SHOW_ROWS    (SOURCES_MAX + 1)
struct table {
	size_t columns;
	size_t rows;
	uint32_t right; /* bit i: column i is aligned to the right */
	char cell[SHOW_ROWS][SHOW_COLUMNS][TEXT_SHORT];
	/* replaces cell 0, unless it is empty */
	char first[SHOW_ROWS][SHOW_WIDTH * 4 + 1 + TEXT_SHORT];
	enum colour colour[SHOW_ROWS];
};

/* Begin with the head, and no row with a first; the caller adds rows. */
void show_head(
    struct table *t, const char *const *names, size_t columns, uint32_t right);

/*
 * Print the table with aligned columns, within SHOW_WIDTH.  If that is too
 * narrow, the first column gets lines of its own.  If that is not enough
 * either, each row is printed as a list of values with the columns' names.
 */
void show_table(const struct show *s, const struct table *t);

/*
 * Print a text and a newline, broken between words to fit SHOW_WIDTH if
 * possible.  The first line begins at this column, the others are indented to
 * it.
 */
void show_words(const struct show *s, size_t column, const char *text);

/* Each of these prints its part of the report, which must be there. */
void show_status(const struct show *s, const struct report *r);
void show_source(const struct show *s, const struct msg_source_status *src);

/* Uses the status, if there is one: it says when holdover began. */
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

/* The clients, which are sorted; only the first ones if there are many. */
void show_clients(const struct show *s, const struct report *r);

#endif
