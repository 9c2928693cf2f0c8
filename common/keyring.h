/*
 * Symmetric keys ordered by ID.  In ntpd, all keys of the key file; in the
 * programs that use keys, those that messages brought.
 */
#ifndef COMMON_KEYRING_H
#define COMMON_KEYRING_H

#include "common/msg.h"

#define KEYRING_MAX 1024

struct keyring {
	uint32_t count;
	struct mac_key keys[KEYRING_MAX];
};

/* True if a key has an ID, a known type, and a length valid for that type. */
bool keyring_key_ok(const struct mac_key *key);

/*
 * Insert a valid key.  Returns -1 if the ID exists already or the ring is full.
 */
MUST_CHECK int keyring_add(struct keyring *r, const struct mac_key *key);

/*
 * Add the keys of a message.  On the first invalid one it returns -1 and stops.
 */
MUST_CHECK int keyring_take(struct keyring *r, const struct msg_keys *m);

/*
 * The key with this ID, or NULL.  The pointer is valid until the ring changes.
 */
const struct mac_key *keyring_find(const struct keyring *r, uint32_t id);

/* Erase all keys.  An empty ring is not touched. */
void keyring_clear(struct keyring *r);

/* Move all keys from one ring to another; the source is then empty. */
void keyring_move(struct keyring *to, struct keyring *from);

#endif
