/*
 * The MAC of an answer: RFC 5905 sections 7.3 and 9.2, RFC 8573.
 */
#ifndef SERVE_SEAL_H
#define SERVE_SEAL_H

#include "auth.h"
#include "keyring.h"
#include "packet.h"

/* The longest answer: a header and a MAC. */
#define SEAL_ANSWER_MAX (NTP_PACKET_LEN + AUTH_ID_LEN + AUTH_DIGEST_MAX)

struct seal_request {
	const uint8_t *buf;
	size_t len;
};

/*
 * Make the answer to this request, which is len octets in out, one that its
 * sender can check, and return its length:
 *
 *	a request without a MAC		the answer as it is
 *	with the MAC of a key		with a MAC of that key, as long as the
 *					one that came
 *	with any other MAC		a crypto-NAK: "if authentication fails,
 *					the server returns a special message"
 *					(RFC 5905 section 9.2)
 *	a crypto-NAK			0: nothing, or two servers could send
 *					them to each other for ever
 *
 * What is returned is never longer than the request.
 */
size_t seal_answer(const struct keyring *keys, const struct seal_request *rq,
    uint8_t out[SEAL_ANSWER_MAX], size_t len);

#endif
