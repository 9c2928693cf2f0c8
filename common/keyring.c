/*
 * Symmetric keys, see keyring.h.  Run by ntpd, ntp-net and ntp-serve.  Must
 * never log or keep a copy of a key.
 */
#include "common/keyring.h"

#include <string.h>

bool
keyring_key_ok(const struct mac_key *key)
{
	return key->id != 0 && key->type > MAC_NONE && key->type < MAC_TYPES &&
	    key->len >= 1 && key->len <= MAC_KEY_MAX && key->reserved == 0 &&
	    (key->type != MAC_AES128 || key->len == MAC_AES128_KEY);
}

/* The index of the first key whose ID is not less than id. */
static uint32_t
place_of(const struct keyring *r, uint32_t id)
{
	uint32_t low = 0, high = r->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (r->keys[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int
keyring_add(struct keyring *r, const struct mac_key *key)
{
	uint32_t at = place_of(r, key->id);

	if (r->count == KEYRING_MAX ||
	    (at < r->count && r->keys[at].id == key->id))
		return -1;
	memmove(&r->keys[at + 1], &r->keys[at],
	    (r->count - at) * sizeof(r->keys[0]));
	r->keys[at] = *key;
	r->count++;
	return 0;
}

int
keyring_take(struct keyring *r, const struct msg_keys *m)
{
	if (m->count > KEYS_A_MESSAGE)
		return -1;
	for (uint32_t i = 0; i < m->count; i++)
		if (!keyring_key_ok(&m->keys[i]) ||
		    keyring_add(r, &m->keys[i]) == -1)
			return -1;
	return 0;
}

const struct mac_key *
keyring_find(const struct keyring *r, uint32_t id)
{
	uint32_t at = place_of(r, id);

	return at < r->count && r->keys[at].id == id ? &r->keys[at] : NULL;
}

void
keyring_clear(struct keyring *r)
{
	explicit_bzero(r->keys, r->count * sizeof(r->keys[0]));
	r->count = 0;
}

void
keyring_move(struct keyring *to, struct keyring *from)
{
	keyring_clear(to);
	memcpy(to->keys, from->keys, from->count * sizeof(from->keys[0]));
	to->count = from->count;
	keyring_clear(from);
}
