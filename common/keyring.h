/*
 * Symmetric keys in the order of their IDs: those of the file in ntpd, and of
 * them what messages brought in the programs that use them.
 */
#ifndef COMMON_KEYRING_H
#define COMMON_KEYRING_H

#include "common/msg.h"

#define KEYRING_MAX 1024

struct keyring {
	uint32_t count;
	struct mac_key keys[KEYRING_MAX];
};

/* True if a key has an ID, a type, and a length that fits it. */
bool keyring_key_ok(const struct mac_key *key);

/* Put a key that is ok in its place; -1 if that ID is there, or all is full. */
MUST_CHECK int keyring_add(struct keyring *r, const struct mac_key *key);

/* Take over what a message brings; -1, and nothing more, if it may not be. */
MUST_CHECK int keyring_take(struct keyring *r, const struct msg_keys *m);

/* The key of that ID, or NULL; it lives as long as the ring is unchanged. */
const struct mac_key *keyring_find(const struct keyring *r, uint32_t id);

/* Wipe out all of them; of a ring that has none nothing is touched. */
void keyring_clear(struct keyring *r);

/* Have in one ring what is in another, which has none after that. */
void keyring_move(struct keyring *to, struct keyring *from);

#endif
