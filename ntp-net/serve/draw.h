/*
 * Random bits without a system call: ChaCha20 with fast key erasure.  Bits that
 * were drawn do not predict later ones, and reading the memory does not reveal
 * earlier ones.
 */
#ifndef SERVE_DRAW_H
#define SERVE_DRAW_H

#include <stdint.h>

#define DRAW_KEY_LEN 32
#define DRAW_PIECES  240 /* per run of the cipher: 8 blocks less a key */

/* Private. */
struct draw {
	uint8_t key[DRAW_KEY_LEN];
	uint32_t left;
	uint16_t pieces[DRAW_PIECES];
};

/* Initialize from a key, which must be random and secret. */
void draw_init(struct draw *d, const uint8_t key[DRAW_KEY_LEN]);

/* 16 random bits, in about 6 ns.  A request uses several of them. */
uint16_t draw_piece(struct draw *d);

#endif
