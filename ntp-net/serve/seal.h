/*
 * The MAC of an answer: RFC 5905 sections 7.3 and 9.2, RFC 8573.
 */
#ifndef SERVE_SEAL_H
#define SERVE_SEAL_H

#include "common/keyring.h"
#include "core/packet/auth.h"
#include "core/packet/packet.h"

/* The longest answer: a header and a MAC. */
#define SEAL_ANSWER_MAX (NTP_PACKET_LEN + AUTH_ID_LEN + AUTH_DIGEST_MAX)

struct seal_request {
	const uint8_t *buf;
	size_t len;
};

enum seal_kind {
	SEAL_NONE, /* the request has no MAC */
	SEAL_KEY,  /* append a MAC of this key */
	SEAL_NAK,  /* the request's MAC is wrong: append a crypto-NAK */
	SEAL_DROP  /* send no answer */
};

/* What is appended to the answer. */
struct seal {
	enum seal_kind kind;
	const struct mac_key *key; /* belongs to the key ring */
	size_t digest_len;
};

/*
 * Decide what is appended to the answer, so that the sender can check it:
 *
 *	a request without a MAC		nothing
 *	with a valid MAC of a key	a MAC of that key, as long as the
 *					request's
 *	with any other MAC		a crypto-NAK: "if authentication fails,
 *					the server returns a special message"
 *					(RFC 5905 section 9.2)
 *	a crypto-NAK			no answer, or two servers could send
 *					them to each other for ever
 */
struct seal seal_of(const struct keyring *keys, const struct seal_request *rq);

/*
 * Append it to an answer of len octets and return the total length.  If the
 * answer alone is a header, this is never longer than the request.
 */
size_t seal_put(
    const struct seal *seal, uint8_t out[SEAL_ANSWER_MAX], size_t len);

#endif
