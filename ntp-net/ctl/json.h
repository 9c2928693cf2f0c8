/*
 * What ntpctl prints for programs.  The names of the members are an interface:
 * they are listed in ntpctl(8), keep their meaning, and are only added to.
 */
#ifndef CTL_JSON_H
#define CTL_JSON_H

#include <stdio.h>

#include "ntp-net/ctl/server.h"

/*
 * All of these print one JSON object and a newline, on one line if compact is
 * set.  They return 0, or -1 if there was no memory or out could not be
 * written.
 */
MUST_CHECK int json_show_status(
    FILE *out, const struct report *r, bool compact);
MUST_CHECK int json_show_clock(FILE *out, const struct report *r);
MUST_CHECK int json_show_log(FILE *out, const struct report *r);
MUST_CHECK int json_show_server(FILE *out, const struct server_sum *sum);
MUST_CHECK int json_show_clients(FILE *out, const struct report *r);
MUST_CHECK int json_show_result(FILE *out, bool ok, const char *message);

/*
 * The same with how things stand, of a report that has a status; of NULL all that
 * is null.  The message is escaped.
 */
MUST_CHECK int json_show_health(
    FILE *out, bool ok, const char *message, const struct report *r);

/*
 * The sources for which wanted() is true; all of them if it is NULL.  name is
 * handed to wanted().
 */
MUST_CHECK int json_show_sources(FILE *out, const struct report *r,
    bool (*wanted)(const struct msg_source_status *, const char *),
    const char *name);

#endif
