/*
 * Message authentication codes, see mac.h.  Linked into ntp-net and ntp-serve,
 * the only programs that get keys.  Must never leave behind a copy of a key, or
 * of a digest that would allow a forgery.
 */
#include "common/mac.h"

#include <nettle/cmac.h>
#include <nettle/md5.h>
#include <nettle/memops.h>
#include <nettle/nettle-meta.h>
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

/* The hash function of each type; NULL if the type has none. */
static const struct nettle_hash *const hashes[MAC_TYPES] = {
	[MAC_MD5] = &nettle_md5,
	[MAC_SHA1] = &nettle_sha1,
	[MAC_SHA256] = &nettle_sha256,
	[MAC_SHA512] = &nettle_sha512,
};

size_t
mac_digest(const struct mac_key *key, const uint8_t *data, size_t len,
    uint8_t digest[MAC_DIGEST_MAX])
{
	const struct nettle_hash *h =
	    key->type < MAC_TYPES ? hashes[key->type] : NULL;
	union state s;
	size_t n = 0;

	if (h != NULL) {
		n = h->digest_size;
		h->init(&s);
		h->update(&s, key->len, key->value);
		h->update(&s, len, data);
		h->digest(&s, n, digest);
	} else if (key->type == MAC_AES128) { /* its key is of that length */
		n = CMAC128_DIGEST_SIZE;
		cmac_aes128_set_key(&s.aes128, key->value);
		cmac_aes128_update(&s.aes128, len, data);
		cmac_aes128_digest(&s.aes128, n, digest);
	}
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
