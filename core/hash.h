/*
 * A keyed hash of an address, by which tables of clients are ordered: without
 * the key nobody can choose addresses that fall together.  Pure.
 */
#ifndef CORE_HASH_H
#define CORE_HASH_H

#include "types.h"

#define HASH_OCTETS 16

/*
 * SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012)
 * of an address: one round a word and three to finish.  key is secret and
 * random.
 */
uint64_t hash_address(const uint64_t key[2], const uint8_t octets[HASH_OCTETS]);

#endif
