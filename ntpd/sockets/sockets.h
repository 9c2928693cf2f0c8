/*
 * The UDP sockets that ntpd opens, since it has the privilege, and hands to
 * ntp-serve.
 */
#ifndef NTPD_SOCKETS_H
#define NTPD_SOCKETS_H

#include "ntpd/conf/conf.h"

/*
 * Could a single socket of ours be bound to the address?  The sockets below
 * share it, and would share it with another ntpd of the same user, unnoticed.
 * An overlapping socket of our own is in the way too.  Returns 0, or -1 with
 * errno.
 */
MUST_CHECK int socket_try_udp(const struct conf_listen *l);

/* Is it the broadcast address of a network that this machine is in now? */
bool socket_is_broadcast(const struct conf_listen *l);

/*
 * Open UDP sockets bound to the address, one for each worker: the kernel
 * divides the clients among them (SO_REUSEPORT).  Sets fds[from] up to, but not
 * including, fds[to]; each is close-on-exec and non-blocking.  Returns 0; 1 if
 * no interface has the address (yet): they work once one has; or -1 with errno
 * and none open.
 */
MUST_CHECK int socket_listen_udp(
    const struct conf_listen *l, int *fds, uint32_t from, uint32_t to);

/*
 * Fit the sockets into the limit of open files.  An address that a wildcard
 * covers needs no socket of its own, and is removed from the end of c->listens;
 * if that is not enough, the number of workers is reduced.  Returns the
 * possible number of workers, at least 1 unless workers is 0.
 */
uint32_t socket_fit_limit(struct conf *c, uint32_t workers);

/*
 * Divide the requests to the sockets of one address, count of them, by the
 * client's address alone: a client reaches the same worker from any port, and
 * that worker knows it (interleaved mode, rate limit).  For IPv6 the first half
 * of the client's address counts.  Returns 0, or -1 with errno: then ports
 * count too.
 */
MUST_CHECK int socket_share(int fd, sa_family_t family, uint32_t count);

#endif
