/*
 * Answering requests: which get an answer, and its content.
 */
#include <string.h>

#include "core/packet/packet.h"
#include "core/packet/timestamp.h"
#include "core/serve/serve.h"
#include "tests/tap.h"

#define T0_S	INT64_C(1790000000) /* 2026-09-21: not the end of a month */
#define RAW0_NS (1000 * NS_PER_S)
#define LEN_MAX 1500

static struct serve_state
synced(void)
{
	return (struct serve_state){ .clock = SERVE_SYNCED,
		.line.raw = { RAW0_NS },
		.line.theta_ns = T0_S * NS_PER_S - RAW0_NS,
		.root_delay_ns = 2 * NS_PER_MS,
		.root_dispersion_ns = 10 * NS_PER_MS,
		.reference = { (T0_S - 5) * NS_PER_S },
		.stratum = 3,
		.leap = LEAP_NONE,
		.refid = 0xc0000201 };
}

struct probe {
	uint8_t buf[LEN_MAX];
	struct serve_request rq;
	struct serve_now now;
	uint8_t out[NTP_PACKET_LEN];
	size_t out_len;
	struct packet answer;
	enum serve_verdict verdict;
};

static void
probe_init(struct probe *p, uint8_t version, uint8_t mode)
{
	memset(p, 0, sizeof(*p));
	p->buf[0] = (uint8_t)(version << 3 | mode);
	p->buf[2] = 6;
	for (size_t i = 40; i < 48; i++)
		p->buf[i] = (uint8_t)(i * 37);
	p->rq = (struct serve_request){ .buf = p->buf,
		.len = NTP_PACKET_LEN,
		.port = 40000,
		.receive = { T0_S * NS_PER_S },
		.transmit = { T0_S * NS_PER_S + 20000 } };
	p->now = (struct serve_now){ .raw = { RAW0_NS },
		.utc = { T0_S * NS_PER_S },
		.precision_log2 = -23 };
}

static void
probe_ask(struct probe *p, const struct serve_state *st)
{
	struct serve_answer answer = { .octets = p->out };
	struct serve_head head;

	memset(p->out, 0xa5, sizeof(p->out));
	serve_prepare(&head, st, &p->now);
	p->verdict = serve_request(&head, &p->rq, &answer);
	p->out_len = answer.len;
	if (packet_parse(p->out, p->out_len, &p->answer) == -1)
		memset(&p->answer, 0, sizeof(p->answer));
}

static void
test_versions_and_modes(void)
{
	struct serve_state st = synced();
	struct probe p;

	for (uint8_t version = 0; version < 8; version++)
		for (uint8_t mode = 0; mode < 8; mode++) {
			bool want = version >= 1 && version <= 4 &&
			    (mode == 3 || mode == 1 ||
				(version == 1 && mode == 0));
			uint8_t in = mode == 1 ? MODE_PASSIVE : MODE_SERVER;

			probe_init(&p, version, mode);
			probe_ask(&p, &st);
			OK((p.verdict == SERVE_ANSWER) == want &&
				p.out_len == (want ? 48U : 0U) &&
				(!want ||
				    (p.answer.version == version &&
					p.answer.mode == in)),
			    "version %d mode %d is %s", version, mode,
			    want ? "answered in kind" : "dropped");
		}
}

/* A peer's packet has timestamps that a client's lacks: they are ignored. */
static void
test_symmetric(void)
{
	struct serve_state st = synced();
	struct probe p;
	struct ntp_ts origin;

	probe_init(&p, 3, MODE_ACTIVE);
	p.rq.port = 123;
	for (size_t i = 1; i < 40; i++)
		p.buf[i] = (uint8_t)(i * 41 | 1);
	probe_ask(&p, &st);
	OK(p.verdict == SERVE_ANSWER && p.out_len == NTP_PACKET_LEN &&
		p.answer.mode == MODE_PASSIVE && p.answer.version == 3 &&
		p.answer.stratum == 3 && p.answer.refid == st.refid,
	    "a symmetric active peer gets the time, in mode 2");
	OK(memcmp(p.out + 24, p.buf + 40, 8) == 0,
	    "its transmit timestamp is the origin");
	OK(p.answer.receive.v == (ntp_ts_from_wall(p.rq.receive).v | 1) &&
		p.answer.transmit.v >= p.answer.receive.v,
	    "the other two are ours");
	OK(!serve_interleaves(p.buf, NTP_PACKET_LEN, &origin) && origin.v == 0,
	    "and nothing is interleaved");
	p.buf[0] = 3 << 3 | MODE_CLIENT;
	OK(serve_interleaves(p.buf, NTP_PACKET_LEN, &origin),
	    "as the same of a client would be");
}

static void
test_ports(void)
{
	struct serve_state st = synced();
	struct probe p;

	probe_init(&p, 1, 0);
	p.rq.port = 123;
	probe_ask(&p, &st);
	OK(p.verdict == SERVE_MODE, "version 1 mode 0 from port 123: dropped");
	probe_init(&p, 4, 3);
	p.rq.port = 123;
	probe_ask(&p, &st);
	OK(p.verdict == SERVE_ANSWER, "mode 3 from port 123: answered");
	p.rq.port = 0;
	probe_ask(&p, &st);
	OK(p.verdict == SERVE_PORT, "from port 0: dropped");
}

static void
test_lengths(void)
{
	struct serve_state st = synced();
	struct probe p;
	int longer = 0, short_answered = 0;

	probe_init(&p, 4, 3);
	for (size_t len = 0; len <= LEN_MAX; len++) {
		p.rq.len = len;
		probe_ask(&p, &st);
		longer += p.out_len > len;
		short_answered += len < 48 && p.verdict == SERVE_ANSWER;
	}
	IS_I64(longer, 0, "no answer is longer than its request");
	IS_I64(short_answered, 0, "nothing shorter than a header is answered");
}

/* What may follow a header, and what may not. */
static void
test_tails(void)
{
	static const struct {
		const char *name;
		uint8_t version;
		size_t len; /* behind the header */
		uint16_t field1, length1, field2, length2;
		bool answered;
	} cases[] = {
		{ "a crypto-NAK", 4, 4, 0, 0, 0, 0, true },
		{ "an MD5 MAC", 4, 20, 0, 1, 0, 0, true },
		{ "a SHA-1 MAC", 4, 24, 0, 1, 0, 0, true },
		{ "a SHA-1 MAC in version 3", 3, 24, 0, 1, 0, 0, true },
		{ "a DES MAC in version 2", 2, 12, 0, 1, 0, 0, true },
		{ "more than a MAC in version 3", 3, 72, 0xf000, 72, 0, 0,
		    false },
		{ "an unknown field", 4, 28, 0xf000, 28, 0, 0, true },
		{ "E-02 16 octets, neither field nor MAC", 4, 16, 0xf000, 16, 0,
		    0, false },
		{ "E-02 a second of 16 at the end", 4, 32, 0xf000, 16, 0xf000,
		    16, false },
		{ "E-11 a MAC of 32", 4, 36, 0, 1, 0, 0, false },
		{ "two fields", 4, 44, 0x104, 16, 0x204, 28, true },
		{ "a field and a MAC", 4, 36, 0x104, 16, 0, 1, true },
		{ "a field of length 0", 4, 28, 0xf000, 0, 0, 0, false },
		{ "a field of length 3", 4, 28, 0xf000, 3, 0, 0, false },
		{ "a field of length 12", 4, 28, 0xf000, 12, 0, 0, false },
		{ "a field of length 26", 4, 28, 0xf000, 26, 0, 0, false },
		{ "a field that overruns", 4, 28, 0xf000, 32, 0, 0, false },
		{ "a field of 65535", 4, 28, 0xf000, 65535, 0, 0, false },
		{ "a second that overruns", 4, 44, 0x104, 16, 0x204, 32,
		    false },
		{ "octets that are no multiple of 4", 4, 18, 0xf000, 18, 0, 0,
		    false },
		{ "8 octets", 4, 8, 0xf000, 8, 0, 0, false },
	};
	struct serve_state st = synced();
	struct probe p;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t *f = p.buf + 48;

		probe_init(&p, cases[i].version, 3);
		p.rq.len = 48 + cases[i].len;
		f[0] = (uint8_t)(cases[i].field1 >> 8);
		f[1] = (uint8_t)cases[i].field1;
		f[2] = (uint8_t)(cases[i].length1 >> 8);
		f[3] = (uint8_t)cases[i].length1;
		f[16] = (uint8_t)(cases[i].field2 >> 8);
		f[17] = (uint8_t)cases[i].field2;
		f[18] = (uint8_t)(cases[i].length2 >> 8);
		f[19] = (uint8_t)cases[i].length2;
		probe_ask(&p, &st);
		OK((p.verdict == SERVE_ANSWER) == cases[i].answered &&
			p.out_len == (cases[i].answered ? 48U : 0U),
		    "%s: %s", cases[i].name,
		    cases[i].answered ? "a bare answer" : "dropped");
	}
}

static void
test_fields(void)
{
	static const int8_t polls[] = { -6, 0, 6, 17, 127, -128 };
	static const uint64_t stamps[] = { 0, 1, UINT64_MAX,
		UINT64_C(0x8000000000000000) };
	struct serve_state st = synced();
	struct probe p;

	probe_init(&p, 4, 3);
	for (size_t i = 0; i < sizeof(polls); i++) {
		p.buf[2] = (uint8_t)polls[i];
		probe_ask(&p, &st);
		IS_I64(p.answer.poll_log2, polls[i], "poll %d is copied",
		    polls[i]);
	}
	for (size_t i = 0; i < sizeof(stamps) / sizeof(stamps[0]); i++) {
		for (size_t b = 0; b < 8; b++)
			p.buf[40 + b] = (uint8_t)(stamps[i] >> (56 - 8 * b));
		probe_ask(&p, &st);
		OK(p.answer.origin.v == stamps[i],
		    "the client's stamp %016llx comes back",
		    (unsigned long long)stamps[i]);
	}
	IS_I64(p.answer.leap, LEAP_NONE, "leap");
	IS_I64(p.answer.stratum, 3, "stratum");
	IS_I64(p.answer.refid, 0xc0000201, "reference id");
	IS_I64(p.answer.precision_log2, -23, "precision");
	NEAR(ntp_short_to_ns(p.answer.root_delay), 2e6, 16000, "root delay");
	OK(p.answer.receive.v == (ntp_ts_from_wall(p.rq.receive).v | 1),
	    "receive, and odd");
	OK(p.answer.transmit.v == (ntp_ts_from_wall(p.rq.transmit).v & ~1UL),
	    "transmit, and even");
	NEAR(ntp_ts_diff_ns(p.answer.transmit, p.answer.reference),
	    5 * NS_PER_S + 20000, 1, "reference time is the last update");
}

static void
test_order_of_times(void)
{
	struct serve_state st = synced();
	struct probe p;

	probe_init(&p, 4, 3);
	p.rq.transmit.ns = p.rq.receive.ns - 1000;
	probe_ask(&p, &st);
	OK(p.answer.transmit.v == p.answer.receive.v + 1,
	    "transmit is never before receive");
	st.reference.ns = p.rq.receive.ns + NS_PER_S;
	probe_ask(&p, &st);
	OK(p.answer.reference.v <= p.answer.transmit.v,
	    "the reference time is never after transmit");
	st.reference.ns = 0;
	probe_ask(&p, &st);
	OK(p.answer.reference.v == 0, "never updated: reference time 0");
}

static void
test_dispersion(void)
{
	struct serve_state st = synced();
	struct probe p;

	probe_init(&p, 4, 3);
	probe_ask(&p, &st);
	NEAR(ntp_short_to_ns(p.answer.root_dispersion), 10e6, 16000,
	    "root dispersion at the update");
	p.now.raw.ns = RAW0_NS + 600 * NS_PER_S;
	probe_ask(&p, &st);
	NEAR(ntp_short_to_ns(p.answer.root_dispersion), 18.64e6, 16000,
	    "0.6 ms and 536 s of 15 ppm more after 10 minutes");
	p.now.raw.ns = RAW0_NS + 64 * NS_PER_S;
	probe_ask(&p, &st);
	NEAR(ntp_short_to_ns(p.answer.root_dispersion), 10.064e6, 16000,
	    "1 ppm of a minute, in which it is renewed");
	st.silent = true;
	p.now.raw.ns = RAW0_NS + 600 * NS_PER_S;
	probe_ask(&p, &st);
	NEAR(ntp_short_to_ns(p.answer.root_dispersion), 19.6e6, 16000,
	    "where it is known that none comes, 9.6 ms in all of them");
	st.silent = false;
	p.now.raw.ns = RAW0_NS - 600 * NS_PER_S;
	probe_ask(&p, &st);
	NEAR(ntp_short_to_ns(p.answer.root_dispersion), 10e6, 16000,
	    "and never less");
	p.now.raw.ns = RAW0_NS + 13 * 86400 * NS_PER_S;
	probe_ask(&p, &st);
	IS_I64(p.answer.leap, LEAP_UNKNOWN, "13 days later: not synchronized");
	st.clock = SERVE_LOCAL;
	probe_ask(&p, &st);
	NEAR(ntp_short_to_ns(p.answer.root_dispersion), 10e6, 16000,
	    "a local clock's does not grow");
	OK(p.answer.leap == LEAP_NONE && p.answer.stratum == 3 &&
		p.answer.reference.v == p.answer.receive.v - 1,
	    "a local clock counts as just set");
}

static void
test_unsynced(void)
{
	struct serve_state st = { .clock = SERVE_UNSYNCED };
	struct probe p;

	probe_init(&p, 3, 3);
	probe_ask(&p, &st);
	IS_I64(p.verdict, SERVE_ANSWER, "unsynchronized: still an answer");
	IS_I64(p.answer.leap, LEAP_UNKNOWN, "unsynchronized: leap 3");
	IS_I64(p.answer.stratum, 0, "unsynchronized: stratum 0");
	IS_I64(p.answer.refid, 0, "unsynchronized: no kiss code");
	IS_I64(p.answer.version, 3, "unsynchronized: version copied");
	OK(p.answer.reference.v == 0, "unsynchronized: no reference time");
	NEAR(ntp_short_to_ns(p.answer.root_dispersion), 16e9, 0,
	    "unsynchronized: the largest dispersion");
	st = (struct serve_state){ .clock = SERVE_UNSYNCED,
		.line.raw = { INT64_MIN },
		.line.theta_ns = INT64_MAX,
		.line.slope_q32 = INT64_MIN,
		.root_dispersion_ns = INT64_MAX,
		.stratum = 3 };
	probe_ask(&p, &st);
	OK(serve_state_ok(&st) && p.answer.stratum == 0,
	    "unsynchronized: what else the state says does not count");
}

static void
test_leap(void)
{
	/* 2026-12-31 00:00:00, the first moment of the last day of a month */
	const int64_t last_day_ns = INT64_C(1798675200) * NS_PER_S;
	struct serve_state st = synced();
	struct probe p;

	st.leap = LEAP_INSERT;
	probe_init(&p, 4, 3);
	p.now.utc.ns = p.rq.receive.ns = p.rq.transmit.ns = last_day_ns;
	probe_ask(&p, &st);
	IS_I64(p.answer.leap, LEAP_INSERT, "a leap second, on the last day");
	p.now.utc.ns = p.rq.receive.ns = p.rq.transmit.ns = last_day_ns - 1;
	probe_ask(&p, &st);
	IS_I64(p.answer.leap, LEAP_NONE, "not on the day before");
	p.now.utc.ns = p.rq.receive.ns = p.rq.transmit.ns =
	    last_day_ns + 86400 * NS_PER_S;
	probe_ask(&p, &st);
	IS_I64(p.answer.leap, LEAP_NONE, "and not on the day after");
}

/* Whole octets at an offset in the header. */
static void
put(struct probe *p, size_t at, uint64_t v)
{
	for (size_t i = 0; i < 8; i++)
		p->buf[at + i] = (uint8_t)(v >> (56 - 8 * i));
}

static void
test_interleaved(void)
{
	static const struct {
		uint64_t origin, receive, transmit;
		bool wanted;
		const char *what;
	} cases[] = {
		{ 0, 0, 9, false, "no timestamps: basic" },
		{ 5, 0, 9, false, "no receive timestamp: basic" },
		{ 5, 9, 9, false, "receive as transmit: basic" },
		{ 4, 7, 9, false, "an even origin is no receive time of ours" },
		{ 5, 7, 9, true, "receive unlike transmit: interleaved" },
		{ 5, 7, 0, true, "the same with transmit 0" },
	};
	struct serve_state st = synced();
	struct ntp_ts origin;
	struct probe p;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		probe_init(&p, 4, 3);
		put(&p, 24, cases[i].origin);
		put(&p, 32, cases[i].receive);
		put(&p, 40, cases[i].transmit);
		OK(serve_interleaves(p.buf, 48, &origin) == cases[i].wanted,
		    "%s", cases[i].what);
	}
	put(&p, 40, 9);
	OK(serve_interleaves(p.buf, 48, &origin) && origin.v == 5,
	    "the origin is what the client had as receive timestamp");
	OK(!serve_interleaves(p.buf, 47, &origin) && origin.v == 0,
	    "not of a request that is too short");
	p.rq.earlier.v = 1234;
	probe_ask(&p, &st);
	IS_I64(p.answer.origin.v, 7, "interleaved: origin is their receive");
	IS_I64(p.answer.transmit.v, 1234, "transmit is of the answer before");
	OK(p.answer.receive.v == (ntp_ts_from_wall(p.rq.receive).v | 1),
	    "receive is of this request");
}

/* The answer's time for a moment, minus that moment, ns. */
static int64_t
served_off_ns(struct probe *p, struct serve_state *st, int64_t utc_ns)
{
	struct wall utc = { utc_ns };

	p->rq.receive = p->now.utc = utc;
	p->rq.transmit.ns = utc_ns + 1000;
	st->reference.ns = utc_ns - 5 * NS_PER_S;
	probe_ask(p, st);
	return ntp_ts_diff_ns(p->answer.receive, ntp_ts_from_wall(utc));
}

static void
test_smear(void)
{
	/* 2027-01-01 00:00:00 */
	const int64_t leap_ns = INT64_C(1798761600) * NS_PER_S;
	const int64_t six_h_ns = 21600 * NS_PER_S;
	struct serve_state st = synced();
	struct probe p;

	st.leap = LEAP_INSERT;
	st.smears = true;
	st.smear = (struct smear){
		.kind = LEAP_INSERT, .leap = { leap_ns }, .length_s = 86400
	};
	probe_init(&p, 4, 3);
	NEAR(served_off_ns(&p, &st, leap_ns - 8 * six_h_ns), 0, 1,
	    "two days before: UTC");
	IS_I64(p.answer.refid, 0xc0000201, "and its reference ID");
	NEAR(served_off_ns(&p, &st, leap_ns - six_h_ns), -249997107, 2,
	    "6 h before: a quarter of a second is held back");
	IS_I64(p.answer.leap, LEAP_NONE, "and no leap second is announced");
	IS_I64(p.answer.refid, SMEAR_REFID, "the reference ID says so");
	NEAR(ntp_ts_diff_ns(p.answer.transmit, p.answer.receive), 1000, 2,
	    "receive and transmit are both smeared");
	NEAR(ntp_ts_diff_ns(p.answer.receive, p.answer.reference),
	    5 * NS_PER_S - 57870, 2, "and the reference time");
	st.smear.passed = true;
	NEAR(served_off_ns(&p, &st, leap_ns + six_h_ns), 249997107, 2,
	    "6 h after: as much");
	NEAR(served_off_ns(&p, &st, leap_ns + 2 * six_h_ns), 0, 1,
	    "at the end: UTC");
	IS_I64(p.answer.refid, 0xc0000201, "and its reference ID");
	st.smear = (struct smear){ .kind = LEAP_NONE };
	served_off_ns(&p, &st, leap_ns - NS_PER_S);
	IS_I64(p.answer.leap, LEAP_NONE,
	    "one that the file does not know is not announced either");
	st.smear = (struct smear){
		.kind = LEAP_INSERT, .leap = { leap_ns }, .length_s = 86400
	};
	st.clock = SERVE_LOCAL;
	NEAR(served_off_ns(&p, &st, leap_ns - six_h_ns), 0, 1,
	    "a local clock is served as it is");
}

static void
test_era(void)
{
	/* 2036-02-07 06:28:16: the stamp of this moment would be zero */
	const int64_t era_ns = INT64_C(2085978496) * NS_PER_S;
	struct serve_state st = synced();
	struct probe p;

	st.line.theta_ns = era_ns - RAW0_NS;
	probe_init(&p, 4, 3);
	p.rq.receive.ns = era_ns - 1000;
	p.rq.transmit.ns = era_ns;
	probe_ask(&p, &st);
	OK(p.answer.transmit.v != 0, "no stamp is zero at the end of an era");
	NEAR(ntp_ts_diff_ns(p.answer.transmit, p.answer.receive), 1000, 2,
	    "the stamps are right across it");
	OK(serve_state_ok(&st), "and the state is in range");
}

static void
test_line(void)
{
	struct serve_state st = synced();
	struct mono now = { RAW0_NS };

	IS_I64(serve_utc(&st, now).ns, T0_S * NS_PER_S, "the line's origin");
	st.line.slope_q32 = 429497; /* 100 ppm and a little */
	now.ns = RAW0_NS + 1000 * NS_PER_S;
	NEAR(serve_utc(&st, now).ns - (T0_S + 1000) * NS_PER_S, 100000062, 2,
	    "100 ppm in 1000 s");
	now.ns = RAW0_NS - 1000 * NS_PER_S;
	NEAR(serve_utc(&st, now).ns - (T0_S - 1000) * NS_PER_S, -100000062, 2,
	    "and back");
	st.line.slope_q32 = -4294967;
	st.line.raw.ns = 0;
	st.line.theta_ns = T0_S * NS_PER_S;
	now.ns = INT64_C(1) << 60;
	NEAR(serve_utc(&st, now).ns - now.ns - st.line.theta_ns,
	    -(double)now.ns / 1000.0, 1e9, "1000 ppm in 36 years");
}

static void
test_state_range(void)
{
	struct serve_state good = synced(), st;

	OK(serve_state_ok(&good), "a good state");
#define BAD(member, value)                                                     \
	st = good;                                                             \
	st.member = value;                                                     \
	OK(!serve_state_ok(&st), #member " = " #value)
	BAD(line.raw.ns, -1);
	BAD(line.raw.ns, INT64_MAX);
	BAD(line.theta_ns, INT64_MAX);
	BAD(line.theta_ns, INT64_MIN);
	BAD(line.theta_ns, UTC_FIRST_NS - RAW0_NS - 1);
	BAD(line.theta_ns, UTC_LAST_NS - RAW0_NS + 1);
	BAD(line.slope_q32, SLOPE_MAX + 1);
	BAD(line.slope_q32, -SLOPE_MAX - 1);
	BAD(line.slope_q32, INT64_MIN);
	BAD(root_delay_ns, -1);
	BAD(root_delay_ns, INT64_MAX);
	BAD(root_dispersion_ns, -1);
	BAD(root_dispersion_ns, 16 * NS_PER_S + 1);
	BAD(reference.ns, INT64_MIN);
	BAD(stratum, 0);
	BAD(stratum, 16);
	BAD(leap, 3);
	BAD(leap, UINT32_MAX);
	BAD(smear.kind, LEAP_UNKNOWN);
	good.smear.kind = LEAP_INSERT;
	good.smear.length_s = 86400;
	OK(serve_state_ok(&good), "a good smear");
	BAD(smear.length_s, 0);
	BAD(smear.length_s, UINT32_MAX);
	BAD(smear.leap.ns, 1);
	BAD(smear.leap.ns, INT64_MIN);
	good.line.theta_ns = UTC_LAST_NS - RAW0_NS;
	OK(serve_state_ok(&good), "the last moment that can be");
	st.clock = SERVE_UNSYNCED;
	OK(serve_state_ok(&st), "unsynchronized: nothing else matters");
}

static enum serve_verdict
kiss(struct probe *p, uint32_t code)
{
	struct serve_answer answer = { .octets = p->out };
	enum serve_verdict verdict = serve_kiss(&p->rq, code, &answer);

	p->out_len = answer.len;
	return verdict;
}

static void
test_kiss(void)
{
	struct probe p;

	for (uint8_t version = 1; version <= 4; version++) {
		probe_init(&p, version, 3);
		memset(p.out, 0xa5, sizeof(p.out));
		p.verdict = kiss(&p, KISS_RATE);
		OK(p.verdict == SERVE_ANSWER && p.out_len == 48 &&
			packet_parse(p.out, p.out_len, &p.answer) == 0 &&
			p.answer.version == version &&
			p.answer.mode == MODE_SERVER &&
			p.answer.leap == LEAP_UNKNOWN &&
			p.answer.stratum == 0 && p.answer.poll_log2 == 6 &&
			memcmp(p.out + 12, "RATE", 4) == 0 &&
			memcmp(p.out + 24, p.buf + 40, 8) == 0,
		    "S-16 a kiss, version %d: leap 3, stratum 0, origin, code",
		    version);
	}
	OK(p.answer.reference.v == 0 &&
		p.answer.receive.v == p.answer.origin.v &&
		p.answer.transmit.v == p.answer.origin.v &&
		p.answer.root_delay == 0,
	    "S-16 and no time but what the client has sent");
	OK(kiss(&p, KISS_DENY) == SERVE_ANSWER &&
		memcmp(p.out + 12, "DENY", 4) == 0,
	    "S-16 the other code");
	p.rq.len = 47;
	OK(kiss(&p, KISS_DENY) == SERVE_MALFORMED && p.out_len == 0,
	    "no kiss that is longer than the request");
	probe_init(&p, 3, MODE_ACTIVE);
	p.verdict = kiss(&p, KISS_RATE);
	OK(p.verdict == SERVE_ANSWER && p.out_len == 48 &&
		(p.out[0] & 7) == MODE_PASSIVE,
	    "a kiss to a symmetric active peer is symmetric passive");
	for (uint8_t mode = 0; mode < 8; mode++) {
		if (mode == MODE_CLIENT || mode == MODE_ACTIVE)
			continue;
		probe_init(&p, 4, mode);
		OK(kiss(&p, KISS_DENY) == SERVE_MODE && p.out_len == 0,
		    "no kiss to what gets no answer: mode %d", mode);
	}
}

static void
test_precision(void)
{
	IS_I64(serve_precision_log2(0), -30, "0 ns");
	IS_I64(serve_precision_log2(25), -25, "25 ns");
	IS_I64(serve_precision_log2(1000), -19, "1 us, rounded up");
	IS_I64(serve_precision_log2(4 * NS_PER_MS), -7, "4 ms, a slow clock");
	IS_I64(serve_precision_log2(INT64_MAX), -6, "never more than -6");
}

int
main(void)
{
	test_versions_and_modes();
	test_symmetric();
	test_ports();
	test_lengths();
	test_tails();
	test_fields();
	test_order_of_times();
	test_dispersion();
	test_unsynced();
	test_leap();
	test_interleaved();
	test_smear();
	test_era();
	test_line();
	test_state_range();
	test_kiss();
	test_precision();
	return DONE();
}
