/*
 * The keyed hash of addresses.  The values were computed by two other
 * implementations: the one that orders the dictionaries of CPython 3.11, whose
 * key is zero, and one that also gives the vector of the paper for
 * SipHash-2-4.
 */
#include "hash.h"
#include "tap.h"

int
main(void)
{
	static const uint64_t zero[2] = { 0, 0 };
	static const uint64_t counted[2] = { UINT64_C(0x0706050403020100),
		UINT64_C(0x0f0e0d0c0b0a0908) };
	uint8_t octets[HASH_OCTETS];

	for (int i = 0; i < HASH_OCTETS; i++)
		octets[i] = (uint8_t)i;
	OK(hash_address(zero, octets) == UINT64_C(0x8972188433a5c5b7),
	    "0, 1 ... 15 under the key of zeros");
	OK(hash_address(counted, octets) == UINT64_C(0xcc4fdd1a7d908b66),
	    "the same under the key 0, 1 ... 15");
	for (int i = 0; i < HASH_OCTETS; i++)
		octets[i] = 0;
	OK(hash_address(zero, octets) == UINT64_C(0x76be999e3e25b2a0), "zeros");
	for (int i = 0; i < HASH_OCTETS; i++)
		octets[i] = 0xff;
	OK(hash_address(zero, octets) == UINT64_C(0x35029a3b6274a39b), "ones");
	return DONE();
}
