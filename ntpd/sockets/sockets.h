/*
 * The sockets and memory that ntpd makes, because it may, and hands down.
 */
#ifndef NTPD_SOCKETS_H
#define NTPD_SOCKETS_H

#include "ntpd/conf/conf.h"

/* Text of a socket address with its port, for messages. */
#define SOCKET_TEXT_LEN 72
void socket_text(const struct conf_listen *l, char text[SOCKET_TEXT_LEN]);

/* The port of an address, host order. */
uint16_t socket_port(const struct conf_listen *l);

/* Is it all addresses of its family? */
bool socket_is_wildcard(const struct conf_listen *l);

/* Would sockets that do not share hinder each other there? */
bool socket_overlaps(const struct conf_listen *a, const struct conf_listen *b);

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

/*
 * The control socket: SOCK_SEQPACKET at the path, with this mode and the group
 * (-1: leave it).  The folder above is made if it is missing.  A socket that
 * is left over from an earlier run is replaced; one that answers, or a thing
 * that is no socket, is not (EADDRINUSE, EEXIST).  Returns a descriptor or -1.
 */
MUST_CHECK int socket_listen_control(const char *path, mode_t mode, gid_t gid);

/*
 * The same in a folder of our own for the case that /run is not ours to write
 * to, see ctlpath.h; *path becomes its name.
 */
MUST_CHECK int socket_listen_fallback(char path[CONF_PATH_LEN], mode_t mode);

/* What a file is, whatever its name: to remove nobody else's. */
struct file_id {
	dev_t dev;
	ino_t ino;
};

/* Take note of what has this name now; zeros if nothing has. */
void file_note(const char *path, struct file_id *id);

/* Remove the name if it is still that file's. */
void file_remove(const char *path, const struct file_id *id);

/*
 * Write our pid to a new file of that name, in place of an older one.  Returns
 * 0, or -1 with errno.
 */
MUST_CHECK int file_write_pid(const char *path);

/*
 * The page of served time, see page.h: *writer can be mapped for writing,
 * *reader only for reading, its size is sealed.  Returns 0, or -1 with errno.
 */
MUST_CHECK int socket_make_page(int *writer, int *reader);

/* Likewise the page of ntp-clock's state. */
MUST_CHECK int socket_make_clock_page(int *writer, int *reader);

/* The same for what one ntp-serve counts, see counts.h. */
MUST_CHECK int socket_make_counts(int *writer, int *reader);

/*
 * Zero the records of the clients in it, which nobody may have mapped for
 * writing now.  Returns 0, or -1 with errno.
 */
MUST_CHECK int socket_clear_clients(int writer);

#endif
