/*
 * Find foreign sockets on an address that our own sockets already occupy, in
 * the kernel's table of UDP sockets.
 */
#ifndef NTPD_UDP_TABLE_H
#define NTPD_UDP_TABLE_H

#include "ntpd/conf/conf.h"

/* Our own sockets: fds[worker][listen]. */
struct udp_table_own {
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
MUST_CHECK int udp_table_check(
    const struct conf_listen *l, const struct udp_table_own *own);

#endif
