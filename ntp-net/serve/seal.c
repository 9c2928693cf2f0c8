/*
 * The MAC of an answer, see seal.h.  Run by ntp-serve on what anybody sends.
 * It must never reveal what is wrong with a MAC, not even by the time that a
 * check takes, and never make an answer longer than its request.
 */
#include "ntp-net/serve/seal.h"

#include <assert.h>
#include <string.h>

#include "common/mac.h"

_Static_assert(MAC_DIGEST_MAX == AUTH_DIGEST_MAX, "digests");
_Static_assert(MAC_CUT_LEN == AUTH_V4_DIGEST_MAX, "that are cut off");

/* The key for which the request's MAC is valid, or NULL. */
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

struct seal
seal_of(const struct keyring *keys, const struct seal_request *rq)
{
	struct seal seal = { .kind = SEAL_NONE };
	struct auth_tail tail;

	if (rq->len == NTP_PACKET_LEN)
		return seal; /* most requests have no MAC */
	if (auth_parse(rq->buf, rq->len, &tail) == -1 || tail.kind == AUTH_NAK)
		return (struct seal){ .kind = SEAL_DROP };
	if (tail.kind == AUTH_NONE)
		return seal;
	seal.key = proven_key(keys, rq, &tail);
	seal.kind = seal.key == NULL ? SEAL_NAK : SEAL_KEY;
	seal.digest_len = tail.digest_len;
	return seal;
}

size_t
seal_put(const struct seal *seal, uint8_t out[SEAL_ANSWER_MAX], size_t len)
{
	uint8_t digest[MAC_DIGEST_MAX];

	assert(len <= NTP_PACKET_LEN && seal->digest_len <= AUTH_DIGEST_MAX);
	switch (seal->kind) {
	case SEAL_NONE:
		return len;
	case SEAL_KEY:
		break;
	case SEAL_NAK:
		auth_put_id(out + len, 0);
		return len + AUTH_ID_LEN;
	case SEAL_DROP:
		return 0;
	}
	/* as long as that of the request */
	(void)mac_digest(seal->key, out, len, digest);
	auth_put_id(out + len, seal->key->id);
	memcpy(out + len + AUTH_ID_LEN, digest, seal->digest_len);
	return len + AUTH_ID_LEN + seal->digest_len;
}
