/*
 * The frame of a recording's items: heads, blocks and their checksums, see
 * codec.h.
 */
#include <string.h>

#include "ntp-net/poll/record/codec.h"

#define SUM_LEN	   4
#define LENGTH_LEN 2
#define SUM_FIRST  UINT32_C(0xffffffff)
#define SUM_POLY   UINT32_C(0xedb88320) /* CRC-32, lowest bit first */

static uint32_t
sum_bytes(uint32_t sum, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		sum ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			sum = sum >> 1 ^ ((sum & 1) != 0 ? SUM_POLY : 0);
	}
	return sum;
}

static void
put_le(uint8_t *p, uint64_t v, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t
get_le(const uint8_t *p, size_t bytes)
{
	uint64_t v = 0;

	for (size_t i = 0; i < bytes; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static uint32_t
sum_block(uint64_t number, const uint8_t *items, size_t len)
{
	uint8_t prefix[sizeof(number)];

	put_le(prefix, number, sizeof(prefix));
	return ~sum_bytes(
	    sum_bytes(SUM_FIRST, prefix, sizeof(prefix)), items, len);
}

void
codec_put_head(const struct head *h, uint8_t buf[HEAD_LEN])
{
	memcpy(buf, RECORD_MAGIC, RECORD_MAGIC_LEN);
	put_le(buf + 8, h->version, 2);
	put_le(buf + 10, h->snapshot, 2);
	put_le(buf + 12, h->layout, 4);
	put_le(buf + 16, h->session, 8);
	put_le(buf + 24, h->block, 8);
	put_le(buf + 32, (uint64_t)h->raw_ns, 8);
	put_le(buf + 40, (uint64_t)h->real_ns, 8);
	memcpy(buf + 48, h->program, HEAD_PROGRAM_LEN);
	put_le(buf + HEAD_LEN - SUM_LEN,
	    ~sum_bytes(SUM_FIRST, buf, HEAD_LEN - SUM_LEN), SUM_LEN);
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
		return "version 1 of the format";
	if (get_le(buf + HEAD_LEN - SUM_LEN, SUM_LEN) !=
	    (uint32_t)~sum_bytes(SUM_FIRST, buf, HEAD_LEN - SUM_LEN))
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

uint8_t *
codec_put_block(uint8_t *buf, size_t len, uint64_t number, size_t *frame_len)
{
	size_t prefix = len > 0x7f ? LENGTH_LEN : 1;
	uint8_t *start = buf + LENGTH_LEN - prefix;

	if (prefix == 1) {
		start[0] = (uint8_t)len;
	} else {
		start[0] = (uint8_t)(len | 0x80);
		start[1] = (uint8_t)(len >> 7);
	}
	put_le(buf + LENGTH_LEN + len, sum_block(number, buf + LENGTH_LEN, len),
	    SUM_LEN);
	*frame_len = prefix + len + SUM_LEN;
	return start;
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
	    sum_block(number, buf + prefix, n)) {
		*wrong = "a block with its checksum";
		return -1;
	}
	*items = buf + prefix;
	*items_len = n;
	*wrong = NULL;
	return 0;
}
