/*
 * Decode a recording, see decode.h.  Linked into the simulator and tests, but
 * not into ntp-net, which only writes.
 */
#include "tests/sim/decode.h"

#include <string.h>

#define TEXT_OF_(x) #x
#define TEXT_OF(x)  TEXT_OF_(x)

/* --- items ---------------------------------------------------------------- */

size_t
codec_get(struct codec *c, struct item *it, const uint8_t *buf, size_t len,
    const char **wrong)
{
	struct walk w = { .in = buf, .size = len };

	memset(it, 0, sizeof(*it));
	*wrong = "an item";
	if (len == 0)
		return 0;
	it->kind = (buf[0] & CLOCK_TAG) != 0 ? ITEM_CLOCK
	    : buf[0] < ITEM_KINDS	     ? (enum item_kind)buf[0]
					     : ITEM_NONE;
	w.at = 1;
	codec_walk(&w, c, it, buf[0]);
	*wrong = w.wrong;
	return w.wrong == NULL ? w.at : 0;
}

bool
codec_same(const struct item *a, const struct item *b)
{
	static const struct codec zero;
	struct codec c = zero;
	uint8_t x[ITEM_BYTES_MAX], y[ITEM_BYTES_MAX];
	size_t n;

	if (a->kind != b->kind)
		return false;
	n = codec_put(&c, a, x);
	c = zero;
	return codec_put(&c, b, y) == n && memcmp(x, y, n) == 0;
}

/* --- the file ------------------------------------------------------------- */

static uint64_t
get_le(const uint8_t *p, size_t bytes)
{
	uint64_t v = 0;

	for (size_t i = 0; i < bytes; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static const char *
head_problem(const uint8_t *buf, size_t len)
{
	if (len < RECORD_MAGIC_LEN ||
	    memcmp(buf, RECORD_MAGIC, RECORD_MAGIC_LEN) != 0)
		return "the head of a recording";
	if (len < HEAD_LEN)
		return "all of a head";
	if (get_le(buf + 8, 2) != HEAD_VERSION)
		return "version " TEXT_OF(HEAD_VERSION) " of the format";
	if (get_le(buf + HEAD_LEN - SUM_LEN, SUM_LEN) != codec_sum_head(buf))
		return "a head with its checksum";
	if (get_le(buf + 10, 2) > 1)
		return "the start of a program or what it knew";
	return NULL;
}

int
codec_get_head(
    struct head *h, const uint8_t *buf, size_t len, const char **wrong)
{
	memset(h, 0, sizeof(*h));
	*wrong = head_problem(buf, len);
	if (*wrong != NULL)
		return -1;
	h->version = (uint16_t)get_le(buf + 8, 2);
	h->snapshot = (uint16_t)get_le(buf + 10, 2);
	h->layout = (uint32_t)get_le(buf + 12, 4);
	h->session = get_le(buf + 16, 8);
	h->block = get_le(buf + 24, 8);
	h->raw_ns = (int64_t)get_le(buf + 32, 8);
	h->real_ns = (int64_t)get_le(buf + 40, 8);
	memcpy(h->program, buf + 48, HEAD_PROGRAM_LEN);
	h->program[HEAD_PROGRAM_LEN - 1] = '\0';
	return 0;
}

int
codec_get_block(const uint8_t *buf, size_t len, uint64_t number,
    const uint8_t **items, size_t *items_len, const char **wrong)
{
	size_t prefix = len > 0 && (buf[0] & 0x80) != 0 ? LENGTH_LEN : 1, n;

	*items = NULL;
	*items_len = 0;
	*wrong = "the rest of a block: the file is truncated";
	if (len < prefix)
		return -1;
	n = buf[0] & 0x7f;
	if (prefix == LENGTH_LEN)
		n |= (size_t)buf[1] << 7;
	if (n == 0 || n > BLOCK_MAX) {
		*wrong = "the length of a block";
		return -1;
	}
	if (len < prefix + n + SUM_LEN)
		return -1;
	if (get_le(buf + prefix + n, SUM_LEN) !=
	    codec_sum_block(number, buf + prefix, n)) {
		*wrong = "a block with its checksum";
		return -1;
	}
	*items = buf + prefix;
	*items_len = n;
	*wrong = NULL;
	return 0;
}
