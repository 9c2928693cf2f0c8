/*
 * Random bits without a system call: ChaCha20 with fast key erasure.  What was
 * drawn tells nothing of what will be, and a memory that is read out tells
 * nothing of what was drawn before.
 */
#ifndef SERVE_DRAW_H
#define SERVE_DRAW_H

#include <stdint.h>

#define DRAW_KEY_LEN 32
#define DRAW_WORDS   60 /* of one run of the cipher: 8 blocks less a key */

/* Private. */
struct draw {
	uint8_t key[DRAW_KEY_LEN];
	uint32_t left;
	uint64_t words[DRAW_WORDS];
};

/* Begin, from a key that is random and secret. */
void draw_init(struct draw *d, const uint8_t key[DRAW_KEY_LEN]);

/* 64 random bits. */
uint64_t draw_word(struct draw *d);

#endif
