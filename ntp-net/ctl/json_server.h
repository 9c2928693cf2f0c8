/*
 * What ntpctl prints for programs about serving, see json.h.
 */
#ifndef CTL_JSON_SERVER_H
#define CTL_JSON_SERVER_H

#include <stdio.h>

#include "ntp-net/ctl/server.h"

/* One JSON object and a newline.  Returns 0 or -1, as in json.h. */
MUST_CHECK int json_show_server(FILE *out, const struct server_sum *sum);
MUST_CHECK int json_show_clients(FILE *out, const struct report *r);

#endif
