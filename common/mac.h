/*
 * Message authentication codes with symmetric keys, using libnettle.  Knows
 * nothing of packets: octets in, a digest out.
 */
#ifndef COMMON_MAC_H
#define COMMON_MAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/attr.h"
#include "common/msg_key.h"

#define MAC_DIGEST_MAX 64 /* of the longest digest, SHA-512 */
#define MAC_CUT_LEN    20 /* longer digests are truncated to this */

/*
 * The digest of len octets: H(key || octets) for hash functions, as in RFC 5905
 * section 7.3, or the CMAC.  Returns its full length; 0 for an unknown type.
 */
size_t mac_digest(const struct mac_key *key, const uint8_t *data, size_t len,
    uint8_t digest[MAC_DIGEST_MAX]);

/* Octets and their claimed digest. */
struct mac_claim {
	const uint8_t *data;
	size_t len;
	const uint8_t *digest;
	size_t digest_len;
};

/*
 * True if the digest is correct, at full length or truncated to MAC_CUT_LEN.
 * Takes constant time, wherever the digest differs.
 */
MUST_CHECK bool mac_check(
    const struct mac_key *key, const struct mac_claim *claim);

/*
 * How many octets of a digest go into a packet of this NTP version.  In version
 * 4 more than 20 octets could not be distinguished from an extension field (RFC
 * 7822 section 3); chrony and ntpsec truncate longer ones as well.  In older
 * versions chrony sends full digests and ntpsec truncates them, so both are
 * accepted.
 */
size_t mac_wire_length(size_t digest_len, unsigned int version);

#endif
