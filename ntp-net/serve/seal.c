/*
 * The MAC of an answer, see seal.h.  Run by ntp-serve on what anybody sends;
 * it must never tell what is wrong with a MAC, nor in what it takes to look at
 * one, and never make an answer longer than its request.
 */
#include "seal.h"

#include <assert.h>
#include <string.h>

/* The key with which the request is right, or NULL. */
static const struct mac_key *
proven_key(const struct keyring *keys, const struct seal_request *rq,
    const struct auth_tail *tail)
{
	const struct mac_key *key = keyring_find(keys, tail->key_id);
	struct mac_claim claim = { .data = rq->buf,
		.len = tail->covered,
		.digest = rq->buf + tail->covered + AUTH_ID_LEN,
		.digest_len = tail->digest_len };

	return key != NULL && mac_check(key, &claim) ? key : NULL;
}

size_t
seal_answer(const struct keyring *keys, const struct seal_request *rq,
    uint8_t out[SEAL_ANSWER_MAX], size_t len)
{
	uint8_t digest[MAC_DIGEST_MAX];
	const struct mac_key *key;
	struct auth_tail tail;

	if (rq->len == NTP_PACKET_LEN)
		return len; /* most are so */
	if (auth_parse(rq->buf, rq->len, &tail) == -1 || tail.kind == AUTH_NAK)
		return 0;
	if (tail.kind == AUTH_NONE)
		return len;
	assert(len <= NTP_PACKET_LEN && tail.digest_len <= AUTH_DIGEST_MAX);
	key = proven_key(keys, rq, &tail);
	if (key == NULL) {
		auth_put_id(out + len, 0);
		return len + AUTH_ID_LEN;
	}
	(void)mac_digest(key, out, len, digest); /* as long as that of rq */
	auth_put_id(out + len, key->id);
	memcpy(out + len + AUTH_ID_LEN, digest, tail.digest_len);
	return len + AUTH_ID_LEN + tail.digest_len;
}
