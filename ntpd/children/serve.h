/*
 * ntp-serve: which workers are wanted, and what they are sent besides their
 * start message.
 */
#ifndef NTPD_SERVE_H
#define NTPD_SERVE_H

#include <stdbool.h>

struct supervisor;

/* Set which workers are wanted, from the sockets that are open. */
void serve_want(struct supervisor *s);

/*
 * The configuration has changed: surplus workers end, missing ones start.  With
 * `sockets` the sockets or the keys have changed, and running workers restart;
 * else they get the new configuration, with the access list if `prefixes`.
 */
void serve_change(struct supervisor *s, bool sockets, bool prefixes);

#endif
