/*
 * ntp-serve: which of them are wanted, and what they are told beside their start.
 */
#ifndef NTPD_SERVE_H
#define NTPD_SERVE_H

#include <stdbool.h>

struct supervisor;

/* Which workers are wanted, from the sockets that there are. */
void serve_want(struct supervisor *s);

/*
 * The sockets have changed, or what may be answered on them, or to whom: workers
 * that are too many end, others begin, or begin again with the new sockets.
 */
void serve_change(struct supervisor *s, bool sockets, bool prefixes);

#endif
