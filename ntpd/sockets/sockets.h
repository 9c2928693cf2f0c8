/*
 * The UDP sockets that ntpd makes, because it may, and hands down.
 */
#ifndef NTPD_SOCKETS_H
#define NTPD_SOCKETS_H

#include "ntpd/conf/conf.h"

/*
 * Could a socket of ours alone be bound to the address?  The ones below share
 * it, and would with another ntpd of the same user, unnoticed.  One of ours that
 * overlaps hinders it, too.  Returns 0, or -1 with errno.
 */
MUST_CHECK int socket_try_udp(const struct conf_listen *l);

/* Is it the broadcast address of a network that this machine is in now? */
bool socket_is_broadcast(const struct conf_listen *l);

/*
 * UDP sockets bound to the address, one for each worker: the kernel divides the
 * clients among them (SO_REUSEPORT).  fds[from] to fds[to - 1] are set; each is
 * close-on-exec and non-blocking.  Returns 0; 1 if no interface has the address
 * (yet): they work once one has; or -1 with errno and none open.
 */
MUST_CHECK int socket_listen_udp(
    const struct conf_listen *l, int *fds, uint32_t from, uint32_t to);

/*
 * Where few files may be open: an address that a wildcard takes as well needs
 * no socket of its own, and is taken from the end of c->listens; then so many
 * workers are too many.  Returns how many there can be, at least 1 of 1.
 */
uint32_t socket_fit_limit(struct conf *c, uint32_t workers);

/*
 * Divide what comes to the sockets of one address, count of them, by the
 * address of the client alone: whatever port it asks from, it meets the same
 * worker, which knows it (interleaved mode, rate limit).  IPv6 clients count by
 * the first half of their address.  Returns 0, or -1 with errno: then ports
 * count too.
 */
MUST_CHECK int socket_share(int fd, sa_family_t family, uint32_t count);

#endif
