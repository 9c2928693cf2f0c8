/*
 * The framing of a recording's items: heads, blocks and checksums, see codec.h.
 */
#include "ntp-net/poll/record/codec.h"

#include <string.h>

#define SUM_FIRST UINT32_C(0xffffffff)
#define SUM_POLY  UINT32_C(0xedb88320) /* CRC-32, lowest bit first */

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

uint32_t
codec_sum_block(uint64_t number, const uint8_t *items, size_t len)
{
	uint8_t prefix[sizeof(number)];

	put_le(prefix, number, sizeof(prefix));
	return ~sum_bytes(
	    sum_bytes(SUM_FIRST, prefix, sizeof(prefix)), items, len);
}

uint32_t
codec_sum_head(const uint8_t buf[HEAD_LEN])
{
	return ~sum_bytes(SUM_FIRST, buf, HEAD_LEN - SUM_LEN);
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
	put_le(buf + HEAD_LEN - SUM_LEN, codec_sum_head(buf), SUM_LEN);
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
	put_le(buf + LENGTH_LEN + len,
	    codec_sum_block(number, buf + LENGTH_LEN, len), SUM_LEN);
	*frame_len = prefix + len + SUM_LEN;
	return start;
}
