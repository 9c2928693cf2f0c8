/*
 * What a storm consists of, see kinds.h.
 */
#include "tests/bench/kinds.h"

#include <string.h>

/* --- random numbers -------------------------------------------------------- */

/* SplitMix64: what is random here need not be secret. */
uint64_t
draw(struct dice *d)
{
	uint64_t z = d->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

uint32_t
below(struct dice *d, uint32_t n)
{
	return (uint32_t)(draw(d) >> 33) % n;
}

static void
fill_random(struct dice *d, uint8_t *p, size_t len)
{
	memcpy(p, d->pool + below(d, DICE_POOL - DATAGRAM_MAX), len);
}

void
dice_init(struct dice *d, uint64_t seed)
{
	d->random = seed;
	for (size_t i = 0; i < DICE_POOL; i++)
		d->pool[i] = (uint8_t)draw(d);
}

/* --- the kinds of datagrams ------------------------------------------------ */

static size_t
plain_request(struct dice *d, uint8_t *p)
{
	(void)d;
	memset(p, 0, HEADER_LEN);
	p[0] = 0x23;
	p[AT_PRECISION] = 0x20;
	return HEADER_LEN;
}

/* Any octets, any length; a half of them looks like a request. */
static size_t
anything(struct dice *d, uint8_t *p)
{
	size_t len = below(d, DATAGRAM_MAX + 1);

	fill_random(d, p, len);
	if (len > 0 && below(d, 2) == 0)
		p[0] = (uint8_t)((p[0] & 0xc0) | 0x23);
	return len;
}

/* A header with any version and mode. */
static size_t
any_mode(struct dice *d, uint8_t *p)
{
	fill_random(d, p, HEADER_LEN);
	return HEADER_LEN;
}

/* Some bits of a request are other ones. */
static size_t
flipped(struct dice *d, uint8_t *p)
{
	size_t len = plain_request(d, p) + 4 * below(d, 8);
	uint32_t flips = 1 + below(d, 8);

	memset(p + HEADER_LEN, 0, len - HEADER_LEN);
	while (flips-- > 0)
		p[below(d, (uint32_t)len)] ^= (uint8_t)(1U << below(d, 8));
	return len;
}

/* Extension fields, of which one in a while has a wrong length. */
static size_t
with_fields(struct dice *d, uint8_t *p)
{
	static const uint16_t types[] = { 0x0104, 0x0204, 0x0304, 0x0404,
		0x2005, 0xf000, 0xf323, 0x010a, 0x0002 };
	uint32_t fields = 1 + below(d, 24);
	size_t at = plain_request(d, p);

	while (fields-- > 0) {
		size_t len = 16 + 4 * (size_t)below(d, 16), said = len;

		if (at + len > DATAGRAM_MAX)
			break;
		fill_random(d, p + at, len);
		if (below(d, 16) == 0)
			said = below(d, 65536);
		wire_put(
		    p + at, types[below(d, sizeof(types) / sizeof(*types))], 2);
		wire_put(p + at + 2, said, 2);
		at += len;
	}
	return at;
}

/* A MAC, mostly of a length that there is, behind a field or not. */
static size_t
with_mac(struct dice *d, uint8_t *p)
{
	static const uint8_t lens[] = { 4, 20, 24, 20, 24, 36, 52, 68 };
	size_t at = plain_request(d, p), len = lens[below(d, 8)];

	p[0] = (uint8_t)((1 + below(d, 4)) << 3 | 3);
	if (below(d, 4) == 0) {
		memset(p + at, 0, 28);
		wire_put(p + at, 0xf000, 2);
		wire_put(p + at + 2, 28, 2);
		at += 28;
	}
	fill_random(d, p + at, len);
	wire_put(p + at, below(d, 4), 4); /* a key, or a crypto-NAK */
	return at + len;
}

/* Interleaved: after an answer that was one, or as if. */
static size_t
interleaved(struct dice *d, uint8_t *p)
{
	plain_request(d, p);
	wire_put(p + AT_ORIGIN, draw(d) | 1, 8);
	return HEADER_LEN;
}

/* Modes 6 and 7, which many scan for. */
static size_t
management(struct dice *d, uint8_t *p)
{
	memset(p, 0, HEADER_LEN);
	fill_random(d, p + 1, 11);
	p[0] = (uint8_t)(below(d, 8) << 3 | (6 + below(d, 2)));
	return 8 + 4 * below(d, 11);
}

static size_t (*const kinds[KINDS])(struct dice *d, uint8_t *p) = {
	[KIND_PLAIN] = plain_request,
	[KIND_ANYTHING] = anything,
	[KIND_ANY_MODE] = any_mode,
	[KIND_FLIPPED] = flipped,
	[KIND_FIELDS] = with_fields,
	[KIND_MAC] = with_mac,
	[KIND_INTERLEAVED] = interleaved,
	[KIND_MANAGEMENT] = management,
};

size_t
kind_make(struct dice *d, enum kind kind, uint8_t *p)
{
	return kinds[kind](d, p);
}
