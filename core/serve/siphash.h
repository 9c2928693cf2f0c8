/*
 * SipHash (Aumasson and Bernstein, 2012): a keyed hash, which nobody can aim
 * without the key.  Pure.
 */
#ifndef CORE_SIPHASH_H
#define CORE_SIPHASH_H

#include <stdint.h>

struct siphash_key {
	uint64_t k0;
	uint64_t k1;
};

/* Private: the state and one round. */
struct siphash_state {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t
siphash_turn(uint64_t v, unsigned int bits)
{
	return v << bits | v >> (64 - bits);
}

static inline struct siphash_state
siphash_round(struct siphash_state s)
{
	s.v0 += s.v1;
	s.v2 += s.v3;
	s.v1 = siphash_turn(s.v1, 13) ^ s.v0;
	s.v3 = siphash_turn(s.v3, 16) ^ s.v2;
	s.v0 = siphash_turn(s.v0, 32) + s.v3;
	s.v2 += s.v1;
	s.v1 = siphash_turn(s.v1, 17) ^ s.v2;
	s.v3 = siphash_turn(s.v3, 21) ^ s.v0;
	s.v2 = siphash_turn(s.v2, 32);
	return s;
}

/* The number of rounds for each word and at the end. */
struct siphash_rounds {
	int word;
	int end;
};

/*
 * The hash of a message of 8 to 15 octets: the first 8 as a little-endian word,
 * and the others as a second word, whose highest octet is the length.
 */
static inline uint64_t
siphash_words(struct siphash_key key, struct siphash_rounds rounds,
    uint64_t first, uint64_t last)
{
	struct siphash_state s = { key.k0 ^ UINT64_C(0x736f6d6570736575),
		key.k1 ^ UINT64_C(0x646f72616e646f6d),
		key.k0 ^ UINT64_C(0x6c7967656e657261),
		key.k1 ^ UINT64_C(0x7465646279746573) };

	s.v3 ^= first;
	for (int i = 0; i < rounds.word; i++)
		s = siphash_round(s);
	s.v0 ^= first;
	s.v3 ^= last;
	for (int i = 0; i < rounds.word; i++)
		s = siphash_round(s);
	s.v0 ^= last;
	s.v2 ^= 0xff;
	for (int i = 0; i < rounds.end; i++)
		s = siphash_round(s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

#endif
