/*
 * Symmetric keys as messages carry them, see msg.h and mac.h.
 */
#ifndef COMMON_MSG_KEY_H
#define COMMON_MSG_KEY_H

#include <stdint.h>

#include "common/attr.h"

#define MAC_KEY_MAX    64 /* octets of a key */
#define MAC_AES128_KEY 16 /* octets of a MAC_AES128 key */

enum mac_type {
	MAC_NONE,
	MAC_MD5,
	MAC_SHA1,
	MAC_SHA256,
	MAC_SHA512,
	MAC_AES128, /* AES-128-CMAC, RFC 8573; its key has 16 octets */
	MAC_TYPES
};

/* A key, as messages carry it. */
WIRE_BEGIN
struct mac_key {
	uint32_t id;   /* not 0 */
	uint32_t type; /* enum mac_type */
	uint32_t len;  /* of value, 1 to MAC_KEY_MAX */
	uint32_t reserved;
	uint8_t value[MAC_KEY_MAX];
};
WIRE_END

#endif
