/*
 * The MAC of an answer, see reply_mac.h.  Run by ntp-serve on what anybody
 * sends.  It must never reveal what is wrong with a MAC, not even by the time
 * that a check takes, and never make an answer longer than its request.
 */
#include "ntp-net/serve/reply_mac.h"

#include <assert.h>
#include <string.h>

#include "common/mac.h"

_Static_assert(MAC_DIGEST_MAX == AUTH_DIGEST_MAX, "digests");
_Static_assert(MAC_CUT_LEN == AUTH_V4_DIGEST_MAX, "that are cut off");

/* The key for which the request's MAC is valid, or NULL. */
static const struct mac_key *
proven_key(const struct keyring *keys, const struct reply_mac_request *rq,
    const struct auth_tail *tail)
{
	const struct mac_key *key = keyring_find(keys, tail->key_id);
	struct mac_claim claim = { .data = rq->buf,
		.len = tail->covered,
		.digest = rq->buf + tail->covered + AUTH_ID_LEN,
		.digest_len = tail->digest_len };

	return key != NULL && mac_check(key, &claim) ? key : NULL;
}

struct reply_mac
reply_mac_for(const struct keyring *keys, const struct reply_mac_request *rq)
{
	struct reply_mac reply_mac = { .kind = REPLY_MAC_NONE };
	struct auth_tail tail;

	if (rq->len == NTP_PACKET_LEN)
		return reply_mac; /* most requests have no MAC */
	if (auth_parse(rq->buf, rq->len, &tail) == -1 || tail.kind == AUTH_NAK)
		return (struct reply_mac){ .kind = REPLY_MAC_DROP };
	if (tail.kind == AUTH_NONE)
		return reply_mac;
	reply_mac.key = proven_key(keys, rq, &tail);
	reply_mac.kind = reply_mac.key == NULL ? REPLY_MAC_NAK : REPLY_MAC_KEY;
	reply_mac.digest_len = tail.digest_len;
	return reply_mac;
}

size_t
reply_mac_append(const struct reply_mac *reply_mac,
    uint8_t out[REPLY_MAC_ANSWER_MAX], size_t len)
{
	uint8_t digest[MAC_DIGEST_MAX];

	assert(
	    len <= NTP_PACKET_LEN && reply_mac->digest_len <= AUTH_DIGEST_MAX);
	switch (reply_mac->kind) {
	case REPLY_MAC_NONE:
		return len;
	case REPLY_MAC_KEY:
		break;
	case REPLY_MAC_NAK:
		auth_put_id(out + len, 0);
		return len + AUTH_ID_LEN;
	case REPLY_MAC_DROP:
		return 0;
	}
	/* as long as that of the request */
	(void)mac_digest(reply_mac->key, out, len, digest);
	auth_put_id(out + len, reply_mac->key->id);
	memcpy(out + len + AUTH_ID_LEN, digest, reply_mac->digest_len);
	return len + AUTH_ID_LEN + reply_mac->digest_len;
}
