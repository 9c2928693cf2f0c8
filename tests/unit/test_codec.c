/*
 * The encoding of a recording: each kind of item decodes to what it was, alone
 * and among others; sizes; and invalid items are refused.
 */
#include <string.h>

#include "tests/sim/decode.h"
#include "tests/tap.h"

#define REAL_NS INT64_C(1800000000123456789)

static struct codec to, from;
static uint8_t buf[ITEM_BYTES_MAX];

static void
begin(void)
{
	memset(&to, 0, sizeof(to));
	memset(&from, 0, sizeof(from));
}

/* Encode and decode; returns the length in octets. */
static size_t
check(const char *what, const struct item *it)
{
	struct item got;
	const char *wrong;
	size_t n = codec_put(&to, it, buf);
	size_t m = codec_get(&from, &got, buf, n, &wrong);

	OK(m == n && wrong == NULL && codec_same(it, &got), "%s (%zu bytes)",
	    what, n);
	return n;
}

static void
test_clock(void)
{
	struct item it = { .kind = ITEM_CLOCK,
		.u.clock = { 5000000000000, REAL_NS, 35, 0 } };
	size_t n = 0;

	begin();
	check("a first reading", &it);
	it.u.clock =
	    (struct clock_pair){ 5000000003000, REAL_NS + 3001, 34, 0 };
	n = check("another one, 3 us later", &it);
	OK(n <= 4, "is small");
	it.u.clock = (struct clock_pair){ 5016000003000, REAL_NS - 5, 4000, 0 };
	check("after a step", &it);
	it.u.clock.suspended_ns = 3600000000000;
	check("after a suspend", &it);
	it.u.clock =
	    (struct clock_pair){ INT64_MIN, INT64_MAX, INT64_MAX, INT64_MIN };
	check("the largest numbers", &it);
	it.u.clock = (struct clock_pair){ INT64_MAX, INT64_MIN, 0, -1 };
	check("and the other way round", &it);
}

static void
test_seen(void)
{
	struct item it = { .kind = ITEM_RANDOM, .width = 8 };

	begin();
	it.u.random = UINT64_C(0xfedcba9876543210);
	IS_I64(check("64 random bits", &it), 10, "as many bytes");
	it.width = 4;
	it.u.random = UINT32_C(0xfedcba98);
	IS_I64(check("32 random bits", &it), 6, "as many bytes");
	it = (struct item){ .kind = ITEM_WAIT, .result = -1 };
	check("waiting, ended by a signal", &it);
	it.result = 0;
	check("waiting in vain", &it);
	it.result = 2;
	it.u.ready[0] = (struct item_ready){ 1, 1 };
	it.u.ready[1] = (struct item_ready){ ITEM_READY_MAX - 1, 0xffff };
	check("two are ready", &it);
	it = (struct item){ .kind = ITEM_OPEN, .slot = 63, .result = 101 };
	check("a socket that cannot be had", &it);
	it = (struct item){ .kind = ITEM_SENT };
	check("a query", &it);
	it = (struct item){ .kind = ITEM_STAMP };
	check("no time of sending", &it);
	it.result = 1;
	it.u.stamp_ns = REAL_NS;
	check("a time of sending", &it);
	it = (struct item){ .kind = ITEM_LOCAL,
		.u.addr = { .family = 6, .scope = 3, .addr = { 0xfe, 0x80 } } };
	check("an address", &it);
	IS_I64(check("the same address", &it), 2, "takes two bytes");
	it.u.addr.family = 0;
	it.u.addr.scope = 0;
	memset(it.u.addr.addr, 0, sizeof(it.u.addr.addr));
	check("no address", &it);
}

static void
test_datagrams(void)
{
	static struct item it = { .kind = ITEM_DATAGRAM, .slot = 7 };
	struct item_datagram *d = &it.u.datagram;
	size_t first, second;

	begin();
	check("no datagram", &it);
	it.result = -1;
	check("an error", &it);
	it.result = 1;
	check("an empty datagram", &it);
	d->stamp_ns = REAL_NS;
	d->len = NTP_PACKET_LEN;
	for (uint8_t i = 0; i < NTP_PACKET_LEN; i++)
		d->bytes[i] = (uint8_t)(i * 37 + 1);
	first = check("a packet", &it);
	d->bytes[NTP_PACKET_LEN - 1] ^= 0xff;
	second = check("a packet that is nearly the same", &it);
	OK(second + 30 < first, "is much smaller");
	d->len = 20;
	check("a short packet", &it);
	d->len = ITEM_DATAGRAM_MAX;
	memset(d->bytes, 0xa5, sizeof(d->bytes));
	check("the longest datagram", &it);
	d->bytes[500] = d->bytes[501] = 0;
	check("with short runs of zeros", &it);
	memset(d->bytes + 600, 0, 300);
	check("and a long one", &it);
	memset(d->bytes + 900, 0, sizeof(d->bytes) - 900);
	check("and zeros at its end", &it);
}

static void
check_message(const char *what, struct item *it, enum msg_type type)
{
	it->u.msg.h.type = (uint32_t)type;
	check(what, it);
}

static void
test_messages(void)
{
	static struct item it = { .kind = ITEM_MESSAGE, .who = PROC_NTPD };
	union msg *m = &it.u.msg;

	begin();
	it.result = MSG_CLOSED;
	check("the end of a channel", &it);
	it.result = MSG_GOT;
	m->peer.peer = PROC_CLOCK;
	check_message("a channel", &it, MSG_PEER);
	memset(m, 0, sizeof(*m));
	check_message("a page", &it, MSG_PAGE);
	m->net_config = (struct msg_net_config){ .flags = UINT32_MAX,
		.min_sources = 64,
		.drift_q32 = -1,
		.drift_sigma_q32 = INT64_MIN,
		.max_distance_ns = INT64_MAX };
	check_message("a configuration", &it, MSG_NET_CONFIG);
	memset(m, 0, sizeof(*m));
	memset(m->net_source.name, 'x', NAME_LEN);
	check_message("a name that does not end", &it, MSG_NET_SOURCE);
	check_message("the same one", &it, MSG_NET_SOURCE);
	memset(m->net_source.name, 0, NAME_LEN);
	check_message("an empty name", &it, MSG_NET_SOURCE);
	memset(m, 0, sizeof(*m));
	m->leaps = (struct msg_leaps){
		.count = UINT32_MAX, .smear_s = 86400, .expiry_ns = INT64_MAX
	};
	for (int i = 0; i < LEAPS_MAX; i++) {
		m->leaps.at_ns[i] = REAL_NS + i;
		m->leaps.kind[i] = (uint32_t)i;
	}
	check_message("leap seconds", &it, MSG_LEAPS);
	memset(m, 0, sizeof(*m));
	m->net_listens.count = UINT32_MAX;
	m->net_listens.addrs[LISTENS_MAX - 1].family = 255;
	m->net_listens.ports[LISTENS_MAX - 1] = UINT32_MAX;
	check_message("where this machine answers", &it, MSG_NET_LISTENS);
	check_message("a hurry", &it, MSG_NET_HURRY);
	memset(m, 0, sizeof(*m));
	m->keys.count = KEYS_A_MESSAGE;
	check_message("keys, which are not in it", &it, MSG_KEYS);
	it.who = PROC_RESOLVE;
	memset(m, 0, sizeof(*m));
	m->resolved.count = 2;
	m->resolved.addrs[0].family = 4;
	m->resolved.addrs[1].family = 6;
	m->resolved.addrs[1].addr[15] = 1;
	check_message("addresses", &it, MSG_RESOLVED);
	m->resolved.count = UINT32_MAX;
	check_message("more than there can be", &it, MSG_RESOLVED);
	it.who = PROC_CLOCK;
	memset(m, 0, sizeof(*m));
	m->clock_state.raw_ns = INT64_MIN;
	m->clock_state.slope_q32 = INT64_MAX;
	(void)strcpy(m->clock_state.frozen, "a reason");
	check_message("the clock's state", &it, MSG_CLOCK_STATE);
}

/* The fields in messages.def are all that a message has. */
static void
test_fields(void)
{
	static const struct {
		enum msg_type type;
		const char *fields;
		size_t length;
	} t[] = {
#define MESSAGE(name, member, fields, ...)                                     \
	{ MSG_##name, fields, sizeof(struct msg_##member) },
#include "common/messages.def"
	};
	static struct item it, back;
	int seen = 0;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const char *wrong = NULL;
		size_t n;

		if (t[i].fields == NULL)
			continue;
		seen++;
		begin();
		it = (struct item){ .kind = ITEM_MESSAGE, .result = MSG_GOT };
		it.u.msg.h.type = (uint32_t)t[i].type;
		n = codec_put(&to, &it, buf);
		OK(codec_get(&from, &back, buf, n, &wrong) == n &&
			back.u.msg.h.length == t[i].length,
		    "the fields of message %u are all that it has",
		    (uint32_t)t[i].type);
	}
	OK(seen >= 17, "%d messages of ntp-net", seen);
}

/* Even if the caller forgot to remove them. */
static void
test_no_key(void)
{
	static struct item it = { .kind = ITEM_MESSAGE, .result = MSG_GOT };
	struct codec c;
	size_t n, found = 0;

	memset(&c, 0, sizeof(c));
	it.u.msg.h.type = MSG_KEYS;
	memset(it.u.msg.keys.keys, 'k', sizeof(it.u.msg.keys.keys));
	n = codec_put(&c, &it, buf);
	for (size_t i = 0; i < n; i++)
		found += buf[i] == 'k';
	OK(n < 16 && found == 0, "no key is written (%zu bytes)", n);
	it = (struct item){ .kind = ITEM_AUTH, .result = AUTH_WRONG };
	begin();
	check("what a MAC is worth", &it);
}

static void
test_decisions(void)
{
	struct item it = { .kind = ITEM_ANSWER, .slot = 63 };

	begin();
	it.u.answer = (struct item_answer){ VERDICT_LOOP, REAL_NS, -1 };
	check("an answer", &it);
	it = (struct item){ .kind = ITEM_TOLD, .who = PROC_CLOCK };
	it.u.msg.sample = (struct msg_sample){ .h = { MSG_SAMPLE, 0 },
		.raw_ns = 5000000000000,
		.theta_ns = REAL_NS,
		.sigma_ns = 1000,
		.slope_q32 = -40000 };
	check("a sample", &it);
	it.result = 11;
	check("a sample that found no room", &it);
	it = (struct item){ .kind = ITEM_DECISION };
	it.u.decision = (struct item_decision){ .agreed = 1,
		.synced = 1,
		.agreeing = 64,
		.needed = 33,
		.selected = 64,
		.stratum = 3,
		.peer = 64,
		.distance_ns = 123456,
		.states = { STATE_SELECTED, 0, STATE_FALSETICKER } };
	check("a decision", &it);
	it.u.decision.distance_ns++;
	IS_I64(check("the same, but for its bound", &it), 3, "is small");
	it.u.decision.states[63] = STATE_DENIED;
	check("another state", &it);
	it = (struct item){ .kind = ITEM_PIECE };
	it.u.piece.offset = UINT32_MAX;
	it.u.piece.len = ITEM_PIECE_MAX;
	IS_I64(check("zeros", &it), 10, "are small");
	memset(it.u.piece.bytes, 1, sizeof(it.u.piece.bytes));
	check("no zeros", &it);
}

/* clang-format off */
static const struct refused {
	const char *what;
	size_t len;
	uint8_t bytes[12];
	const char *wrong;
} refused[] = {
	{ "nothing", 0, { 0 }, "an item" },
	{ "kind 0", 1, { 0 }, "an item of a known kind" },
	{ "an unknown kind", 1, { ITEM_KINDS }, "an item of a known kind" },
	{ "half an item", 1, { ITEM_OPEN }, "more bytes" },
	{ "a slot that is none", 3, { ITEM_OPEN, 64, 0 }, "a source" },
	{ "a number without an end", 12, { ITEM_OPEN, 128, 128, 128, 128, 128,
	    128, 128, 128, 128, 128, 1 }, "the end of a number" },
	{ "too many that are ready", 2, { ITEM_WAIT, ITEM_READY_MAX + 2 },
	    "how many were ready" },
	{ "a message that is none", 4, { ITEM_MESSAGE, 0, 0, MSG_COUNT },
	    "a type of message" },
	{ "a message of others", 4, { ITEM_MESSAGE, 0, 0, MSG_LOG },
	    "a message of ntp-net" },
	{ "a verdict that is none", 5, { ITEM_ANSWER, 0, VERDICT_COUNT, 0, 0 },
	    "a verdict" },
	{ "a long datagram", 6, { ITEM_DATAGRAM, 0, 2, 0, 0x81, 0x0a },
	    "a datagram's length" },
	{ "a run that is too long", 7, { ITEM_DATAGRAM, 0, 2, 0, 4, 5, 0 },
	    "a run of zeros" },
	{ "a run of nothing", 7, { ITEM_DATAGRAM, 0, 2, 0, 4, 0, 0 },
	    "a run of bytes" },
};
/* clang-format on */

static void
test_refused(void)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		const struct refused *r = &refused[i];
		struct item it;
		const char *wrong = NULL;

		begin();
		OK(codec_get(&from, &it, r->bytes, r->len, &wrong) == 0 &&
			wrong != NULL && strcmp(wrong, r->wrong) == 0,
		    "%s: expected %s", r->what, r->wrong);
	}
}

static void
test_file(void)
{
	static uint8_t block[BLOCK_MAX + BLOCK_FRAME_MAX];
	struct head head = { .version = HEAD_VERSION,
		.snapshot = 1,
		.layout = 0x12345678,
		.session = UINT64_MAX,
		.block = 77,
		.raw_ns = -1,
		.real_ns = REAL_NS,
		.program = "ntpd 1" };
	struct head got;
	const uint8_t *items;
	const char *wrong;
	size_t len, n;
	uint8_t *frame;

	codec_put_head(&head, buf);
	OK(codec_get_head(&got, buf, HEAD_LEN, &wrong) == 0 &&
		memcmp(&got, &head, sizeof(head)) == 0,
	    "a head");
	OK(codec_get_head(&got, buf, HEAD_LEN - 1, &wrong) == -1 &&
		strcmp(wrong, "all of a head") == 0,
	    "half a head");
	buf[20] ^= 4;
	OK(codec_get_head(&got, buf, HEAD_LEN, &wrong) == -1 &&
		strcmp(wrong, "a head with its checksum") == 0 &&
		got.version == 0,
	    "a spoilt head");
	for (size_t i = 1; i <= BLOCK_MAX; i = i * 2 + 1) {
		memset(block + 2, (int)i, i);
		frame = codec_put_block(block, i, i, &len);
		OK(codec_get_block(frame, len, i, &items, &n, &wrong) == 0 &&
			n == i && items == block + 2,
		    "a block of %zu bytes", i);
		OK(codec_get_block(frame, len, i + 1, &items, &n, &wrong) ==
			    -1 &&
			codec_get_block(
			    frame, len - 1, i, &items, &n, &wrong) == -1,
		    "not with another number, nor without its end");
	}
}

int
main(void)
{
	test_clock();
	test_seen();
	test_datagrams();
	test_messages();
	test_fields();
	test_no_key();
	test_decisions();
	test_refused();
	test_file();
	return DONE();
}
