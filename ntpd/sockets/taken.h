/*
 * Find foreign sockets on an address that our own sockets already occupy, in
 * the kernel's table of UDP sockets.
 */
#ifndef NTPD_TAKEN_H
#define NTPD_TAKEN_H

#include "ntpd/conf/conf.h"

/* Our own sockets: fds[worker][listen]. */
struct taken_own {
	const int (*fds)[CONF_LISTEN_MAX];
	uint32_t workers;
	uint32_t listens;
};

/*
 * Is a foreign UDP socket in the way of one that is bound to the address and
 * does not share it?  Returns -1 with EADDRINUSE if so, otherwise 0; also 0 if
 * the table cannot be read: a socket that does not share at all is then still
 * noticed when ours are bound.
 */
MUST_CHECK int taken_check(
    const struct conf_listen *l, const struct taken_own *own);

#endif
