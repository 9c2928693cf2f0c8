/*
 * Internet addresses in the form that messages carry them.  Pure.
 */
#ifndef POLL_ADDR_H
#define POLL_ADDR_H

#include <sys/socket.h>

#include "common/msg.h"
#include "core/types.h"

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

/* True for a link-local address of IPv6 that lacks its interface. */
bool addr_on_every_link(const struct msg_addr *a);

/*
 * True if a server can have it: of a known family, and neither unspecified,
 * nor multicast, nor the limited broadcast address, nor link-local without an
 * interface, nor an address of IPv4 in the form of IPv6.
 */
bool addr_usable(const struct msg_addr *a);

/* True for 127/8 and ::1. */
bool addr_loopback(const struct msg_addr *a);

/*
 * The reference ID by which a server with this address is known (RFC 5905
 * section 7.3), in host order: an IPv4 address, or the first four octets of
 * the MD5 digest of an IPv6 address.  0 for no address.
 */
uint32_t addr_refid(const struct msg_addr *a);

/* Fill in a socket address; returns its length, 0 for no address. */
socklen_t addr_to_socket(
    const struct msg_addr *a, uint16_t port, struct sockaddr_storage *ss);

/* The address out of a socket address; family 0 where it has another. */
void addr_from_socket(const struct sockaddr_storage *ss, struct msg_addr *a);

#endif
