/*
 * What ntpctl prints for people: summaries and aligned tables.
 */
#ifndef CTL_SHOW_H
#define CTL_SHOW_H

#include <stdio.h>

#include "client.h"

struct show {
	FILE *out;
	bool colour; /* a terminal that wants it */
};

/* All of these print what the report has; it must have been asked for. */
void show_status(const struct show *s, const struct report *r);
void show_sources(const struct show *s, const struct report *r);
void show_source(const struct show *s, const struct msg_source_status *src);
void show_clock(const struct show *s, const struct report *r);
void show_log(const struct show *s, const struct report *r);

#endif
