/*
 * What ntpctl prints for people about serving.
 */
#ifndef CTL_SHOW_SERVER_H
#define CTL_SHOW_SERVER_H

#include "ntp-net/ctl/server.h"
#include "ntp-net/ctl/show.h"

/*
 * The counters: a row for each address, one for the fast path if there is one,
 * and their sum; and one for each worker if there are several.
 */
void show_server(const struct show *s, const struct server_sum *sum);

/* The clients, which are in order; only the first if they are many. */
void show_clients(const struct show *s, const struct report *r);

#endif
