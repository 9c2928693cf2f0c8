/*
 * The MAC of an answer: RFC 5905 sections 7.3 and 9.2, RFC 8573.
 */
#ifndef SERVE_REPLY_MAC_H
#define SERVE_REPLY_MAC_H

#include "common/keyring.h"
#include "core/packet/auth.h"
#include "core/packet/packet.h"

/* The longest answer: a header and a MAC. */
#define REPLY_MAC_ANSWER_MAX (NTP_PACKET_LEN + AUTH_ID_LEN + AUTH_DIGEST_MAX)

struct reply_mac_request {
	const uint8_t *buf;
	size_t len;
};

enum reply_mac_kind {
	REPLY_MAC_NONE, /* the request has no MAC */
	REPLY_MAC_KEY,	/* append a MAC of this key */
	REPLY_MAC_NAK,	/* the request's MAC is wrong: append a crypto-NAK */
	REPLY_MAC_DROP	/* send no answer */
};

/* What is appended to the answer. */
struct reply_mac {
	enum reply_mac_kind kind;
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
struct reply_mac reply_mac_for(
    const struct keyring *keys, const struct reply_mac_request *rq);

/*
 * Append it to an answer of len octets and return the total length.  If the
 * answer alone is a header, this is never longer than the request.
 */
size_t reply_mac_append(const struct reply_mac *reply_mac,
    uint8_t out[REPLY_MAC_ANSWER_MAX], size_t len);

#endif
