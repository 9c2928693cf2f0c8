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
	SEAL_NONE, /* no MAC was asked for */
	SEAL_KEY,  /* with the MAC of this key */
	SEAL_NAK,  /* it was asked for with a MAC that is wrong */
	SEAL_DROP  /* no answer */
};

/* What the answer gets behind it. */
struct seal {
	enum seal_kind kind;
	const struct mac_key *key; /* of the ring */
	size_t digest_len;
};

/*
 * What the answer to this request gets behind it, so that its sender can check
 * it:
 *
 *	a request without a MAC		nothing
 *	with the MAC of a key		a MAC of that key, as long as the one that
 *					came
 *	with any other MAC		a crypto-NAK: "if authentication fails,
 *					the server returns a special message"
 *					(RFC 5905 section 9.2)
 *	a crypto-NAK			it is dropped, or two servers could send
 *					them to each other for ever
 */
struct seal seal_of(const struct keyring *keys, const struct seal_request *rq);

/*
 * Put it behind an answer of len octets and return the length of both, which is
 * never more than that of the request if the answer alone is a header.
 */
size_t seal_put(
    const struct seal *seal, uint8_t out[SEAL_ANSWER_MAX], size_t len);

#endif
