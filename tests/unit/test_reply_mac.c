/*
 * The MAC of an answer: which request gets which.
 */
#include "common/mac.h"
#include "ntp-net/serve/reply_mac.h"

#include <string.h>

#include "core/serve/serve.h"
#include "tests/tap.h"

static struct keyring ring;

static const struct mac_key keys[] = {
	{ .id = 1, .type = MAC_MD5, .len = 3, .value = "one" },
	{ .id = 2, .type = MAC_SHA1, .len = 3, .value = "two" },
	{ .id = 3, .type = MAC_SHA256, .len = 5, .value = "three" },
	{ .id = 4, .type = MAC_SHA512, .len = 4, .value = "four" },
	{ .id = 5, .type = MAC_AES128, .len = 16, .value = "0123456789abcdef" },
};
#define KEYS (sizeof(keys) / sizeof(keys[0]))

/* A request with a MAC, and its answer. */
struct exchange {
	uint8_t request[NTP_PACKET_LEN + 200];
	size_t request_len;
	size_t covered;
	uint8_t answer[REPLY_MAC_ANSWER_MAX];
	size_t answer_len;
};

/* As ntp-serve does: check first, as the answer overwrites it. */
static size_t
append_reply_mac(const struct keyring *with, const struct reply_mac_request *rq,
    uint8_t *out, size_t len)
{
	struct reply_mac reply_mac = reply_mac_for(with, rq);

	return reply_mac_append(&reply_mac, out, len);
}

/* An unsigned request of this version, with fields of these lengths. */
static void
begin(struct exchange *x, uint8_t version, size_t field)
{
	memset(x, 0, sizeof(*x));
	x->request[0] = (uint8_t)(version << 3 | MODE_CLIENT);
	x->request[47] = 7;
	if (field != 0) {
		x->request[NTP_PACKET_LEN] = 0xf0;
		x->request[NTP_PACKET_LEN + 3] = (uint8_t)field;
	}
	x->covered = x->request_len = NTP_PACKET_LEN + field;
}

static void
sign(struct exchange *x, const struct mac_key *key, size_t cut)
{
	uint8_t digest[MAC_DIGEST_MAX];
	size_t n = mac_digest(key, x->request, x->covered, digest);

	n = n > cut ? cut : n;
	auth_put_id(x->request + x->covered, key->id);
	memcpy(x->request + x->covered + AUTH_ID_LEN, digest, n);
	x->request_len = x->covered + AUTH_ID_LEN + n;
}

static void
ask(struct exchange *x)
{
	struct reply_mac_request rq = { .buf = x->request,
		.len = x->request_len };

	memset(x->answer, 0x5a, sizeof(x->answer));
	x->answer[0] = 0x24;
	x->answer_len = append_reply_mac(&ring, &rq, x->answer, NTP_PACKET_LEN);
}

static bool
is_bare(const struct exchange *x)
{
	return x->answer_len == NTP_PACKET_LEN;
}

static bool
is_nak(const struct exchange *x)
{
	static const uint8_t zero[AUTH_ID_LEN];

	return x->answer_len == NTP_PACKET_LEN + AUTH_ID_LEN &&
	    memcmp(x->answer + NTP_PACKET_LEN, zero, sizeof(zero)) == 0;
}

/* Has the answer a MAC of this key, as long as the request's? */
static bool
is_sealed(const struct exchange *x, const struct mac_key *key)
{
	struct mac_claim c = { .data = x->answer, .len = NTP_PACKET_LEN };
	uint8_t id[AUTH_ID_LEN];

	auth_put_id(id, key->id);
	c.digest = x->answer + NTP_PACKET_LEN + AUTH_ID_LEN;
	c.digest_len = x->request_len - x->covered - AUTH_ID_LEN;
	return x->answer_len == NTP_PACKET_LEN + AUTH_ID_LEN + c.digest_len &&
	    memcmp(x->answer + NTP_PACKET_LEN, id, sizeof(id)) == 0 &&
	    mac_check(key, &c);
}

static void
test_keys(void)
{
	static const size_t fields[] = { 0, 16, 28, 100 };
	struct exchange x;

	for (size_t i = 0; i < KEYS; i++) {
		for (size_t f = 0; f < 4; f++) {
			begin(&x, 4, fields[f]);
			sign(&x, &keys[i], AUTH_V4_DIGEST_MAX);
			ask(&x);
			OK(is_sealed(&x, &keys[i]),
			    "E-03 key %u, a field of %zu: answered with it",
			    keys[i].id, fields[f]);
		}
		begin(&x, 3, 0);
		sign(&x, &keys[i], AUTH_DIGEST_MAX);
		ask(&x);
		OK(is_sealed(&x, &keys[i]), "E-03 key %u, version 3, whole",
		    keys[i].id);
		begin(&x, 3, 0);
		sign(&x, &keys[i], AUTH_V4_DIGEST_MAX);
		ask(&x);
		OK(is_sealed(&x, &keys[i]), "E-03 key %u, version 3, cut off",
		    keys[i].id);
	}
}

static void
test_wrong(void)
{
	struct exchange x;
	struct mac_key other = keys[4];
	int naks = 0, bits = 0;

	begin(&x, 4, 28);
	sign(&x, &keys[4], AUTH_V4_DIGEST_MAX);
	for (size_t bit = 0; bit < 8 * x.request_len; bit++) {
		/* version, length of the field: these make it another packet */
		if (bit / 8 == 0 ||
		    (bit / 8 >= NTP_PACKET_LEN && bit / 8 < x.covered &&
			bit / 8 < NTP_PACKET_LEN + 4))
			continue;
		x.request[bit / 8] ^= (uint8_t)(1U << (bit % 8));
		ask(&x);
		naks += is_nak(&x);
		bits++;
		x.request[bit / 8] ^= (uint8_t)(1U << (bit % 8));
	}
	IS_I64(naks, bits, "E-04 E-07 each flipped bit makes a crypto-NAK");
	other.id = 77;
	begin(&x, 4, 0);
	sign(&x, &other, AUTH_V4_DIGEST_MAX);
	ask(&x);
	OK(is_nak(&x), "E-04 an unknown key: a crypto-NAK");
	begin(&x, 4, 0);
	sign(&x, &keys[4], AUTH_V4_DIGEST_MAX);
	x.request_len += 4;
	ask(&x);
	OK(is_nak(&x), "E-05 20 octets for a key of AES128: a crypto-NAK");
	begin(&x, 4, 0);
	sign(&x, &keys[1], 16);
	ask(&x);
	OK(is_nak(&x), "E-05 16 octets for a key of SHA1: a crypto-NAK");
}

static void
test_without(void)
{
	struct exchange x;

	begin(&x, 4, 0);
	ask(&x);
	OK(is_bare(&x), "without a MAC: a bare header");
	begin(&x, 4, 28);
	ask(&x);
	OK(is_bare(&x), "with a field alone: a bare header");
	begin(&x, 4, 0);
	x.request_len += AUTH_ID_LEN;
	ask(&x);
	IS_I64(x.answer_len, 0, "a crypto-NAK gets no answer");
	begin(&x, 4, 0);
	x.request_len += 8;
	ask(&x);
	IS_I64(x.answer_len, 0, "nor what is no packet");
}

int
main(void)
{
	for (size_t i = 0; i < KEYS; i++)
		OK(keyring_add(&ring, &keys[i]) == 0, "key %u", keys[i].id);
	test_keys();
	test_wrong();
	test_without();
	return DONE();
}
