/*
 * Who else listens where our own sockets hinder us to try: the kernel's table
 * of UDP sockets tells.
 */
#ifndef NTPD_TAKEN_H
#define NTPD_TAKEN_H

#include "ntpd/conf/conf.h"

/* Sockets of ours: fds[worker][listen]. */
struct taken_own {
	const int (*fds)[CONF_LISTEN_MAX];
	uint32_t workers;
	uint32_t listens;
};

/*
 * Is a UDP socket other than those in the way of one that is bound to the
 * address and does not share it?  Returns -1 with EADDRINUSE if so, else 0, as
 * where the table cannot be read: sockets that do not share at all are then
 * still noticed when ours are bound.
 */
MUST_CHECK int taken_check(
    const struct conf_listen *l, const struct taken_own *own);

#endif
