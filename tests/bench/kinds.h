/*
 * The kinds of datagrams of which a storm consists, and its random numbers.
 */
#ifndef BENCH_KINDS_H
#define BENCH_KINDS_H

#include <stddef.h>
#include <stdint.h>

#include "tests/peers/wire.h"

#define DATAGRAM_MAX 1500
#define DICE_POOL    (1U << 20)

/* Random numbers, the same again from the same seed. */
struct dice {
	uint64_t random;
	uint8_t pool[DICE_POOL];
};

enum kind {
	KIND_PLAIN, /* a request for the time */
	KIND_ANYTHING,
	KIND_ANY_MODE,
	KIND_FLIPPED,
	KIND_FIELDS,
	KIND_MAC,
	KIND_INTERLEAVED,
	KIND_MANAGEMENT,
	KINDS
};

void dice_init(struct dice *d, uint64_t seed);
uint64_t draw(struct dice *d);

/* From 0 to n - 1. */
uint32_t below(struct dice *d, uint32_t n);

/* Make a datagram, of DATAGRAM_MAX octets at most; returns its length. */
size_t kind_make(struct dice *d, enum kind kind, uint8_t *p);

#endif
