/*
 * The packet header, octet by octet.
 */
#include "core/packet/packet.h"

#include <string.h>

#include "tests/tap.h"

static const uint8_t sample[NTP_PACKET_LEN] = { 0x64, 0x02, 0xfa, 0xe9, /**/
	0x00, 0x01, 0x02, 0x03, 0x80, 0x05, 0x06, 0xff,			/**/
	0x52, 0x41, 0x54, 0x45,						/**/
	0xe0, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07,			/**/
	0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa, 0xf9, 0xf8,			/**/
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01,			/**/
	0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00 };

static void
test_fields(void)
{
	struct packet p;

	IS_I64(packet_parse(sample, sizeof(sample), &p), 0, "a header");
	IS_I64(p.leap, 1, "leap");
	IS_I64(p.version, 4, "version");
	IS_I64(p.mode, MODE_SERVER, "mode");
	IS_I64(p.stratum, 2, "stratum");
	IS_I64(p.poll_log2, -6, "poll is signed");
	IS_I64(p.precision_log2, -23, "precision is signed");
	IS_I64(p.root_delay, 0x00010203, "root delay");
	IS_I64(p.root_dispersion, INT64_C(0x800506ff), "root dispersion");
	IS_I64(p.refid, KISS_RATE, "refid");
	OK(p.reference.v == UINT64_C(0xe001020304050607), "reference");
	OK(p.origin.v == UINT64_C(0xfffefdfcfbfaf9f8), "origin");
	OK(p.receive.v == 1, "receive");
	OK(p.transmit.v == UINT64_C(1) << 63, "transmit");
}

static void
test_lengths(void)
{
	static const struct packet zero;
	uint8_t buf[128] = { 0 };
	struct packet p;

	memcpy(buf, sample, sizeof(sample));
	for (size_t len = 0; len <= sizeof(buf); len++) {
		bool good = len >= NTP_PACKET_LEN && len % 4 == 0;
		int r;

		memset(&p, 0xaa, sizeof(p));
		r = packet_parse(buf, len, &p);
		OK(r == (good ? 0 : -1), "length %zu", len);
		if (!good)
			OK(memcmp(&p, &zero, sizeof(p)) == 0,
			    "length %zu leaves zeros", len);
	}
}

/* Every value of every octet is decoded and encoded unchanged. */
static void
test_round_trip(void)
{
	int wrong = 0;

	for (size_t at = 0; at < NTP_PACKET_LEN; at++) {
		for (unsigned int v = 0; v < 256; v++) {
			uint8_t in[NTP_PACKET_LEN], out[NTP_PACKET_LEN];
			struct packet p;

			memcpy(in, sample, sizeof(in));
			in[at] = (uint8_t)v;
			wrong += packet_parse(in, sizeof(in), &p) != 0;
			packet_format(&p, out);
			wrong += memcmp(in, out, sizeof(in)) != 0;
		}
	}
	IS_I64(wrong, 0, "all values of all octets survive a round trip");
}

static void
test_format_masks(void)
{
	struct packet p;
	uint8_t out[NTP_PACKET_LEN];

	memset(&p, 0, sizeof(p));
	p.leap = 0xfc;
	p.version = 0xf8 | 4;
	p.mode = 0xf8 | 3;
	packet_format(&p, out);
	IS_I64(out[0], 0x23, "bits too many do not reach other fields");
}

int
main(void)
{
	test_fields();
	test_lengths();
	test_round_trip();
	test_format_masks();
	return DONE();
}
