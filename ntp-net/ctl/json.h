/*
 * What ntpctl prints for programs.  The members' names are an interface:
 * ntpctl(8) lists them; they keep their meaning, and new ones may be added.
 */
#ifndef CTL_JSON_H
#define CTL_JSON_H

#include <stdio.h>

#include "ntp-net/ctl/server.h"

/*
 * Each of these prints one JSON object and a newline, on one line if compact is
 * set.  Returns 0, or -1 without memory or if out could not be written.
 */
MUST_CHECK int json_show_status(
    FILE *out, const struct report *r, bool compact);
MUST_CHECK int json_show_clock(FILE *out, const struct report *r);
MUST_CHECK int json_show_log(FILE *out, const struct report *r);
MUST_CHECK int json_show_server(FILE *out, const struct server_sum *sum);
MUST_CHECK int json_show_clients(FILE *out, const struct report *r);
MUST_CHECK int json_show_result(FILE *out, bool ok, const char *message);

/*
 * Likewise, with the members on the state of synchronization.  r has a status,
 * or is NULL: these members are then null.  message is escaped already.
 */
MUST_CHECK int json_show_health(
    FILE *out, bool ok, const char *message, const struct report *r);

/*
 * The sources for which wanted() returns true, or all if it is NULL.  name is
 * passed to wanted().
 */
MUST_CHECK int json_show_sources(FILE *out, const struct report *r,
    bool (*wanted)(const struct msg_source_status *, const char *),
    const char *name);

#endif
