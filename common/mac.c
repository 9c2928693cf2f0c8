/*
 * Message authentication codes, see mac.h.  Linked into ntp-net and ntp-serve,
 * the only programs that get keys.  No copy of a key or of a digest that could
 * be forged with stays behind.
 */
#include "common/mac.h"

#include <nettle/cmac.h>
#include <nettle/md5.h>
#include <nettle/memops.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <string.h>

#define VERSION_4 4

union state {
	struct md5_ctx md5;
	struct sha1_ctx sha1;
	struct sha256_ctx sha256;
	struct sha512_ctx sha512;
	struct cmac_aes128_ctx aes128;
};

static size_t
digest_md5(union state *s, const struct mac_key *key, const struct mac_claim *c,
    uint8_t *digest)
{
	md5_init(&s->md5);
	md5_update(&s->md5, key->len, key->value);
	md5_update(&s->md5, c->len, c->data);
	md5_digest(&s->md5, MD5_DIGEST_SIZE, digest);
	return MD5_DIGEST_SIZE;
}

static size_t
digest_sha1(union state *s, const struct mac_key *key,
    const struct mac_claim *c, uint8_t *digest)
{
	sha1_init(&s->sha1);
	sha1_update(&s->sha1, key->len, key->value);
	sha1_update(&s->sha1, c->len, c->data);
	sha1_digest(&s->sha1, SHA1_DIGEST_SIZE, digest);
	return SHA1_DIGEST_SIZE;
}

static size_t
digest_sha256(union state *s, const struct mac_key *key,
    const struct mac_claim *c, uint8_t *digest)
{
	sha256_init(&s->sha256);
	sha256_update(&s->sha256, key->len, key->value);
	sha256_update(&s->sha256, c->len, c->data);
	sha256_digest(&s->sha256, SHA256_DIGEST_SIZE, digest);
	return SHA256_DIGEST_SIZE;
}

static size_t
digest_sha512(union state *s, const struct mac_key *key,
    const struct mac_claim *c, uint8_t *digest)
{
	sha512_init(&s->sha512);
	sha512_update(&s->sha512, key->len, key->value);
	sha512_update(&s->sha512, c->len, c->data);
	sha512_digest(&s->sha512, SHA512_DIGEST_SIZE, digest);
	return SHA512_DIGEST_SIZE;
}

/* The key was checked to have the length of one of AES-128. */
static size_t
digest_aes128(union state *s, const struct mac_key *key,
    const struct mac_claim *c, uint8_t *digest)
{
	cmac_aes128_set_key(&s->aes128, key->value);
	cmac_aes128_update(&s->aes128, c->len, c->data);
	cmac_aes128_digest(&s->aes128, CMAC128_DIGEST_SIZE, digest);
	return CMAC128_DIGEST_SIZE;
}

size_t
mac_digest(const struct mac_key *key, const uint8_t *data, size_t len,
    uint8_t digest[MAC_DIGEST_MAX])
{
	struct mac_claim c = { .data = data, .len = len };
	union state s;
	size_t n = 0;

	if (key->type == MAC_MD5)
		n = digest_md5(&s, key, &c, digest);
	else if (key->type == MAC_SHA1)
		n = digest_sha1(&s, key, &c, digest);
	else if (key->type == MAC_SHA256)
		n = digest_sha256(&s, key, &c, digest);
	else if (key->type == MAC_SHA512)
		n = digest_sha512(&s, key, &c, digest);
	else if (key->type == MAC_AES128)
		n = digest_aes128(&s, key, &c, digest);
	explicit_bzero(&s, sizeof(s));
	return n;
}

bool
mac_check(const struct mac_key *key, const struct mac_claim *claim)
{
	uint8_t digest[MAC_DIGEST_MAX];
	size_t n = mac_digest(key, claim->data, claim->len, digest);
	bool right;

	if (n > MAC_CUT_LEN && claim->digest_len == MAC_CUT_LEN)
		n = MAC_CUT_LEN;
	right = n != 0 && claim->digest_len == n &&
	    memeql_sec(digest, claim->digest, n) != 0;
	explicit_bzero(digest, sizeof(digest));
	return right;
}

size_t
mac_wire_length(size_t digest_len, unsigned int version)
{
	return version >= VERSION_4 && digest_len > MAC_CUT_LEN ? MAC_CUT_LEN
								: digest_len;
}
