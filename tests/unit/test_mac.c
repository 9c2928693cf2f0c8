/*
 * Digests against published vectors, and when a digest is right.
 */
#include "common/mac.h"

#include <string.h>

#include "tests/tap.h"

/* RFC 4493 section 4: one key, the beginning of one message. */
static const uint8_t cmac_key[16] = { 0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2,
	0xa6, 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c };
static const uint8_t cmac_message[64] = { 0x6b, 0xc1, 0xbe, 0xe2, 0x2e, 0x40,
	0x9f, 0x96, 0xe9, 0x3d, 0x7e, 0x11, 0x73, 0x93, 0x17, 0x2a, 0xae, 0x2d,
	0x8a, 0x57, 0x1e, 0x03, 0xac, 0x9c, 0x9e, 0xb7, 0x6f, 0xac, 0x45, 0xaf,
	0x8e, 0x51, 0x30, 0xc8, 0x1c, 0x46, 0xa3, 0x5c, 0xe4, 0x11, 0xe5, 0xfb,
	0xc1, 0x19, 0x1a, 0x0a, 0x52, 0xef, 0xf6, 0x9f, 0x24, 0x45, 0xdf, 0x4f,
	0x9b, 0x17, 0xad, 0x2b, 0x41, 0x7b, 0xe6, 0x6c, 0x37, 0x10 };

struct vector {
	const char *name;
	enum mac_type type;
	const char *key; /* NULL: that of RFC 4493 */
	size_t len;
	const char *want;
};

/* Published vectors of the hash functions: "abc", with "a" as the key. */
/* clang-format off */
static const struct vector vectors[] = {
	{ "RFC 4493 example 1", MAC_AES128, NULL, 0,
	    "bb1d6929e95937287fa37d129b756746" },
	{ "RFC 4493 example 2", MAC_AES128, NULL, 16,
	    "070a16b46b4d4144f79bdd9dd04a287c" },
	{ "RFC 4493 example 3", MAC_AES128, NULL, 40,
	    "dfa66747de9ae63030ca32611497c827" },
	{ "RFC 4493 example 4", MAC_AES128, NULL, 64,
	    "51f0bebf7e3b9d92fc49741779363cfe" },
	{ "MD5, RFC 1321", MAC_MD5, "a", 2,
	    "900150983cd24fb0d6963f7d28e17f72" },
	{ "SHA-1, FIPS 180", MAC_SHA1, "a", 2,
	    "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ "SHA-256, FIPS 180", MAC_SHA256, "a", 2,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "SHA-512, FIPS 180", MAC_SHA512, "a", 2,
	    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
};
/* clang-format on */
#define VECTORS (sizeof(vectors) / sizeof(vectors[0]))

static struct mac_key
key_of(const struct vector *v)
{
	struct mac_key k = { .id = 1, .type = (uint32_t)v->type };

	if (v->key == NULL) {
		k.len = sizeof(cmac_key);
		memcpy(k.value, cmac_key, sizeof(cmac_key));
	} else {
		k.len = (uint32_t)strlen(v->key);
		memcpy(k.value, v->key, k.len);
	}
	return k;
}

static const uint8_t *
message_of(const struct vector *v)
{
	return v->key == NULL ? cmac_message : (const uint8_t *)"bc";
}

static void
to_hex(char *text, const uint8_t *p, size_t n)
{
	text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", p[i]);
}

static void
test_vectors(void)
{
	struct mac_key none = { .id = 1, .type = MAC_NONE, .len = 1 };
	uint8_t digest[MAC_DIGEST_MAX];
	char text[2 * MAC_DIGEST_MAX + 1];

	for (size_t i = 0; i < VECTORS; i++) {
		const struct vector *v = &vectors[i];
		struct mac_key k = key_of(v);
		size_t n = mac_digest(&k, message_of(v), v->len, digest);

		to_hex(text, digest, n);
		OK(strcmp(text, v->want) == 0, "%s: %s", v->name, text);
	}
	IS_I64(mac_digest(&none, cmac_message, 1, digest), 0,
	    "there is no digest without a type");
}

/* How many changed digests are accepted. */
static int
wrong_ones_taken(const struct mac_key *k, struct mac_claim c, uint8_t *digest)
{
	int taken = 0;

	for (size_t bit = 0; bit < 8 * c.digest_len; bit++) {
		digest[bit / 8] ^= (uint8_t)(1U << (bit % 8));
		taken += mac_check(k, &c);
		digest[bit / 8] ^= (uint8_t)(1U << (bit % 8));
	}
	return taken;
}

static void
test_check(void)
{
	uint8_t digest[MAC_DIGEST_MAX];

	for (size_t i = 0; i < VECTORS; i++) {
		const struct vector *v = &vectors[i];
		struct mac_key k = key_of(v);
		struct mac_claim c = {
			.data = message_of(v), .len = v->len, .digest = digest
		};
		size_t n = mac_digest(&k, c.data, c.len, digest);
		int lengths = 0;

		c.digest_len = n;
		OK(mac_check(&k, &c), "%s: its digest is right", v->name);
		IS_I64(wrong_ones_taken(&k, c, digest), 0,
		    "%s: no bit of it may be another", v->name);
		for (c.digest_len = 0; c.digest_len <= MAC_DIGEST_MAX;
		     c.digest_len++)
			lengths += mac_check(&k, &c);
		IS_I64(lengths, n > MAC_CUT_LEN ? 2 : 1,
		    "%s: nor its length, but that it is cut off", v->name);
		k.value[0] ^= 1;
		c.digest_len = n;
		OK(!mac_check(&k, &c), "%s: another key", v->name);
	}
}

static void
test_wire(void)
{
	IS_I64(mac_wire_length(16, 4), 16, "MD5 and CMAC are whole");
	IS_I64(mac_wire_length(20, 4), 20, "so is SHA-1");
	IS_I64(mac_wire_length(32, 4), 20, "SHA-256 is cut off in version 4");
	IS_I64(mac_wire_length(64, 4), 20, "so is SHA-512");
	IS_I64(mac_wire_length(64, 3), 64, "and not before");
}

int
main(void)
{
	test_vectors();
	test_check();
	test_wire();
	return DONE();
}
