/*
 * Finding the MAC of a packet: what may follow a header.
 */
#include "core/packet/auth.h"

#include <string.h>

#include "core/packet/packet.h"
#include "tests/tap.h"

#define TAIL_MAX 256

struct tail {
	const char *name;
	uint8_t version;
	size_t len;	    /* behind the header */
	uint16_t length[2]; /* of the fields before it, 0: none */
	int rc;
	enum auth_kind kind;
	size_t covered;
	size_t digest_len;
};

static const struct tail tails[] = {
	{ "nothing", 4, 0, { 0, 0 }, 0, AUTH_NONE, 48, 0 },
	{ "a crypto-NAK", 4, 4, { 0, 0 }, 0, AUTH_NAK, 48, 0 },
	{ "a MAC of 20", 4, 20, { 0, 0 }, 0, AUTH_MAC, 48, 16 },
	{ "a MAC of 24", 4, 24, { 0, 0 }, 0, AUTH_MAC, 48, 20 },
	{ "8 octets", 4, 8, { 0, 0 }, -1, AUTH_NONE, 0, 0 },
	{ "E-02 16 octets", 4, 16, { 16, 0 }, -1, AUTH_NONE, 0, 0 },
	{ "E-02 20 octets that could be a field", 4, 20, { 20, 0 }, 0, AUTH_MAC,
	    48, 16 },
	{ "E-11 36 octets without a field", 4, 36, { 0, 0 }, -1, AUTH_NONE, 0,
	    0 },
	{ "a field of 28", 4, 28, { 28, 0 }, 0, AUTH_NONE, 76, 0 },
	{ "a field of 16 and a MAC", 4, 36, { 16, 0 }, 0, AUTH_MAC, 64, 16 },
	{ "a field of 28 and a MAC", 4, 52, { 28, 0 }, 0, AUTH_MAC, 76, 20 },
	{ "two fields and a MAC", 4, 64, { 16, 28 }, 0, AUTH_MAC, 92, 16 },
	{ "two fields, the last of 16", 4, 48, { 32, 16 }, -1, AUTH_NONE, 0,
	    0 },
	{ "a field and a crypto-NAK", 4, 32, { 28, 0 }, 0, AUTH_NAK, 76, 0 },
	{ "a field that overruns", 4, 28, { 32, 0 }, -1, AUTH_NONE, 0, 0 },
	{ "a field of 12", 4, 28, { 12, 0 }, -1, AUTH_NONE, 0, 0 },
	{ "a field of 26", 4, 28, { 26, 0 }, -1, AUTH_NONE, 0, 0 },
	{ "octets that are no multiple of 4", 4, 18, { 18, 0 }, -1, AUTH_NONE,
	    0, 0 },
	{ "no field in version 3", 3, 28, { 28, 0 }, 0, AUTH_MAC, 48, 24 },
	{ "SHA-256 in version 3", 3, 36, { 0, 0 }, 0, AUTH_MAC, 48, 32 },
	{ "SHA-512 in version 3", 3, 68, { 0, 0 }, 0, AUTH_MAC, 48, 64 },
	{ "more than SHA-512", 3, 72, { 0, 0 }, -1, AUTH_NONE, 0, 0 },
	{ "DES in version 2", 2, 12, { 0, 0 }, 0, AUTH_MAC, 48, 8 },
	{ "a crypto-NAK in version 3", 3, 4, { 0, 0 }, 0, AUTH_NAK, 48, 0 },
};

static void
put_field(uint8_t *p, uint16_t length)
{
	p[0] = 0xf0;
	p[2] = (uint8_t)(length >> 8);
	p[3] = (uint8_t)length;
}

static void
test_tails(void)
{
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		const struct tail *t = &tails[i];
		uint8_t buf[NTP_PACKET_LEN + TAIL_MAX] = { 0 };
		struct auth_tail out;

		buf[0] = (uint8_t)(t->version << 3 | MODE_CLIENT);
		if (t->length[0] != 0)
			put_field(buf + NTP_PACKET_LEN, t->length[0]);
		if (t->length[1] != 0)
			put_field(
			    buf + NTP_PACKET_LEN + t->length[0], t->length[1]);
		if (t->kind == AUTH_MAC)
			auth_put_id(buf + t->covered, 0x01020304);
		OK(auth_parse(buf, NTP_PACKET_LEN + t->len, &out) == t->rc &&
			out.kind == t->kind && out.covered == t->covered &&
			out.digest_len == t->digest_len,
		    "%s", t->name);
		if (t->kind == AUTH_MAC && t->length[0] == 0)
			IS_I64(out.key_id, 0x01020304, "%s: key ID", t->name);
	}
}

/* E-12, and packets shorter than a header. */
static void
test_limits(void)
{
	uint8_t buf[NTP_PACKET_LEN + (AUTH_FIELDS_MAX + 1) * 28] = { 0x23 };
	struct auth_tail out;
	int good = 0;

	for (size_t len = 0; len < NTP_PACKET_LEN; len++)
		good += auth_parse(buf, len, &out) == 0;
	IS_I64(good, 0, "nothing shorter than a header has a MAC");
	for (size_t i = 0; i <= AUTH_FIELDS_MAX; i++)
		put_field(buf + NTP_PACKET_LEN + i * 28, 28);
	OK(auth_parse(buf, sizeof(buf) - 28, &out) == 0 &&
		out.covered == sizeof(buf) - 28,
	    "E-12 sixteen fields are walked over");
	OK(auth_parse(buf, sizeof(buf), &out) == -1, "E-12 not seventeen");
}

int
main(void)
{
	test_tails();
	test_limits();
	return DONE();
}
