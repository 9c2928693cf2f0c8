/*
 * Fuzz target: a datagram of any bytes.  Where its MAC is must lie within it;
 * what answers it is never longer, and sealed only if it was.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "common/mac.h"
#include "ntp-net/serve/reply_mac.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct mac_key key = {
	.id = 1, .type = MAC_SHA512, .len = 3, .value = "abc"
};

/* As ntp-serve answers: looked at first, for the answer takes its place. */
static size_t
append_reply_mac(const struct keyring *ring, const struct reply_mac_request *rq,
    uint8_t *out, size_t len)
{
	struct reply_mac reply_mac = reply_mac_for(ring, rq);

	return reply_mac_append(&reply_mac, out, len);
}

/* The datagram with the MAC that it should have had. */
static void
ask_signed(const struct keyring *keys, const uint8_t *data, size_t covered)
{
	uint8_t buf[2048], out[REPLY_MAC_ANSWER_MAX] = { 0 };
	uint8_t digest[MAC_DIGEST_MAX];
	struct reply_mac_request rq = { .buf = buf };
	struct auth_tail tail;

	if (covered > sizeof(buf) - AUTH_ID_LEN - MAC_CUT_LEN)
		return;
	memcpy(buf, data, covered);
	(void)mac_digest(&key, data, covered, digest);
	auth_put_id(buf + covered, key.id);
	memcpy(buf + covered + AUTH_ID_LEN, digest, MAC_CUT_LEN);
	rq.len = covered + AUTH_ID_LEN + MAC_CUT_LEN;
	if (auth_parse(buf, rq.len, &tail) == -1 || tail.covered != covered)
		return; /* it is another packet with a MAC */
	assert(append_reply_mac(keys, &rq, out, NTP_PACKET_LEN) ==
	    NTP_PACKET_LEN + AUTH_ID_LEN + MAC_CUT_LEN);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct keyring keys;
	uint8_t out[REPLY_MAC_ANSWER_MAX] = { 0 };
	struct reply_mac_request rq = { .buf = data, .len = size };
	struct auth_tail tail;
	size_t len;
	int rc = auth_parse(data, size, &tail);

	if (keys.count == 0)
		assert(keyring_add(&keys, &key) == 0);
	len = append_reply_mac(&keys, &rq, out, NTP_PACKET_LEN);
	if (rc == -1) {
		assert(tail.covered == 0 && len == 0);
		return 0;
	}
	assert(tail.covered >= NTP_PACKET_LEN && tail.covered <= size);
	assert(len <= size);
	switch (tail.kind) {
	case AUTH_NONE:
		assert(tail.covered == size && len == NTP_PACKET_LEN);
		break;
	case AUTH_NAK:
		assert(tail.covered + AUTH_ID_LEN == size && len == 0);
		break;
	case AUTH_MAC:
		assert(tail.covered + AUTH_ID_LEN + tail.digest_len == size);
		assert(tail.digest_len <= AUTH_DIGEST_MAX);
		assert(len > NTP_PACKET_LEN);
		break;
	}
	ask_signed(&keys, data, tail.covered);
	return 0;
}
