/*
 * Internet addresses in the form used in messages, with conversions to and from
 * socket addresses and text.  Pure.
 */
#ifndef COMMON_ADDR_H
#define COMMON_ADDR_H

#include <sys/socket.h>

#include <stdbool.h>

#include "common/msg_base.h"

#define ADDR_TEXT 58 /* room for an address with scope as text */

/*
 * Parse an IPv4 or IPv6 literal.  Returns true and fills *out.  Otherwise
 * returns false and zeroes *out: the text is a name, or an address with a zone.
 */
bool addr_parse(const char *text, struct msg_addr *out);

/* Format an address as text; "-" if there is no address. */
void addr_text(const struct msg_addr *a, char buf[ADDR_TEXT]);

/* True if family, octets and scope are equal. */
bool addr_equal(const struct msg_addr *a, const struct msg_addr *b);

/* True for 0.0.0.0 and ::, the wildcard addresses. */
bool addr_is_any(const struct msg_addr *a);

/* True for an IPv6 link-local address. */
bool addr_link_local(const struct msg_addr *a);

/* True for 127/8 and ::1. */
bool addr_loopback(const struct msg_addr *a);

/*
 * Convert an IPv4-mapped IPv6 address (::ffff:a.b.c.d) to IPv4.  Returns false
 * and changes nothing if it is not a mapped address.
 */
bool addr_unmap(struct msg_addr *a);

/* Why an address cannot be a server's; the first problem that applies. */
enum addr_problem {
	ADDR_FINE,
	ADDR_MANY,    /* multicast or limited broadcast */
	ADDR_NO_HOST, /* unspecified, in 0/8, or no address */
	ADDR_MAPPED,  /* IPv4-mapped, never on the wire */
	ADDR_NO_SCOPE /* link-local without an interface */
};
enum addr_problem addr_problem(const struct msg_addr *a);

/* Fill in a socket address.  Returns its length, 0 if there is no address. */
socklen_t addr_to_socket(
    const struct msg_addr *a, uint16_t port, struct sockaddr_storage *ss);

/*
 * Read the address from a socket address, which must be as long as its family
 * requires.  For a family other than IPv4 and IPv6, family becomes 0.  Returns
 * the port.
 */
uint16_t addr_from_socket(const void *sa, struct msg_addr *a);

#endif
