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
 * The sockets have changed, or the keys, or the access list: surplus workers
 * end, new ones start, and others restart with the new sockets.
 */
void serve_change(struct supervisor *s, bool sockets, bool prefixes);

#endif
