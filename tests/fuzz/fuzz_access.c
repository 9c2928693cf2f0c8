/*
 * Fuzz target: an access list.  Six bytes are a statement.  Whatever the list,
 * it takes what is a prefix and nothing else, and the verdict about the first
 * and last address of each prefix and their neighbours is that of a walk over
 * all statements.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/serve/access.h"

#define STATEMENTS_MAX 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct access list;
static struct access_prefix prefixes[STATEMENTS_MAX];
static size_t prefix_count;

static bool
bit(const uint8_t addr[16], int i)
{
	return (addr[i / 8] >> (7 - i % 8) & 1) != 0;
}

/* True if no bit is set from one on. */
static bool
is_clear(const uint8_t addr[16], int from)
{
	for (int i = from; i < 128; i++)
		if (bit(addr, i))
			return false;
	return true;
}

/* Add the statement as it is, or with the bits cleared that must be. */
static void
add(const uint8_t data[6])
{
	struct access_prefix p = { .family = data[0] & 1 ? 6 : 4,
		.bits = data[1],
		.verdict = (enum access_verdict)(data[0] >> 1 & 3) };
	bool good = p.verdict <= ACCESS_DENY_ANSWER;

	if (p.family == 4) {
		memcpy(p.addr, data + 2, 4);
	} else {
		p.addr[0] = data[2];
		p.addr[7] = data[3];
		p.addr[8] = data[4];
		p.addr[15] = data[5];
	}
	if ((data[0] & 0x80) == 0) {
		p.bits = (uint8_t)(p.bits % (p.family == 4 ? 33 : 129));
		for (int i = p.bits; i < 128; i++)
			p.addr[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
	}
	good = good && p.bits <= (p.family == 4 ? 32 : 128) &&
	    is_clear(p.addr, p.bits);
	if ((access_add(&list, &p) == 0) != good)
		abort();
	if (good)
		prefixes[prefix_count++] = p;
}

static enum access_verdict
walk(uint8_t family, const uint8_t addr[16])
{
	enum access_verdict verdict = ACCESS_ALLOW;
	int longest = -1;

	for (size_t i = 0; i < prefix_count; i++)
		if (prefixes[i].verdict == ACCESS_ALLOW)
			verdict = ACCESS_DENY;
	for (size_t i = 0; i < prefix_count; i++) {
		const struct access_prefix *p = &prefixes[i];
		bool in = p->family == family && p->bits >= longest;

		for (int b = 0; b < p->bits && in; b++)
			in = bit(p->addr, b) == bit(addr, b);
		if (in) {
			longest = p->bits;
			verdict = p->verdict;
		}
	}
	return verdict;
}

static uint64_t
half(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

static void
check(uint8_t family, const uint8_t addr[16])
{
	uint64_t high = half(addr), low = half(addr + 8);
	enum access_verdict want = walk(family, addr);

	if (family == 4)
		assert(access_find4(&list, (uint32_t)(high >> 32)) == want);
	else if (high != 0 || low >> 32 != 0xffff)
		assert(access_find6(&list, high, low) == want);
}

/* Check an address and the two beside it. */
static void
check_around(uint8_t family, const uint8_t addr[16])
{
	int last = family == 4 ? 3 : 15;
	uint8_t near[16];
	int i;

	check(family, addr);
	memcpy(near, addr, 16);
	for (i = last; i >= 0 && ++near[i] == 0; i--)
		continue;
	check(family, near);
	memcpy(near, addr, 16);
	for (i = last; i >= 0 && near[i]-- == 0; i--)
		continue;
	check(family, near);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	prefix_count = 0;
	access_begin(&list);
	for (size_t i = 0; i + 6 <= size && i < 6 * STATEMENTS_MAX; i += 6)
		add(data + i);
	access_end(&list);
	for (size_t i = 0; i < prefix_count; i++) {
		uint8_t last[16], family = prefixes[i].family;

		check_around(family, prefixes[i].addr);
		memcpy(last, prefixes[i].addr, 16);
		for (int b = prefixes[i].bits; b < (family == 4 ? 32 : 128);
		     b++)
			last[b / 8] |= (uint8_t)(0x80 >> b % 8);
		check_around(family, last);
	}
	return 0;
}
