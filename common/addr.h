/*
 * Internet addresses in the form that messages carry them, and from and to that
 * of sockets and of text.  Pure.
 */
#ifndef COMMON_ADDR_H
#define COMMON_ADDR_H

#include <sys/socket.h>

#include <stdbool.h>

#include "common/msg_base.h"

#define ADDR_TEXT 58 /* room for an address with its scope as text */

/*
 * Read an IPv4 or IPv6 literal.  Returns true and fills *out, or false and
 * leaves it all zero: then it is a name, or an address with a zone.
 */
bool addr_parse(const char *text, struct msg_addr *out);

/* Write it as text; "-" for no address. */
void addr_text(const struct msg_addr *a, char buf[ADDR_TEXT]);

/* The same family, octets and scope. */
bool addr_equal(const struct msg_addr *a, const struct msg_addr *b);

/* True for 0.0.0.0 and ::, which stand for all of their family. */
bool addr_is_any(const struct msg_addr *a);

/* True for a link-local address of IPv6. */
bool addr_link_local(const struct msg_addr *a);

/* True for 127/8 and ::1. */
bool addr_loopback(const struct msg_addr *a);

/*
 * Make an address of IPv4 that stands behind ::ffff in one of IPv6 one of IPv4.
 * Returns false, and changes nothing, where it is none.
 */
bool addr_unmap(struct msg_addr *a);

/* Why no server can have an address; the first that is true. */
enum addr_problem {
	ADDR_FINE,
	ADDR_MANY,    /* multicast, or the limited broadcast address */
	ADDR_NO_HOST, /* unspecified, in 0/8, or no address */
	ADDR_MAPPED,  /* see addr_unmap(): no packet of IPv6 has it */
	ADDR_NO_SCOPE /* link-local, without its interface */
};
enum addr_problem addr_problem(const struct msg_addr *a);

/* Fill in a socket address; returns its length, 0 for no address. */
socklen_t addr_to_socket(
    const struct msg_addr *a, uint16_t port, struct sockaddr_storage *ss);

/*
 * The address out of a socket address, of the length of its family; family 0
 * where that is another.  Returns the port.
 */
uint16_t addr_from_socket(const void *sa, struct msg_addr *a);

#endif
