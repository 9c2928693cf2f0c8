/*
 * What ntpctl prints for people: summaries and aligned tables.
 */
#ifndef CTL_SHOW_H
#define CTL_SHOW_H

#include <stdio.h>

#include "client.h"
#include "text.h"

struct show {
	FILE *out;
	bool colour; /* a terminal that wants it */
};

enum colour { PLAIN, BOLD, GREEN, YELLOW, RED };

/* A table: the first row is its head. */
#define SHOW_COLUMNS 13
#define SHOW_ROWS    (SOURCES_MAX + 1)
struct table {
	size_t columns;
	size_t rows;
	uint32_t right; /* bit of a column that is aligned to the right */
	char cell[SHOW_ROWS][SHOW_COLUMNS][TEXT_SHORT];
	enum colour colour[SHOW_ROWS];
};

/* Begin with the head; the caller adds rows. */
void show_head(
    struct table *t, const char *const *names, size_t columns, uint32_t right);

/* Print it with its columns aligned. */
void show_table(const struct show *s, const struct table *t);

/* All of these print what the report has; it must have been asked for. */
void show_status(const struct show *s, const struct report *r);
void show_sources(const struct show *s, const struct report *r);
void show_source(const struct show *s, const struct msg_source_status *src);
void show_clock(const struct show *s, const struct report *r);
void show_log(const struct show *s, const struct report *r);

#endif
