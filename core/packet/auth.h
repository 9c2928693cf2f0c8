/*
 * The message authentication code at the end of a packet: where it is, and
 * what was found out about it (RFC 5905 section 7.3, RFC 7822 section 3, RFC
 * 8573).  Pure, and without keys: whoever has them looks at the digest and
 * passes the result in.
 */
#ifndef CORE_AUTH_H
#define CORE_AUTH_H

#include "core/types.h"

#define AUTH_ID_LEN	   4  /* octets of a key ID */
#define AUTH_DIGEST_MAX	   64 /* SHA-512, before version 4 */
#define AUTH_V4_DIGEST_MAX 20 /* else it could be an extension field */
#define AUTH_FIELDS_MAX	   16 /* extension fields of one packet */

enum auth_kind {
	AUTH_NONE, /* there is no MAC */
	AUTH_NAK,  /* four octets only: a crypto-NAK, RFC 5905 section 9.2 */
	AUTH_MAC
};

struct auth_tail {
	enum auth_kind kind;
	size_t covered; /* octets before it: the header and its fields */
	uint32_t key_id;
	size_t digest_len; /* the digest begins at covered + AUTH_ID_LEN */
};

/*
 * Walk over what follows the header of a datagram of len octets.  Returns 0;
 * or -1, and *out is zero, if it is shorter than a header, of odd length, has
 * an extension field that is too short or overruns, or too many of them.
 *
 * In version 4 the last 20 or 24 octets are a MAC (RFC 7822 section 3; 4 are a
 * crypto-NAK), and an extension field that ends the packet has 28 or more.
 * Before version 4 there were no fields, and all that follows is a MAC.
 */
MUST_CHECK int auth_parse(
    const uint8_t *buf, size_t len, struct auth_tail *out);

/* Write a key ID: AUTH_ID_LEN octets. */
void auth_put_id(uint8_t *p, uint32_t key_id);

/* What a look at the MAC of an answer has shown. */
enum auth_result {
	AUTH_NOT_LOOKED, /* no key is configured, or nobody looked */
	AUTH_GOOD,
	AUTH_ABSENT,  /* no MAC */
	AUTH_REFUSED, /* a crypto-NAK */
	AUTH_OTHER_KEY,
	AUTH_WRONG /* digest, its length, or what lies before it */
};

#endif
