/*
 * The message authentication code at the end of a packet: its position, and the
 * result of its check (RFC 5905 section 7.3, RFC 7822 section 3, RFC 8573).
 * Run by ntp-net and ntp-serve.  Pure, and without keys: the caller has the
 * keys, checks the digest and passes the result in.
 */
#ifndef CORE_AUTH_H
#define CORE_AUTH_H

#include "core/types.h"

#define AUTH_ID_LEN	   4  /* octets of a key ID */
#define AUTH_DIGEST_MAX	   64 /* SHA-512, before version 4 */
#define AUTH_V4_DIGEST_MAX 20 /* longer could be an extension field */
#define AUTH_FIELDS_MAX	   16 /* in one packet */

enum auth_kind {
	AUTH_NONE, /* no MAC */
	AUTH_NAK,  /* only four octets: crypto-NAK, RFC 5905 section 9.2 */
	AUTH_MAC
};

struct auth_tail {
	enum auth_kind kind;
	size_t covered; /* length of the header and its fields */
	uint32_t key_id;
	size_t digest_len; /* the digest is at covered + AUTH_ID_LEN */
};

/*
 * Find what follows the header of a datagram of len octets.  Returns 0; or -1
 * with *out zero if the datagram is shorter than a header or of odd length, or
 * has an extension field that is too short or too long, or too many of them.
 *
 * In version 4, the last 20 or 24 octets are a MAC, and the last 4 alone a
 * crypto-NAK; an extension field at the end of the packet has 28 octets or more
 * (RFC 7822 section 3).  Versions before 4 had no fields, and all that follows
 * the header is a MAC.
 */
MUST_CHECK int auth_parse(
    const uint8_t *buf, size_t len, struct auth_tail *out);

/* Write a key ID: AUTH_ID_LEN octets. */
void auth_put_id(uint8_t *p, uint32_t key_id);

/* The result of the check of an answer's MAC. */
enum auth_result {
	AUTH_NOT_LOOKED, /* no key is configured, or no check was made */
	AUTH_GOOD,
	AUTH_ABSENT,  /* no MAC */
	AUTH_REFUSED, /* a crypto-NAK */
	AUTH_OTHER_KEY,
	AUTH_WRONG /* the digest, its length, or the covered octets */
};

#endif
