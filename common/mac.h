/*
 * Message authentication codes with symmetric keys, by libnettle.  Knows no
 * packet: octets in, a digest out.
 */
#ifndef COMMON_MAC_H
#define COMMON_MAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/attr.h"
#include "common/msg_key.h"

#define MAC_DIGEST_MAX 64 /* of the longest digest, SHA-512 */
#define MAC_CUT_LEN    20 /* longer digests are cut off to this many */

/*
 * The digest of len octets: H(key || octets) for hash functions, as RFC 5905
 * section 7.3 has it, or the CMAC.  Returns its whole length; 0 for a type that
 * there is not.
 */
size_t mac_digest(const struct mac_key *key, const uint8_t *data, size_t len,
    uint8_t digest[MAC_DIGEST_MAX]);

/* Octets, and the digest that somebody says is theirs. */
struct mac_claim {
	const uint8_t *data;
	size_t len;
	const uint8_t *digest;
	size_t digest_len;
};

/*
 * True if the digest is right, and has its whole length or is cut off to
 * MAC_CUT_LEN.  What it takes does not depend on where it is wrong.
 */
MUST_CHECK bool mac_check(
    const struct mac_key *key, const struct mac_claim *claim);

/*
 * How many octets of a digest go into a packet of this version of NTP.  In
 * version 4 more than 20 could not be told from an extension field (RFC 7822
 * section 3); chrony and ntpsec cut longer ones off there, too.  Before, chrony
 * sends whole ones and ntpsec cuts off: so both are accepted.
 */
size_t mac_wire_length(size_t digest_len, unsigned int version);

#endif
