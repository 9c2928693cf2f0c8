/*
 * Random bits for ntp-serve, whose sandbox has no getrandom(2): see draw.h.
 */
#include "ntp-net/serve/draw.h"

#include <nettle/chacha.h>
#include <string.h>

_Static_assert(DRAW_KEY_LEN == CHACHA_KEY_SIZE, "a key of the cipher");
_Static_assert(
    DRAW_KEY_LEN + DRAW_PIECES * 2 == 8 * CHACHA_BLOCK_SIZE, "no block is cut");

void
draw_init(struct draw *d, const uint8_t key[DRAW_KEY_LEN])
{
	memcpy(d->key, key, sizeof(d->key));
	d->left = 0;
}

/* The key makes the next key and the bits, and is then overwritten. */
static void
refill(struct draw *d)
{
	static const uint8_t nonce[CHACHA_NONCE_SIZE];
	uint8_t stream[DRAW_KEY_LEN + sizeof(d->pieces)] = { 0 };
	struct chacha_ctx ctx;

	chacha_set_key(&ctx, d->key);
	chacha_set_nonce(&ctx, nonce);
	chacha_crypt(&ctx, sizeof(stream), stream, stream);
	memcpy(d->key, stream, sizeof(d->key));
	memcpy(d->pieces, stream + sizeof(d->key), sizeof(d->pieces));
	d->left = DRAW_PIECES;
	explicit_bzero(&ctx, sizeof(ctx));
	explicit_bzero(stream, sizeof(stream));
}

uint16_t
draw_piece(struct draw *d)
{
	uint16_t piece;

	if (d->left == 0)
		refill(d);
	piece = d->pieces[--d->left];
	d->pieces[d->left] = 0;
	return piece;
}
