/*
 * The reference ID by which a server is known.  Pure.
 */
#ifndef POLL_REFID_H
#define POLL_REFID_H

#include "common/msg_base.h"

/*
 * Of a server with this address (RFC 5905 section 7.3), in host order: an IPv4
 * address, or the first four octets of the MD5 digest of an IPv6 address.  0 for
 * no address.
 */
uint32_t refid_of(const struct msg_addr *a);

#endif
