/* The fields of items, see codec_walk.h. */
#include "ntp-net/poll/record/codec_walk.h"

#include <string.h>

#define NUMBER_BYTES 10 /* for 64 bits, 7 bits in each */
#define RUN_LEAST    3	/* shorter runs of zeros are not packed */

/* --- numbers -------------------------------------------------------------- */

static uint8_t
next_byte(struct walk *w)
{
	if (w->wrong == NULL && w->at < w->size)
		return w->in[w->at++];
	if (w->wrong == NULL)
		w->wrong = "more bytes";
	return 0;
}

static void
put_byte(struct walk *w, uint8_t byte)
{
	if (w->at < w->size)
		w->out[w->at++] = byte;
}

static uint64_t
read_u64(struct walk *w)
{
	uint64_t v = 0;

	for (unsigned int i = 0; i < NUMBER_BYTES; i++) {
		uint8_t byte = next_byte(w);

		v |= (uint64_t)(byte & 0x7f) << (7 * i);
		if ((byte & 0x80) == 0)
			return v;
	}
	if (w->wrong == NULL)
		w->wrong = "the end of a number";
	return 0;
}

void
walk_u64(struct walk *w, uint64_t *v)
{
	uint64_t left = *v;

	if (w->in != NULL) {
		*v = read_u64(w);
		return;
	}
	for (; left > 0x7f; left >>= 7)
		put_byte(w, (uint8_t)(left | 0x80));
	put_byte(w, (uint8_t)left);
}

void
walk_u32(struct walk *w, uint32_t *v, uint32_t most, const char *what)
{
	uint64_t wide = *v;

	walk_u64(w, &wide);
	if (wide > most) {
		if (w->wrong == NULL)
			w->wrong = what;
		wide = 0;
	}
	*v = (uint32_t)wide;
}

void
walk_difference(struct walk *w, int64_t *v, int64_t last)
{
	uint64_t d = (uint64_t)*v - (uint64_t)last;
	uint64_t coded = d << 1 ^ (d >> 63 != 0 ? UINT64_MAX : 0);

	walk_u64(w, &coded);
	d = coded >> 1 ^ ((coded & 1) != 0 ? UINT64_MAX : 0);
	if (w->in != NULL)
		*v = (int64_t)((uint64_t)last + d);
}

void
walk_fixed(struct walk *w, uint64_t *v, size_t bytes)
{
	uint64_t read = 0;

	for (size_t i = 0; i < bytes; i++) {
		if (w->in != NULL)
			read |= (uint64_t)next_byte(w) << (8 * i);
		else
			put_byte(w, (uint8_t)(*v >> (8 * i)));
	}
	if (w->in != NULL)
		*v = read;
}

/* --- bytes ---------------------------------------------------------------- */

void
walk_bytes(struct walk *w, uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (w->in != NULL)
			p[i] = next_byte(w);
		else
			put_byte(w, p[i]);
	}
}

static uint32_t
zeros_at(const uint8_t *p, size_t n)
{
	uint32_t i = 0;

	while (i < n && p[i] == 0)
		i++;
	return i;
}

/* The number of bytes before a run of zeros worth packing, or the end. */
static uint32_t
others_at(const uint8_t *p, size_t n)
{
	uint32_t i = 0;

	while (i < n) {
		uint32_t zeros = zeros_at(p + i, n - i);

		if (zeros >= RUN_LEAST || i + zeros == n)
			return i;
		i += zeros + 1;
	}
	return (uint32_t)n;
}

void
walk_packed(struct walk *w, uint8_t *p, size_t n)
{
	for (size_t at = 0; at < n && w->wrong == NULL;) {
		uint32_t left = (uint32_t)(n - at), zeros = 0, others = 0;

		if (w->in == NULL)
			zeros = zeros_at(p + at, left);
		walk_u32(w, &zeros, left, "a run of zeros");
		if (w->in != NULL)
			memset(p + at, 0, zeros);
		at += zeros;
		left -= zeros;
		if (left == 0)
			return;
		if (w->in == NULL)
			others = others_at(p + at, left);
		walk_u32(w, &others, left, "a run of bytes");
		if (others == 0 && w->wrong == NULL)
			w->wrong = "a run of bytes";
		walk_bytes(w, p + at, others);
		at += others;
	}
}

/* --- messages ------------------------------------------------------------- */

void
walk_addr(struct walk *w, struct msg_addr *a)
{
	uint32_t family = a->family;

	walk_u32(w, &family, UINT8_MAX, "an address family");
	a->family = (uint8_t)family;
	walk_u32(w, &a->scope, UINT32_MAX, "a scope");
	if (family != 0)
		walk_bytes(w, a->addr, sizeof(a->addr));
}

/*
 * The fields of ntp-net's messages after the header.  i: 32 bits; q: 64 bits;
 * N: a name; R: a reason; A: addresses, as many as the second number says; S:
 * the listen addresses; K: keys, and L: the ledger, which are left out; W: the
 * 64-bit settings, up to the end.
 */
static const char *const forms[MSG_COUNT] = {
#define MESSAGE(name, member, fields, ...) [MSG_##name] = fields,
#include "common/messages.def"
};

static size_t
field_size(char field)
{
	switch (field) {
	case 'i':
		return sizeof(uint32_t);
	case 'q':
		return sizeof(int64_t);
	case 'N':
		return NAME_LEN;
	case 'R':
		return REASON_LEN;
	case 'K':
		return KEYS_A_MESSAGE * sizeof(struct mac_key);
	case 'L':
		return sizeof(struct msg_ledger);
	case 'W':
		return sizeof(struct msg_net_config) -
		    offsetof(struct msg_net_config, drift_sigma_q32) -
		    sizeof(int64_t);
	case 'S':
		return LISTENS_MAX *
		    (sizeof(struct msg_addr) + sizeof(uint32_t));
	default: /* A */
		return ADDRS_MAX * sizeof(struct msg_addr);
	}
}

static void
walk_i(struct walk *w, uint8_t *p, const uint8_t *last)
{
	uint32_t v, before;
	int64_t wide;

	memcpy(&v, p, sizeof(v));
	memcpy(&before, last, sizeof(before));
	wide = v;
	walk_difference(w, &wide, before);
	v = (uint32_t)(uint64_t)wide;
	memcpy(p, &v, sizeof(v));
}

static void
walk_qs(struct walk *w, uint8_t *p, const uint8_t *last, size_t size)
{
	int64_t v, before;

	for (size_t at = 0; at < size; at += sizeof(v)) {
		memcpy(&v, p + at, sizeof(v));
		memcpy(&before, last + at, sizeof(before));
		walk_difference(w, &v, before);
		memcpy(p + at, &v, sizeof(v));
	}
}

/* Text up to its last nonzero byte; 0: the same as last time. */
static void
walk_text(struct walk *w, uint8_t *p, const uint8_t *last, size_t size)
{
	uint32_t len = (uint32_t)size;

	if (w->in == NULL) {
		while (len > 0 && p[len - 1] == 0)
			len--;
		len = memcmp(p, last, size) == 0 ? 0 : len + 1;
	}
	walk_u32(w, &len, (uint32_t)size + 1, "a text's length");
	if (len == 0)
		memcpy(p, last, size);
	else
		walk_bytes(w, p, len - 1);
}

static void
walk_addrs(struct walk *w, struct msg_resolved *m)
{
	for (uint32_t i = 0; i < m->count && i < ADDRS_MAX; i++)
		walk_addr(w, &m->addrs[i]);
}

static void
walk_fields(
    struct walk *w, const char *fields, const union msg *last, union msg *m)
{
	const uint8_t *before = (const uint8_t *)last + sizeof(m->h);
	uint8_t *p = (uint8_t *)m + sizeof(m->h);

	for (; *fields != '\0'; fields++) {
		size_t size = field_size(*fields);

		if (*fields == 'i')
			walk_i(w, p, before);
		else if (*fields == 'q' || *fields == 'W')
			walk_qs(w, p, before, size);
		else if (*fields == 'A')
			walk_addrs(w, &m->resolved);
		else if (*fields == 'K' || *fields == 'L')
			memset(p, 0, size);
		else if (*fields == 'S')
			walk_packed(w, p, size);
		else
			walk_text(w, p, before, size);
		p += size;
		before += size;
	}
	m->h.length = (uint32_t)(p - (uint8_t *)m);
}

void
walk_message(struct walk *w, union msg last[MSG_COUNT], union msg *m)
{
	const char *fields;

	walk_u32(w, &m->h.type, MSG_COUNT - 1, "a type of message");
	fields = forms[m->h.type];
	if (fields == NULL) {
		if (w->wrong == NULL)
			w->wrong = "a message of ntp-net";
		return;
	}
	walk_fields(w, fields, &last[m->h.type], m);
	last[m->h.type] = *m;
}
