/*
 * Random bits without a system call: ChaCha20 with fast key erasure.  What was
 * drawn tells nothing of what will be, and a memory that is read out tells
 * nothing of what was drawn before.
 */
#ifndef SERVE_DRAW_H
#define SERVE_DRAW_H

#include <stdint.h>

#define DRAW_KEY_LEN 32
#define DRAW_PIECES  240 /* of one run of the cipher: 8 blocks less a key */

/* Private. */
struct draw {
	uint8_t key[DRAW_KEY_LEN];
	uint32_t left;
	uint16_t pieces[DRAW_PIECES];
};

/* Begin, from a key that is random and secret. */
void draw_init(struct draw *d, const uint8_t key[DRAW_KEY_LEN]);

/* 16 random bits, of which each request takes some: in about 6 ns. */
uint16_t draw_piece(struct draw *d);

#endif
