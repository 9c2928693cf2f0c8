/*
 * Keys in the order of their IDs, from messages in any order.
 */
#include "common/keyring.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

static struct keyring ring;

static struct mac_key
key(uint32_t id)
{
	return (struct mac_key){ .id = id,
		.type = MAC_SHA1,
		.len = 3,
		.value = { (uint8_t)id, 2, 3 } };
}

/* In an unsorted order: 7 and the count have no common divisor. */
static void
test_order(void)
{
	struct mac_key k;
	int kept = 0, found = 0;

	keyring_clear(&ring);
	for (uint32_t i = 0; i < KEYRING_MAX; i++) {
		k = key(1 + (i * 7) % KEYRING_MAX);
		kept += keyring_add(&ring, &k) == 0;
	}
	IS_I64(kept, KEYRING_MAX, "as many keys as there is room for");
	for (uint32_t id = 1; id <= KEYRING_MAX; id++) {
		const struct mac_key *f = keyring_find(&ring, id);

		found += f != NULL && f->id == id && f->value[0] == (uint8_t)id;
	}
	IS_I64(found, KEYRING_MAX, "each is found by its ID");
	OK(keyring_find(&ring, 0) == NULL &&
		keyring_find(&ring, KEYRING_MAX + 1) == NULL &&
		keyring_find(&ring, UINT32_MAX) == NULL,
	    "others are not");
	k = key(KEYRING_MAX + 1);
	IS_I64(keyring_add(&ring, &k), -1, "there is no room for one more");
	keyring_clear(&ring);
	OK(ring.count == 0 && keyring_find(&ring, 1) == NULL &&
		ring.keys[5].value[1] == 0,
	    "nothing is left of what was cleared");
	OK(keyring_add(&ring, &k) == 0 && keyring_add(&ring, &k) == -1,
	    "an ID is there once");
}

static const struct {
	const char *name;
	struct mac_key key;
	bool ok;
} keys[] = {
	{ "a key", { .id = 1, .type = MAC_MD5, .len = 1 }, true },
	{ "the longest", { .id = 1, .type = MAC_SHA512, .len = 64 }, true },
	{ "of AES-128", { .id = 1, .type = MAC_AES128, .len = 16 }, true },
	{ "of AES-128, short", { .id = 1, .type = MAC_AES128, .len = 15 },
	    false },
	{ "of AES-128, long", { .id = 1, .type = MAC_AES128, .len = 32 },
	    false },
	{ "an empty one", { .id = 1, .type = MAC_MD5, .len = 0 }, false },
	{ "one too long", { .id = 1, .type = MAC_MD5, .len = 65 }, false },
	{ "without an ID", { .id = 0, .type = MAC_MD5, .len = 1 }, false },
	{ "without a type", { .id = 1, .type = MAC_NONE, .len = 1 }, false },
	{ "of no known type", { .id = 1, .type = MAC_TYPES, .len = 1 }, false },
	{ "with more", { .id = 1, .type = MAC_MD5, .len = 1, .reserved = 1 },
	    false },
};

static void
test_messages(void)
{
	struct msg_keys m;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		m = (struct msg_keys){ .count = 1, .keys = { keys[i].key } };
		keyring_clear(&ring);
		OK(keyring_take(&ring, &m) == (keys[i].ok ? 0 : -1) &&
			ring.count == (keys[i].ok ? 1U : 0U),
		    "%s: %s", keys[i].name, keys[i].ok ? "taken" : "refused");
	}
	m = (struct msg_keys){ .count = KEYS_A_MESSAGE + 1 };
	IS_I64(keyring_take(&ring, &m), -1, "more keys than a message has");
	m = (struct msg_keys){ .count = 2, .keys = { key(9), key(9) } };
	IS_I64(keyring_take(&ring, &m), -1, "the same twice");
}

int
main(void)
{
	test_order();
	test_messages();
	return DONE();
}
