/*
 * Access lists: what a list means, and that a look-up gives the same result as
 * a walk over all its statements, at every edge and at random.
 */
#include <stdlib.h>
#include <string.h>

#include "core/serve/access.h"
#include "tests/tap.h"

static struct access access_list;
static struct access_prefix *prefixes; /* ACCESS_PREFIXES_MAX */
static size_t prefix_count;

/* --- random numbers ------------------------------------------------------- */

static uint64_t seed;

static uint64_t
random64(void)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static uint32_t
below(uint32_t n)
{
	return (uint32_t)(random64() >> 32) % n;
}

/* --- the naive model ------------------------------------------------------ */

static uint8_t
bit(const uint8_t addr[16], int i)
{
	return addr[i / 8] >> (7 - i % 8) & 1;
}

static bool
holds(const struct access_prefix *p, uint8_t family, const uint8_t addr[16])
{
	if (p->family != family)
		return false;
	for (int i = 0; i < p->bits; i++)
		if (bit(p->addr, i) != bit(addr, i))
			return false;
	return true;
}

static enum access_verdict
naive(uint8_t family, const uint8_t addr[16])
{
	enum access_verdict verdict = ACCESS_ALLOW;
	int longest = -1;

	for (size_t i = 0; i < prefix_count; i++) {
		const struct access_prefix *p = &prefixes[i];

		if (p->verdict == ACCESS_ALLOW && longest == -1)
			verdict = ACCESS_DENY;
		if (holds(p, family, addr) && p->bits >= longest) {
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

static enum access_verdict
find(uint8_t family, const uint8_t addr[16])
{
	if (family == 4)
		return access_find4(&access_list, (uint32_t)(half(addr) >> 32));
	return access_find6(&access_list, half(addr), half(addr + 8));
}

/* --- building ------------------------------------------------------------- */

static void
clear_bits(struct access_prefix *p)
{
	int from = p->family == 4 && p->bits > 32 ? 32 : p->bits;

	for (int i = from; i < 128; i++)
		p->addr[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
}

static bool
build(void)
{
	bool ok = true;

	access_begin(&access_list);
	for (size_t i = 0; i < prefix_count; i++)
		ok = access_add(&access_list, &prefixes[i]) == 0 && ok;
	access_end(&access_list);
	return ok;
}

static void
add4(uint32_t addr, uint8_t bits, enum access_verdict verdict)
{
	struct access_prefix p = {
		.family = 4, .bits = bits, .verdict = verdict
	};

	for (int i = 0; i < 4; i++)
		p.addr[i] = (uint8_t)(addr >> (24 - 8 * i));
	prefixes[prefix_count++] = p;
}

static void
add6(uint64_t high, uint64_t low, uint8_t bits, enum access_verdict verdict)
{
	struct access_prefix p = {
		.family = 6, .bits = bits, .verdict = verdict
	};

	for (int i = 0; i < 8; i++) {
		p.addr[i] = (uint8_t)(high >> (56 - 8 * i));
		p.addr[8 + i] = (uint8_t)(low >> (56 - 8 * i));
	}
	prefixes[prefix_count++] = p;
}

/* --- what a list means ---------------------------------------------------- */

#define A192(c, d) (UINT32_C(0xc0000000) | (c) << 8 | (d))
#define DOC6	   UINT64_C(0x20010db800000000)

static void
test_defaults(void)
{
	prefix_count = 0;
	OK(build() && access_find4(&access_list, A192(2, 1)) == ACCESS_ALLOW &&
		access_find6(&access_list, DOC6, 1) == ACCESS_ALLOW &&
		access_find4(&access_list, 0) == ACCESS_ALLOW &&
		access_find4(&access_list, UINT32_MAX) == ACCESS_ALLOW &&
		access_find6(&access_list, UINT64_MAX, UINT64_MAX) ==
		    ACCESS_ALLOW,
	    "no statement: everybody is answered");
	add4(A192(2, 0), 24, ACCESS_DENY);
	OK(build() && access_find4(&access_list, A192(2, 0)) == ACCESS_DENY &&
		access_find4(&access_list, A192(2, 255)) == ACCESS_DENY &&
		access_find4(&access_list, A192(1, 255)) == ACCESS_ALLOW &&
		access_find4(&access_list, A192(3, 0)) == ACCESS_ALLOW &&
		access_find6(&access_list, DOC6, 1) == ACCESS_ALLOW,
	    "only deny: the others are answered");
	add4(A192(2, 128), 25, ACCESS_ALLOW);
	OK(build() && access_find4(&access_list, A192(2, 127)) == ACCESS_DENY &&
		access_find4(&access_list, A192(2, 128)) == ACCESS_ALLOW &&
		access_find4(&access_list, A192(3, 0)) == ACCESS_DENY &&
		access_find6(&access_list, DOC6, 1) == ACCESS_DENY,
	    "an allow: who is in no prefix is denied, of either family");
	prefix_count = 0;
	OK(build() && access_find4(&access_list, A192(2, 1)) == ACCESS_ALLOW,
	    "another list replaces the one before");
}

static void
test_order(void)
{
	prefix_count = 0;
	add4(A192(2, 1), 32, ACCESS_DENY_ANSWER);
	add4(A192(0, 0), 16, ACCESS_DENY);
	add4(A192(2, 0), 24, ACCESS_ALLOW);
	OK(build() &&
		access_find4(&access_list, A192(2, 1)) == ACCESS_DENY_ANSWER &&
		access_find4(&access_list, A192(2, 2)) == ACCESS_ALLOW &&
		access_find4(&access_list, A192(3, 1)) == ACCESS_DENY,
	    "the most specific prefix counts, in whatever order they stand");
	add4(A192(2, 0), 24, ACCESS_DENY);
	OK(build() && access_find4(&access_list, A192(2, 2)) == ACCESS_DENY,
	    "of two statements with one prefix the later counts");
	add4(A192(2, 0), 24, ACCESS_ALLOW);
	OK(build() && access_find4(&access_list, A192(2, 2)) == ACCESS_ALLOW,
	    "and of three the last");
	add4(0, 0, ACCESS_DENY_ANSWER);
	OK(build() && access_find4(&access_list, 0) == ACCESS_DENY_ANSWER &&
		access_find4(&access_list, UINT32_MAX) == ACCESS_DENY_ANSWER &&
		access_find6(&access_list, DOC6, 1) == ACCESS_DENY,
	    "0.0.0.0/0 is all of IPv4 and nothing of IPv6");
}

static void
test_ipv6(void)
{
	prefix_count = 0;
	add6(DOC6, 0, 32, ACCESS_ALLOW);
	add6(DOC6 | 1, 0, 64, ACCESS_DENY);
	add6(DOC6 | 1, 0x10, 124, ACCESS_DENY_ANSWER);
	add6(DOC6 | 1, 0x17, 128, ACCESS_ALLOW);
	add6(UINT64_MAX, UINT64_MAX, 128, ACCESS_ALLOW);
	OK(build() && access_find6(&access_list, DOC6, 5) == ACCESS_ALLOW &&
		access_find6(&access_list, DOC6 | 2, 0) == ACCESS_ALLOW &&
		access_find6(&access_list, DOC6 - 1, UINT64_MAX) == ACCESS_DENY,
	    "a prefix shorter than 64 bits");
	OK(access_find6(&access_list, DOC6 | 1, 0xf) == ACCESS_DENY &&
		access_find6(&access_list, DOC6 | 1, 0x20) == ACCESS_DENY &&
		access_find6(&access_list, DOC6 | 1, UINT64_MAX) == ACCESS_DENY,
	    "one of 64 bits");
	OK(access_find6(&access_list, DOC6 | 1, 0x10) == ACCESS_DENY_ANSWER &&
		access_find6(&access_list, DOC6 | 1, 0x1f) ==
		    ACCESS_DENY_ANSWER &&
		access_find6(&access_list, DOC6 | 1, 0x17) == ACCESS_ALLOW &&
		access_find6(&access_list, DOC6 | 1, 0x18) ==
		    ACCESS_DENY_ANSWER,
	    "longer ones, exactly");
	OK(access_find6(&access_list, UINT64_MAX, UINT64_MAX) == ACCESS_ALLOW &&
		access_find6(&access_list, UINT64_MAX, UINT64_MAX - 1) ==
		    ACCESS_DENY,
	    "the last address of all");
}

#define MAPPED(v4) UINT64_C(0xffff00000000) | (v4)

static void
test_mapped(void)
{
	prefix_count = 0;
	add4(A192(2, 0), 24, ACCESS_DENY);
	add6(0, 0, 0, ACCESS_ALLOW);
	OK(build() &&
		access_find6(&access_list, 0, MAPPED(A192(2, 7))) ==
		    ACCESS_DENY &&
		access_find6(&access_list, 0, A192(2, 7)) == ACCESS_ALLOW &&
		access_find6(&access_list, 0, MAPPED(A192(3, 7))) ==
		    ACCESS_DENY,
	    "S-17 an IPv4-mapped address is the IPv4 address");
	prefix_count = 0;
	add6(0, MAPPED(A192(2, 0)), 120, ACCESS_DENY);
	OK(build() && access_find4(&access_list, A192(2, 7)) == ACCESS_DENY &&
		access_find4(&access_list, A192(3, 7)) == ACCESS_ALLOW &&
		access_find6(&access_list, 0, MAPPED(A192(2, 7))) ==
		    ACCESS_DENY,
	    "and so is an IPv4-mapped prefix");
}

static void
test_bad(void)
{
	static const struct {
		struct access_prefix p;
		const char *what;
	} bad[] = {
		{ { .family = 5 }, "no such family" },
		{ { .family = 4, .bits = 33 }, "33 bits of IPv4" },
		{ { .family = 6, .bits = 129 }, "129 bits of IPv6" },
		{ { .family = 4, .bits = 24, .addr = { 1, 2, 3, 4 } },
		    "a bit beyond the prefix" },
		{ { .family = 4, .bits = 32, .addr = { [4] = 1 } },
		    "a bit beyond the IPv4 address" },
		{ { .family = 6, .bits = 127, .addr = { [15] = 1 } },
		    "the last bit beyond the prefix" },
		{ { .family = 4, .verdict = (enum access_verdict)3 },
		    "no such verdict" },
	};

	access_begin(&access_list);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		OK(!access_prefix_ok(&bad[i].p) &&
			access_add(&access_list, &bad[i].p) == -1,
		    "refused: %s", bad[i].what);
	access_end(&access_list);
	OK(access_find4(&access_list, A192(2, 1)) == ACCESS_ALLOW,
	    "and nothing of it is in the list");
}

/* --- at random ------------------------------------------------------------ */

/* Addresses near others, and near the ends of the range. */
static void
random_address(uint8_t addr[16])
{
	uint64_t r = random64();

	for (int i = 0; i < 16; i++) {
		uint32_t kind = (uint32_t)(r >> 2 * i) & 3;

		addr[i] = kind == 0 ? 0
		    : kind == 1	    ? 0xff
		    : kind == 2	    ? (uint8_t)below(4)
				    : (uint8_t)below(256);
	}
}

static void
random_prefix(uint32_t families)
{
	struct access_prefix p = { .family = 4 };
	size_t n = prefix_count;

	if (families == 6 || (families == 0 && below(2) == 0))
		p.family = 6;
	random_address(p.addr);
	if (n > 0 && below(3) > 0) /* near to another */
		memcpy(p.addr, prefixes[below((uint32_t)n)].addr, 16);
	p.bits = (uint8_t)below(p.family == 4 ? 33 : 129);
	p.verdict = (enum access_verdict)below(3);
	clear_bits(&p);
	prefixes[prefix_count++] = p;
}

/* The address n before or after the prefix's first or last one. */
static void
edge(const struct access_prefix *p, uint8_t addr[16])
{
	int bits = p->family == 4 ? 32 : 128, carry;
	uint32_t step = below(4); /* first, before it, last, after it */

	memcpy(addr, p->addr, 16);
	if (step >= 2)
		for (int i = p->bits; i < bits; i++)
			addr[i / 8] |= (uint8_t)(0x80 >> i % 8);
	carry = step == 1 ? -1 : step == 3 ? 1 : 0;
	for (int i = bits / 8 - 1; i >= 0 && carry != 0; i--) {
		int v = addr[i] + carry;

		addr[i] = (uint8_t)v;
		carry = v < 0 ? -1 : v > 255 ? 1 : 0;
	}
}

/* Returns how many of the look-ups were wrong. */
static unsigned int
compare(unsigned int tries)
{
	unsigned int wrong = 0;

	for (unsigned int i = 0; i < tries; i++) {
		const struct access_prefix *p =
		    &prefixes[below((uint32_t)prefix_count)];
		uint8_t addr[16], family = p->family;

		if (i % 4 == 0)
			random_address(addr);
		else
			edge(p, addr);
		if (family == 6 && half(addr) == 0 &&
		    half(addr + 8) >> 32 == 0xffff)
			continue; /* has a test of its own */
		wrong += find(family, addr) != naive(family, addr);
	}
	return wrong;
}

static void
test_random(void)
{
	static const size_t sizes[] = { 1, 2, 3, 7, 8, 9, 16, 17, 64, 300,
		1000 };
	unsigned int wrong = 0, rounds = 0;
	uint64_t first = seed;

	for (uint32_t families = 0; families <= 6; families += 2) {
		if (families == 2)
			continue;
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
			for (int again = 0; again < 20; again++) {
				prefix_count = 0;
				while (prefix_count < sizes[i])
					random_prefix(families);
				if (!build())
					wrong++;
				wrong += compare(200);
				rounds++;
			}
	}
	OK(wrong == 0,
	    "%u lists at random are as the naive walk (seed %" PRIu64
	    ", %u wrong)",
	    rounds, first, wrong);
}

/* The maximum number of prefixes, each ending where the next begins. */
static void
test_full(void)
{
	unsigned int wrong = 0;

	for (uint8_t family = 4; family <= 6; family = (uint8_t)(family + 2)) {
		prefix_count = 0;
		while (prefix_count < ACCESS_PREFIXES_MAX) {
			uint32_t i = (uint32_t)prefix_count;

			if (family == 4)
				add4(i << 1, 32,
				    i % 2 == 0 ? ACCESS_DENY : ACCESS_ALLOW);
			else
				add6(DOC6 + (i / 2), i % 2 * 2, 128,
				    ACCESS_ALLOW);
		}
		OK(build(), "IPv%d: %d prefixes", family, ACCESS_PREFIXES_MAX);
		for (uint32_t i = 0; i < ACCESS_PREFIXES_MAX; i++) {
			const struct access_prefix *p = &prefixes[i];
			uint8_t addr[16];

			memcpy(addr, p->addr, 16);
			wrong += find(family, addr) != p->verdict;
			addr[family == 4 ? 3 : 15] |= 1;
			wrong += find(family, addr) != ACCESS_DENY;
		}
		IS_I64(wrong, 0, "IPv%d: every one is found", family);
	}
	OK(access_add(&access_list, &prefixes[0]) == -1, "one more is refused");
}

/* In the largest list, compared with a naive walk for many look-ups. */
static void
test_large(void)
{
	prefix_count = 0;
	while (prefix_count < 50000)
		random_prefix(0);
	OK(build() && compare(400) == 0,
	    "50000 at random are as the naive walk");
}

int
main(void)
{
	const char *given = getenv("SEED");

	seed = given != NULL ? strtoull(given, NULL, 10) : 20261125;
	prefixes = calloc(ACCESS_PREFIXES_MAX, sizeof(prefixes[0]));
	if (prefixes == NULL)
		return 1;
	access_begin(&access_list);
	access_end(&access_list);
	test_defaults();
	test_order();
	test_ipv6();
	test_mapped();
	test_bad();
	test_random();
	test_full();
	test_large();
	free(prefixes);
	return DONE();
}
