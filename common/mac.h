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

#define MAC_KEY_MAX    64 /* octets of a key */
#define MAC_AES128_KEY 16 /* of one of MAC_AES128 */
#define MAC_DIGEST_MAX 64 /* of the longest digest, SHA-512 */
#define MAC_CUT_LEN    20 /* longer digests are cut off to this many */

enum mac_type {
	MAC_NONE,
	MAC_MD5,
	MAC_SHA1,
	MAC_SHA256,
	MAC_SHA512,
	MAC_AES128, /* AES-128-CMAC, RFC 8573; its key has 16 octets */
	MAC_TYPES
};

/* A key; it goes through messages. */
WIRE_BEGIN
struct mac_key {
	uint32_t id;   /* not 0 */
	uint32_t type; /* enum mac_type */
	uint32_t len;  /* of value, 1 to MAC_KEY_MAX */
	uint32_t reserved;
	uint8_t value[MAC_KEY_MAX];
};
WIRE_END

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
