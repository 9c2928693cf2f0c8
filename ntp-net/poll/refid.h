/* The reference ID that identifies a server.  Pure. */
#ifndef POLL_REFID_H
#define POLL_REFID_H

#include "common/msg_base.h"

/*
 * The reference ID of a server with this address (RFC 5905 section 7.3), in
 * host order: the IPv4 address, or the first four octets of the MD5 digest of
 * the IPv6 address.  0 if there is no address.
 */
uint32_t refid_of(const struct msg_addr *a);

#endif
