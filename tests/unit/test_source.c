/*
 * One source: its queries, every check of an answer, kisses, and timers.
 */
#include "core/source/source.h"

#include <stdlib.h>
#include <string.h>

#include "core/packet/timestamp.h"
#include "tests/tap.h"

#define MS    NS_PER_MS
#define START (1000 * NS_PER_S)
#define NONCE UINT64_C(0x0123456789abcdef)

/* UTC - raw in these tests: somewhere in 2027. */
#define THETA_NS INT64_C(1800000000123456789)

static const struct source_config config = { .poll_min_log2 = 4,
	.poll_max_log2 = 10,
	.local_refid = { 0xc0000201, 0x0a000001 },
	.precision_ns = 100 };

static struct source
new_source(void)
{
	struct source s;

	source_init(&s, &config, (struct mono){ START }, 0);
	return s;
}

/* An interleaved query's receive timestamp goes with the other one. */
static void
timer(struct source *s, struct mono now, uint64_t nonce, struct source_out *out)
{
	struct source_bits bits = { .transmit = nonce, .receive = ~nonce };

	source_timer(s, now, &bits, out);
}

/* Let the deadline pass; the query is sent. */
static struct source_out
ask(struct source *s, uint64_t nonce)
{
	struct source_out out;

	timer(s, source_deadline(s), nonce, &out);
	return out;
}

static struct source
asked_source(void)
{
	struct source s = new_source();

	(void)ask(&s, NONCE);
	return s;
}

static struct ntp_ts
utc(const struct source *s, int64_t after_ns)
{
	return ntp_ts_from_wall(
	    (struct wall){ s->sent_at.ns + THETA_NS + after_ns });
}

/* The answer of an honest server 10 ms away, after 1 ms. */
static struct packet
good_answer(const struct source *s)
{
	return (struct packet){ .version = 4,
		.mode = MODE_SERVER,
		.stratum = 2,
		.poll_log2 = 4,
		.precision_log2 = -23,
		.root_delay = 0x100,
		.root_dispersion = 0x200,
		.refid = 0x7f7f0101,
		.reference = utc(s, -100 * NS_PER_S),
		.origin = { s->nonce },
		.receive = utc(s, 10 * MS),
		.transmit = utc(s, 11 * MS) };
}

static struct source_rx
rx_after(const struct source *s, int64_t ns)
{
	return (struct source_rx){ .at = { s->sent_at.ns + ns } };
}

static enum verdict
answer_after(struct source *s, const struct packet *p, int64_t ns,
    struct source_out *out)
{
	uint8_t buf[NTP_PACKET_LEN];
	struct source_rx rx = rx_after(s, ns);

	packet_format(p, buf);
	return source_packet(s, &rx, buf, sizeof(buf), out);
}

static enum verdict
answer(struct source *s, const struct packet *p, struct source_out *out)
{
	return answer_after(s, p, 21 * MS, out);
}

static void
test_query(void)
{
	static const uint8_t want[NTP_PACKET_LEN] = { 0x23, 0, 0,
		0x20, [40] = 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef };
	struct source s;
	struct source_out out;

	source_init(&s, &config, (struct mono){ START }, UINT32_MAX);
	OK(source_deadline(&s).ns > START &&
		source_deadline(&s).ns <= START + 100 * MS,
	    "the first query comes within 100 ms");
	timer(&s, (struct mono){ START }, NONCE, &out);
	OK(!out.send && !out.close && s.sent == 0, "not before its time");
	out = ask(&s, NONCE);
	OK(out.send && !out.close, "then it is sent");
	OK(memcmp(out.packet, want, sizeof(want)) == 0,
	    "nothing is in it but the version, the mode and the nonce");
}

/* What the joint filter takes in. */
static void
test_observation(void)
{
	struct source s = asked_source();
	struct packet p = good_answer(&s);
	struct source_out out;
	struct observation o;

	OK(!source_observation(&s, &o) && o.noise.variance == 0,
	    "without an answer there is no observation");
	IS_I64(answer(&s, &p, &out), VERDICT_USED, "a good answer");
	OK(source_observation(&s, &o), "is an observation");
	OK(o.at.ns == s.sent_at.ns + 21 * MS / 2 &&
		llabs(o.theta_ns - THETA_NS) < 10,
	    "as it was made");
	OK(o.noise.variance > 0, "and it has noise");
	for (int i = 0; i < 20; i++) {
		(void)ask(&s, NONCE + 1);
		p = good_answer(&s);
		(void)answer(&s, &p, &out);
	}
	(void)ask(&s, NONCE + 1);
	p = good_answer(&s);
	p.receive = utc(&s, 3000 * MS);
	p.transmit = utc(&s, 3001 * MS);
	IS_I64(answer(&s, &p, &out), VERDICT_OUTLIER, "one that is far off");
	OK(!source_observation(&s, &o), "is none to be taken in");
}

static void
test_good(void)
{
	struct source s = new_source();
	struct packet p = good_answer(&s);
	struct source_out out;
	struct estimate line;

	p.origin.v = 0;
	IS_I64(answer(&s, &p, &out), VERDICT_UNASKED, "nothing was asked");
	(void)ask(&s, NONCE);
	p = good_answer(&s);
	IS_I64(answer(&s, &p, &out), VERDICT_USED, "a good answer is used");
	OK(out.close && !out.send && out.estimate_changed, "query is over");
	IS_I64(s.delay_ns, 20 * MS, "delay");
	IS_I64(s.reach, 1, "reach");
	IS_I64(s.stratum, 2, "stratum");
	IS_I64(s.unanswered, 0, "answered");
	IS_I64(s.received, 2, "received");
	IS_I64(s.rejected, 1, "rejected");
	OK(source_estimate(
	       &s, (struct mono){ s.sent_at.ns + 21 * MS / 2 }, &line),
	    "there is an estimate");
	NEAR(line.theta_ns - THETA_NS, 0, 2, "which is right");
	NEAR(line.sigma_ns, 10 * MS, MS, "to half the round trip");
	IS_I64(answer(&s, &p, &out), VERDICT_UNASKED, "a duplicate is not");
	OK(!out.close && s.reach == 1 && estimator_count(&s.estimator) == 1,
	    "and changes nothing");
	(void)ask(&s, NONCE + 1);
	IS_I64(answer(&s, &p, &out), VERDICT_ORIGIN, "nor is a replay");
	OK(s.query == QUERY_WAITING, "the query goes on waiting");
}

/* An answer that came at this UTC, seconds since 1970, and left 1 ms later. */
static void
date(struct packet *p, int64_t utc_s)
{
	p->receive = ntp_ts_from_wall((struct wall){ utc_s * NS_PER_S });
	p->transmit = ntp_ts_from_wall((struct wall){ utc_s * NS_PER_S + MS });
	p->reference = p->receive;
}

/* A good answer with one fault. */
struct fault {
	const char *name;
	void (*spoil)(struct packet *p, const struct source *s);
	enum verdict want;
};

#define SPOIL(fn, statement)                                                   \
	static void spoil_##fn(struct packet *p, const struct source *s)       \
	{                                                                      \
		(void)s;                                                       \
		statement;                                                     \
	}
/* clang-format off */
SPOIL(nothing, p->poll_log2 = 127)
SPOIL(version0, p->version = 0)
SPOIL(version1, p->version = 1)
SPOIL(version2, p->version = 2)
SPOIL(version3, p->version = 3)
SPOIL(version5, p->version = 5)
SPOIL(mode0, p->mode = 0)
SPOIL(mode3, p->mode = 3)
SPOIL(mode5, p->mode = 5)
SPOIL(origin0, p->origin.v = 0)
SPOIL(origin1, p->origin.v ^= 1)
SPOIL(origin_top, p->origin.v ^= UINT64_C(1) << 63)
SPOIL(leap3, p->leap = 3)
SPOIL(stratum16, p->stratum = 16)
SPOIL(stratum255, p->stratum = 255)
SPOIL(stratum15, p->stratum = 15)
SPOIL(receive0, p->receive.v = 0)
SPOIL(transmit0, p->transmit.v = 0)
SPOIL(backwards, p->transmit = utc(s, 10 * MS - 1000))
SPOIL(held, p->transmit = utc(s, 4010 * MS + 1000))
SPOIL(negative, p->transmit = utc(s, 10 * MS + 22 * MS))
SPOIL(half_era, p->transmit.v = p->receive.v + (UINT64_C(1) << 63))
SPOIL(reference0, p->reference.v = 0)
SPOIL(reference_late, p->reference = utc(s, 11 * MS + 20 * MS))
SPOIL(reference_same, p->reference = p->transmit)
SPOIL(distance, p->root_dispersion = 0x100000)
SPOIL(distance_delay, p->root_delay = 0x200000)
SPOIL(distance_most, p->root_delay = p->root_dispersion = UINT32_MAX)
SPOIL(distance_below, p->root_delay = 0; p->root_dispersion = 0xfffff)
SPOIL(year1970, date(p, 5))
SPOIL(year2000, date(p, 946684800))
SPOIL(gps_weeks, date(p, 1800000000 - INT64_C(1024) * 7 * 86400))
SPOIL(year2025, date(p, UTC_FIRST_NS / NS_PER_S - 1))
SPOIL(year2026, date(p, UTC_FIRST_NS / NS_PER_S))
SPOIL(year2036, date(p, 2085978495))
SPOIL(year2036_later, date(p, 2085978497))
SPOIL(year2065, date(p, UTC_LAST_NS / NS_PER_S - 1))
SPOIL(year2066, date(p, UTC_LAST_NS / NS_PER_S))
SPOIL(year2095, date(p, INT64_C(3960000000)))
SPOIL(date_of_one, date(p, UTC_FIRST_NS / NS_PER_S); p->receive.v -= 2)
SPOIL(loop, p->refid = 0x0a000001)
SPOIL(loop_stratum1, p->stratum = 1; p->refid = 0x0a000001)
SPOIL(precision_low, p->precision_log2 = -128)
SPOIL(precision_high, p->precision_log2 = 127)
SPOIL(kiss, p->stratum = 0; p->leap = 3; p->refid = 0x58595a00)
SPOIL(kiss_init, p->stratum = 0; p->refid = 0)
SPOIL(kiss_rate, p->stratum = 0; p->leap = 3; p->refid = KISS_RATE)
SPOIL(kiss_deny, p->stratum = 0; p->leap = 3; p->refid = KISS_DENY)
SPOIL(kiss_rstr, p->stratum = 0; p->leap = 0; p->refid = KISS_RSTR)
SPOIL(kiss_forged, p->stratum = 0; p->refid = KISS_DENY; p->origin.v = 0)
SPOIL(rate_forged, p->stratum = 0; p->refid = KISS_RATE; p->origin.v++)

static const struct fault faults[] = {
	{ "poll of 127", spoil_nothing, VERDICT_USED },
	{ "version 0", spoil_version0, VERDICT_VERSION },
	{ "version 1", spoil_version1, VERDICT_USED },
	{ "version 2", spoil_version2, VERDICT_USED },
	{ "version 3", spoil_version3, VERDICT_USED },
	{ "version 5", spoil_version5, VERDICT_VERSION },
	{ "mode 0", spoil_mode0, VERDICT_MODE },
	{ "mode 3", spoil_mode3, VERDICT_MODE },
	{ "mode 5", spoil_mode5, VERDICT_MODE },
	{ "zero origin", spoil_origin0, VERDICT_ORIGIN },
	{ "origin's last bit", spoil_origin1, VERDICT_ORIGIN },
	{ "origin's first bit", spoil_origin_top, VERDICT_ORIGIN },
	{ "leap 3", spoil_leap3, VERDICT_UNSYNCED },
	{ "stratum 16", spoil_stratum16, VERDICT_UNSYNCED },
	{ "stratum 255", spoil_stratum255, VERDICT_UNSYNCED },
	{ "stratum 15", spoil_stratum15, VERDICT_USED },
	{ "zero receive", spoil_receive0, VERDICT_ZERO },
	{ "zero transmit", spoil_transmit0, VERDICT_ZERO },
	{ "transmit before receive", spoil_backwards, VERDICT_BACKWARDS },
	{ "held too long", spoil_held, VERDICT_BACKWARDS },
	{ "held for half an era", spoil_half_era, VERDICT_BACKWARDS },
	{ "round trip negative", spoil_negative, VERDICT_DELAY },
	{ "no reference", spoil_reference0, VERDICT_USED },
	{ "reference after transmit", spoil_reference_late,
	    VERDICT_REFERENCE },
	{ "reference at transmit", spoil_reference_same, VERDICT_USED },
	{ "root dispersion 16 s", spoil_distance, VERDICT_DISTANCE },
	{ "root delay 32 s", spoil_distance_delay, VERDICT_DISTANCE },
	{ "root values largest", spoil_distance_most, VERDICT_DISTANCE },
	{ "root dispersion just below", spoil_distance_below, VERDICT_USED },
	{ "never set: 1970", spoil_year1970, VERDICT_DATE },
	{ "never set: 2000", spoil_year2000, VERDICT_DATE },
	{ "1024 weeks behind", spoil_gps_weeks, VERDICT_DATE },
	{ "just before this release's year", spoil_year2025, VERDICT_DATE },
	{ "just in it", spoil_year2026, VERDICT_USED },
	{ "the end of era 0", spoil_year2036, VERDICT_USED },
	{ "the start of era 1", spoil_year2036_later, VERDICT_USED },
	{ "40 years later", spoil_year2065, VERDICT_USED },
	{ "and more", spoil_year2066, VERDICT_DATE },
	{ "68 years ahead", spoil_year2095, VERDICT_DATE },
	{ "one of its timestamps", spoil_date_of_one, VERDICT_DATE },
	{ "loop", spoil_loop, VERDICT_LOOP },
	{ "a name at stratum 1", spoil_loop_stratum1, VERDICT_USED },
	{ "precision -128", spoil_precision_low, VERDICT_USED },
	{ "precision 127", spoil_precision_high, VERDICT_USED },
	{ "unknown kiss", spoil_kiss, VERDICT_KISS_OTHER },
	{ "stratum 0, no code", spoil_kiss_init, VERDICT_KISS_OTHER },
	{ "RATE", spoil_kiss_rate, VERDICT_KISS_RATE },
	{ "DENY", spoil_kiss_deny, VERDICT_KISS_DENY },
	{ "RSTR", spoil_kiss_rstr, VERDICT_KISS_DENY },
	{ "forged DENY", spoil_kiss_forged, VERDICT_ORIGIN },
	{ "forged RATE", spoil_rate_forged, VERDICT_ORIGIN },
};
/* clang-format on */

static bool
ends_query(enum verdict v)
{
	return v == VERDICT_USED || v == VERDICT_KISS_RATE ||
	    v == VERDICT_KISS_DENY || v == VERDICT_KISS_OTHER;
}

static void
test_faults(void)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		const struct fault *f = &faults[i];
		bool used = f->want == VERDICT_USED;
		struct source s = asked_source();
		struct packet p = good_answer(&s);
		struct source_out out;

		f->spoil(&p, &s);
		IS_I64(answer(&s, &p, &out), f->want, "%s", f->name);
		OK(out.close == ends_query(f->want) &&
			(s.query == QUERY_WAITING) != out.close,
		    "%s: query over or not", f->name);
		OK((estimator_count(&s.estimator) == 1) == used &&
			(s.reach == 1) == used && (s.stratum != 0) == used,
		    "%s: learned from or not", f->name);
		IS_I64(s.verdicts[f->want], 1, "%s: counted", f->name);
		IS_I64(s.rejected, !used, "%s: rejected", f->name);
		if (ends_query(f->want))
			continue;
		p = good_answer(&s);
		IS_I64(answer(&s, &p, &out), VERDICT_USED,
		    "%s: the true answer still counts", f->name);
	}
}

static void
test_lengths(void)
{
	struct source s = asked_source();
	struct packet p = good_answer(&s);
	struct source_rx rx = rx_after(&s, 21 * MS);
	struct source_out out;
	uint8_t buf[100] = { 0 };
	int wrong = 0;

	packet_format(&p, buf);
	for (size_t len = 0; len < sizeof(buf); len++)
		if (len < 48 || len % 4 != 0)
			wrong += source_packet(&s, &rx, buf, len, &out) !=
			    VERDICT_SHORT;
	IS_I64(wrong, 0, "lengths that are short or odd");
	IS_I64(source_packet(&s, &rx, buf, 68, &out), VERDICT_USED,
	    "what follows the header is not looked at");
}

static void
test_late(void)
{
	struct source s = asked_source();
	struct packet p = good_answer(&s);
	struct source_out out;

	IS_I64(answer_after(&s, &p, SOURCE_ANSWER_WAIT_NS + 1, &out),
	    VERDICT_LATE, "an answer after 4 s");
	OK(s.query == QUERY_WAITING && !out.close, "changes nothing");
	IS_I64(answer_after(&s, &p, -NS_PER_S, &out), VERDICT_DELAY,
	    "nor does one from before the question");
	s = asked_source();
	s.next_query.ns += 60 * NS_PER_S;
	timer(&s, source_deadline(&s), NONCE + 1, &out);
	OK(out.close && !out.send && s.query != QUERY_WAITING,
	    "after that time the query is given up");
	p = good_answer(&s);
	p.origin.v = NONCE;
	IS_I64(answer(&s, &p, &out), VERDICT_UNASKED, "and nobody waits");
}

static void
test_burst(void)
{
	struct source s = new_source();
	int64_t last_ns = 0;

	for (int i = 0; i < 8; i++) {
		struct source_out out;
		struct packet p;
		int64_t at_ns = source_deadline(&s).ns;

		out = ask(&s, NONCE + (uint64_t)i);
		OK(out.send, "query %d is sent", i);
		if (i > 0 && i < SOURCE_BURST)
			OK(at_ns - last_ns >= SOURCE_BURST_GAP_NS &&
				at_ns - last_ns <=
				    SOURCE_BURST_GAP_NS + SOURCE_DITHER_NS,
			    "query %d: 2 s after the one before", i);
		if (i >= SOURCE_BURST)
			OK(at_ns - last_ns >= 16 * NS_PER_S,
			    "query %d: by the poll interval", i);
		last_ns = at_ns;
		p = good_answer(&s);
		(void)answer(&s, &p, &out);
	}
	IS_I64(s.reach, 0xff, "all reached");
}

/* A query, and an answer that is off by off_ns. */
static enum verdict
exchange(struct source *s, int64_t by_ns)
{
	struct source_out out;
	struct packet p;

	while (s->query != QUERY_WAITING)
		(void)ask(s, NONCE);
	p = good_answer(s);
	p.receive = utc(s, 10 * MS + by_ns);
	p.transmit = utc(s, 11 * MS + by_ns);
	return answer(s, &p, &out);
}

/* An unexplained value is investigated at once. */
static void
test_surprise(void)
{
	struct source s = new_source();

	for (int i = 0; i < 20; i++)
		(void)exchange(&s, 0);
	s.poll.now_log2 = 8;
	IS_I64((int64_t)exchange(&s, NS_PER_S), VERDICT_OUTLIER, "an outlier");
	IS_I64(s.poll.now_log2, 7, "asked twice as often");
	IS_I64(s.next_query.ns, s.sent_at.ns + 16 * NS_PER_S,
	    "and a few times as often as is allowed");
	(void)exchange(&s, 0);
	OK(s.poll.now_log2 <= 8, "and not less after one good answer");
}

/* With no server: one query is out at a time, and fewer after a while. */
static void
test_unreachable(void)
{
	struct source s = new_source();
	struct source_out out = { 0 };
	int64_t now_ns = START, opened = 0, most = 0;

	for (int i = 0; i < 100; i++) {
		now_ns = source_deadline(&s).ns;
		timer(&s, (struct mono){ now_ns }, NONCE + (uint64_t)i, &out);
		opened -= out.close;
		opened += out.send;
		most = opened > most ? opened : most;
	}
	IS_I64(most, 1, "one query at a time");
	IS_I64(s.reach, 0, "not reached");
	OK(s.poll.now_log2 == 6, "asked less often, but not seldom");
	while (s.query != QUERY_WAITING)
		(void)ask(&s, NONCE);
	OK(s.query == QUERY_WAITING, "asked again");
	for (struct packet p = good_answer(&s); s.unanswered != 0;)
		(void)answer(&s, &p, &out);
	IS_I64(s.poll.now_log2, 4, "there again: back to the minimum");
	IS_I64(s.reach, 1, "and reached");
}

static void
test_rate(void)
{
	struct source s = new_source();
	int64_t interval_ns = 0;
	int shorter = 0;

	for (int i = 0; i < 20; i++) {
		struct source_out out;
		struct packet p;
		int64_t next_ns;

		while (s.query != QUERY_WAITING)
			(void)ask(&s, NONCE);
		p = good_answer(&s);
		p.stratum = 0;
		p.refid = KISS_RATE;
		p.poll_log2 = 127;
		(void)answer(&s, &p, &out);
		next_ns = source_deadline(&s).ns - s.sent_at.ns;
		shorter += next_ns < interval_ns ||
		    (next_ns < 2 * interval_ns - NS_PER_S && i < 8);
		interval_ns = next_ns;
	}
	IS_I64(shorter, 0, "each RATE doubles the interval");
	OK(interval_ns >= (NS_PER_S << 13) &&
		interval_ns < (NS_PER_S << 13) / 100 * 105,
	    "up to 2^13 s and no farther");
	IS_I64(estimator_count(&s.estimator), 0, "its timestamps are not used");
}

/* A query and its answer: a kiss of this code, or the time. */
static void
kissed(struct source *s, uint32_t code)
{
	struct source_out out;
	struct packet p;

	while (s->query != QUERY_WAITING)
		(void)ask(s, NONCE);
	p = good_answer(s);
	p.refid = code;
	p.stratum = code == 0 ? 2 : 0;
	(void)answer(s, &p, &out);
}

/* A server that says it has no time counts as silent. */
static void
test_no_time(void)
{
	struct source s = new_source();

	for (int i = 1; i <= 8; i++) {
		kissed(&s, UINT32_C(0x494e4954));
		OK(s.unanswered == (uint32_t)i &&
			source_counts(&s) == (i < SOURCE_BURST),
		    "INIT, %d times: waited for or not", i);
	}
	kissed(&s, UINT32_C(0x494e4954));
	IS_I64(s.poll.now_log2, 5, "INIT: asked less often after 8");
	kissed(&s, 0);
	OK(s.unanswered == 0 && source_counts(&s) && s.poll.now_log2 == 4,
	    "INIT: until it has the time");
}

/* A server that sends RATE is not waited for, unless it is known already. */
static void
test_patience(void)
{
	struct source s = new_source();

	OK(source_counts(&s), "a new source is waited for");
	kissed(&s, KISS_RATE);
	OK(!source_counts(&s), "after RATE no more");
	kissed(&s, 0);
	OK(source_counts(&s), "but after an answer");
	kissed(&s, KISS_RATE);
	OK(!source_counts(&s), "until the next RATE");
	for (int i = 0; i < 3; i++)
		kissed(&s, 0);
	kissed(&s, KISS_RATE);
	OK(source_counts(&s), "one that was measured enough counts on");
	for (int i = 0; i < 8; i++)
		kissed(&s, KISS_RATE);
	OK(!source_counts(&s), "while it answers now and then");
}

/* Another address in its place has only the rest of the allowance. */
static void
test_succeed(void)
{
	struct source a = new_source(), b;
	int64_t last_ns = 0;

	for (int i = 0; i < SOURCE_BURST; i++) {
		last_ns = source_deadline(&a).ns;
		(void)ask(&a, NONCE);
		a.query = QUERY_IDLE;
	}
	source_init(&b, &config, (struct mono){ last_ns }, 0);
	source_succeed(&b, &a.pace);
	source_burst(&b, (struct mono){ last_ns });
	for (int i = 0; i < 4; i++) {
		int64_t at_ns = source_deadline(&b).ns;

		OK(ask(&b, NONCE).send, "the next one asks, %d", i);
		b.query = QUERY_IDLE;
		OK(at_ns >= START + (i + 1) * 16 * NS_PER_S,
		    "at the pace of the place, %d", i);
	}
	b = a;
	poll_pace_unsent(&b.pace);
	IS_I64(a.pace.due.ns - b.pace.due.ns, 16 * NS_PER_S,
	    "what was not sent does not count");
}

static void
test_deny(void)
{
	struct source s = asked_source();
	struct packet p = good_answer(&s), good = p;
	struct source_out out;

	p.stratum = 0;
	p.refid = KISS_DENY;
	(void)answer(&s, &p, &out);
	OK(s.query == QUERY_DENIED, "denied");
	IS_I64(source_deadline(&s).ns, INT64_MAX, "no further deadline");
	timer(&s, (struct mono){ START * 1000 }, NONCE + 1, &out);
	OK(!out.send && !out.close, "not asked again");
	IS_I64(answer(&s, &good, &out), VERDICT_UNASKED,
	    "an answer that comes later is not used");
}

static void
test_later_burst(void)
{
	struct source s = asked_source();
	int64_t sent_ns;

	while (s.iburst_left > 0)
		(void)ask(&s, NONCE);
	sent_ns = s.sent_at.ns;
	s.next_query.ns = sent_ns + 900 * NS_PER_S;
	source_burst(&s, (struct mono){ sent_ns + 3 * NS_PER_S });
	IS_I64(s.next_query.ns, sent_ns + 16 * NS_PER_S,
	    "not sooner than the shortest interval");
	source_burst(&s, (struct mono){ sent_ns + 500 * NS_PER_S });
	IS_I64(s.next_query.ns, sent_ns + 16 * NS_PER_S, "never later");
	s.next_query.ns = sent_ns + 900 * NS_PER_S;
	source_burst(&s, (struct mono){ sent_ns + 40 * NS_PER_S });
	IS_I64(s.next_query.ns, sent_ns + 40 * NS_PER_S, "else when asked to");
	s.poll.now_log2 = 10;
	for (int i = 0; i < SOURCE_BURST; i++) {
		while (!ask(&s, NONCE).send)
			;
		OK(s.sent_at.ns >=
			    sent_ns + 40 * NS_PER_S + i * 16 * NS_PER_S &&
			s.sent_at.ns <= sent_ns + 40 * NS_PER_S +
				i * (16 * NS_PER_S + SOURCE_DITHER_NS),
		    "query %d, though none is answered", i);
	}
	OK(s.next_query.ns >= s.sent_at.ns + 1024 * NS_PER_S,
	    "then as planned");
	s.query = QUERY_DENIED;
	s.next_query.ns = INT64_MAX;
	source_burst(&s, (struct mono){ sent_ns });
	IS_I64(s.next_query.ns, INT64_MAX, "a denied one: no");
	s = new_source();
	source_burst(&s, (struct mono){ START });
	OK(s.burst_left == 0 && s.iburst_left == SOURCE_BURST,
	    "one that has just begun is in a hurry anyway");
}

/* A query that cannot be sent does not count as one. */
static void
test_unsent(void)
{
	struct source s = new_source();
	struct source_out out;
	struct mono sent;

	for (int i = 0; i < 20; i++) {
		(void)ask(&s, NONCE);
		source_unsent(&s, (struct mono){ 0 });
	}
	IS_I64(s.sent, 0, "a query that did not leave does not count");
	OK(s.query != QUERY_WAITING && s.nonce == 0,
	    "and no answer is waited for");
	IS_I64(s.unanswered, 20, "but it is no answer, either");
	s.poll.now_log2 = 10;
	(void)ask(&s, NONCE);
	sent = s.sent_at;
	source_unsent(&s, (struct mono){ 0 });
	IS_I64(s.next_query.ns - sent.ns, 64 * NS_PER_S,
	    "it is tried again within the longest interval of a search");
	(void)ask(&s, NONCE);
	sent = s.sent_at;
	source_unsent(&s, (struct mono){ sent.ns + 1000 * NS_PER_S });
	IS_I64(s.next_query.ns - sent.ns, 1000 * NS_PER_S,
	    "or not before a moment that is asked for");
	source_again(&s, (struct mono){ sent.ns + NS_PER_S });
	IS_I64(s.next_query.ns, sent.ns + NS_PER_S, "there is a way: at once");
	IS_I64(s.unanswered, 0, "what did not leave counts against nobody");
	for (int i = 0; i < SOURCE_BURST; i++) {
		while (!ask(&s, NONCE).send)
			;
		IS_I64(s.sent_at.ns, sent.ns + (1 + 2 * i) * NS_PER_S,
		    "query %d is as at the start", i);
	}
	source_unsent(&s, (struct mono){ 0 });
	source_unsent(&s, (struct mono){ 0 });
	IS_I64(s.sent, SOURCE_BURST - 1, "one query is taken back once");
	timer(&s, s.next_query, NONCE, &out);
	OK(s.query == QUERY_WAITING, "the next one may leave");
}

/* A source that was queried is not queried more often because of that. */
static void
test_again(void)
{
	struct source s = new_source();
	int64_t began_ns = source_deadline(&s).ns;
	uint64_t most = 0;

	for (int i = 0; i < 4000; i++) {
		int64_t now_ns = began_ns + i * NS_PER_S / 4;
		uint64_t allowed = SOURCE_BURST +
		    (uint64_t)(now_ns - began_ns) / (16 * (uint64_t)NS_PER_S);
		struct source_out out;

		source_again(&s, (struct mono){ now_ns });
		timer(&s, (struct mono){ now_ns }, NONCE, &out);
		if (s.sent > allowed && s.sent - allowed > most)
			most = s.sent - allowed;
	}
	OK(most <= 1,
	    "hurried 4 times a second for 1000 s, it is asked by its "
	    "shortest interval: %llu more at worst",
	    (unsigned long long)most);
	s.query = QUERY_DENIED;
	s.next_query.ns = INT64_MAX;
	source_again(&s, (struct mono){ began_ns });
	IS_I64(s.next_query.ns, INT64_MAX, "one that denies us is left alone");
}

/* First answer after a long silence: it is soon as known as at the start. */
static void
test_catch_up(void)
{
	struct source s = new_source();
	struct source_out out;
	int64_t first_ns;

	for (int i = 0; i < 12; i++)
		while (!ask(&s, NONCE).send)
			;
	for (struct packet p = good_answer(&s); s.query == QUERY_WAITING;)
		(void)answer(&s, &p, &out);
	first_ns = s.sent_at.ns;
	while (estimator_count(&s.estimator) < SOURCE_TRUST) {
		struct packet p;

		while (!ask(&s, NONCE).send)
			;
		p = good_answer(&s);
		(void)answer(&s, &p, &out);
	}
	OK(s.sent_at.ns - first_ns <= 5 * NS_PER_S,
	    "its vote comes %lld s after its first answer",
	    (long long)((s.sent_at.ns - first_ns) / NS_PER_S));
}

/* The machine is awake: a source not queried for long joins in. */
static void
test_join(void)
{
	struct source s = new_source();
	struct mono planned, sooner;

	for (int i = 0; i < 20; i++)
		(void)exchange(&s, 0);
	s.poll.now_log2 = 6;
	planned.ns = s.sent_at.ns + 66 * NS_PER_S;
	s.next_query = planned;
	sooner.ns = s.sent_at.ns + 36 * NS_PER_S;
	source_join(&s, (struct mono){ sooner.ns - 1 });
	IS_I64(s.next_query.ns, planned.ns, "less than 36 s of 64: not yet");
	source_join(&s, sooner);
	IS_I64(s.next_query.ns, sooner.ns, "36 s: now");
	s.next_query.ns = s.sent_at.ns + NS_PER_S;
	source_join(&s, s.sent_at);
	OK(s.next_query.ns >= s.sent_at.ns + NS_PER_S,
	    "never sooner than the shortest interval");
	s.next_query = planned;
	s.poll.now_log2 = 7;
	source_join(&s, sooner);
	IS_I64(
	    s.next_query.ns, planned.ns, "longer intervals differ by chance");
	s.poll.now_log2 = 6;
	s.burst_left = 1;
	source_join(&s, sooner);
	IS_I64(s.next_query.ns, planned.ns, "nor one that is in a hurry");
	s = new_source();
	source_join(&s, (struct mono){ 0 });
	IS_I64(s.next_query.ns, START, "nor one that has just begun");
}

/* When to look for an answer. */
static void
test_pause(void)
{
	struct source s = new_source();
	struct source_out out;
	struct packet p;

	IS_I64(source_answer(&s).ns, 0, "no query is out");
	(void)ask(&s, NONCE);
	IS_I64(source_answer(&s).ns, 0, "nothing is known yet");
	for (int i = 0; i < 3; i++) {
		p = good_answer(&s);
		p.receive = utc(&s, MS);
		p.transmit = utc(&s, 2 * MS);
		(void)answer_after(&s, &p, 3 * MS, &out);
		(void)ask(&s, NONCE);
	}
	NEAR((double)(source_answer(&s).ns - s.sent_at.ns), 2.6e6, 1e4,
	    "a round trip of 2 ms: a quarter later and 100 us");
	s.poll.now_log2 = 3;
	IS_I64(source_answer(&s).ns, 0, "it is asked so often: at once");
	s = asked_source();
	for (int i = 0; i < 3; i++) {
		p = good_answer(&s);
		(void)answer(&s, &p, &out);
		(void)ask(&s, NONCE);
	}
	IS_I64(source_answer(&s).ns, 0, "a round trip of 20 ms: at once");
}

/* All sources know that the time line has jumped. */
static void
test_leapt(void)
{
	struct source s = new_source();
	struct estimate before, after;

	for (int i = 0; i < 20; i++)
		(void)exchange(&s, 0);
	IS_I64(
	    (int64_t)exchange(&s, 3 * NS_PER_S), VERDICT_OUTLIER, "an outlier");
	OK(s.outlier && source_estimate(&s, s.sent_at, &before),
	    "which is odd");
	source_leapt(&s, 3 * NS_PER_S, 1e6);
	OK(!s.outlier && source_estimate(&s, s.sent_at, &after),
	    "no more, when all have seen it");
	IS_I64(after.theta_ns - before.theta_ns, 3 * NS_PER_S,
	    "the line has moved by it");
	OK(after.sigma_ns >= 1e6, "and is less sure");
	IS_I64((int64_t)exchange(&s, 3 * NS_PER_S), VERDICT_USED,
	    "the next answer is as expected");
}

static void
test_sent(void)
{
	struct source s = asked_source();
	int64_t t1 = s.sent_at.ns;

	source_sent(&s, (struct mono){ t1 - 1 });
	IS_I64(s.sent_at.ns, t1, "T1 does not go back");
	source_sent(&s, (struct mono){ t1 + 3601 * NS_PER_S });
	IS_I64(s.sent_at.ns, t1, "nor forward by more than an hour");
	source_sent(&s, (struct mono){ INT64_MAX });
	IS_I64(s.sent_at.ns, t1, "nor to the end of time");
	source_sent(&s, (struct mono){ t1 + 500 });
	IS_I64(s.sent_at.ns, t1 + 500, "it may become better known");
	s.query = QUERY_IDLE;
	source_sent(&s, (struct mono){ t1 + 600 });
	IS_I64(s.sent_at.ns, t1 + 500, "not without a query");
}

/* theta with asymmetric paths, in 2027 and across the end of era 0. */
static void
test_theta(void)
{
	static const struct {
		const char *name;
		int64_t theta_ns;
		int64_t out_ns, held_ns, back_ns;
	} t[] = {
		{ "symmetric", THETA_NS, 10 * MS, MS, 10 * MS },
		{ "slow there", THETA_NS, 50 * MS, MS, 10 * MS },
		{ "slow back", THETA_NS, 10 * MS, 5 * MS, 80 * MS },
		{ "era ends on the way there",
		    2085978496 * NS_PER_S - START - 5 * MS, 10 * MS, MS,
		    10 * MS },
		{ "era ends in the server",
		    2085978496 * NS_PER_S - START - 10 * MS - MS / 2, 10 * MS,
		    MS, 10 * MS },
		{ "2040", 2208988800 * NS_PER_S, 10 * MS, 0, 10 * MS },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct source s = asked_source();
		struct packet p = good_answer(&s);
		int64_t t2 = s.sent_at.ns + t[i].theta_ns + t[i].out_ns;
		int64_t all = t[i].out_ns + t[i].held_ns + t[i].back_ns;
		struct source_out out;
		struct estimate line;

		p.receive = ntp_ts_from_wall((struct wall){ t2 });
		p.transmit =
		    ntp_ts_from_wall((struct wall){ t2 + t[i].held_ns });
		p.reference.v = 0;
		IS_I64(answer_after(&s, &p, all, &out), VERDICT_USED, "%s",
		    t[i].name);
		OK(source_estimate(
		       &s, (struct mono){ s.sent_at.ns + all / 2 }, &line),
		    "%s: estimate", t[i].name);
		NEAR(line.theta_ns - t[i].theta_ns,
		    (t[i].out_ns - t[i].back_ns) / 2, 2, "%s: theta",
		    t[i].name);
		NEAR(s.delay_ns, t[i].out_ns + t[i].back_ns, 2, "%s: delay",
		    t[i].name);
	}
}

/* Tiny negative round trips happen; they count as our precision. */
static void
test_tiny_delay(void)
{
	struct source s = asked_source();
	struct packet p = good_answer(&s);
	struct source_out out;

	p.receive = utc(&s, 0);
	p.transmit = utc(&s, 1000);
	IS_I64(answer_after(&s, &p, 950, &out), VERDICT_USED, "-50 ns");
	IS_I64(s.delay_ns, config.precision_ns, "is precision");
	s = asked_source();
	p = good_answer(&s);
	p.receive = utc(&s, 0);
	p.transmit = utc(&s, 1000);
	IS_I64(answer_after(&s, &p, 500, &out), VERDICT_DELAY, "-500 ns not");
}

static void
test_distance(void)
{
	struct source s = asked_source();
	struct packet p = good_answer(&s);
	struct mono now = s.sent_at;
	struct source_out out;
	int64_t first_ns;

	OK(source_root_distance_ns(&s, now) >= 16 * NS_PER_S,
	    "16 s before the first answer");
	p.root_delay = 0x4000;	    /* 250 ms */
	p.root_dispersion = 0x2000; /* 125 ms */
	(void)answer(&s, &p, &out);
	first_ns = source_root_distance_ns(&s, now);
	NEAR(first_ns, 125 * MS + 125 * MS + 10 * MS + 10 * MS, 2 * MS,
	    "half the delays, the dispersion, the own uncertainty");
	now.ns += 1000 * NS_PER_S;
	OK(source_root_distance_ns(&s, now) >= first_ns + 15 * MS,
	    "15 ppm more as time passes");
	NEAR(source_root(&s, now).delay_ns, 270 * MS, MS, "delay to the root");
}

/* Every value of every octet of an answer, and all octets the same. */
static void
test_octets(void)
{
	struct source s;
	struct source_out out;
	struct estimate line;
	uint8_t buf[NTP_PACKET_LEN];
	int wrong = 0;

	for (size_t at = 0; at < NTP_PACKET_LEN; at++) {
		for (unsigned int v = 0; v < 256; v++) {
			struct packet p;
			struct source_rx rx;

			s = asked_source();
			p = good_answer(&s);
			rx = rx_after(&s, 21 * MS);
			packet_format(&p, buf);
			buf[at] = (uint8_t)v;
			(void)source_packet(&s, &rx, buf, sizeof(buf), &out);
			if (source_estimate(&s, rx.at, &line))
				wrong += !isfinite(line.sigma_ns);
			wrong += source_root_distance_ns(&s, rx.at) < 0;
			wrong += source_deadline(&s).ns < s.sent_at.ns;
		}
	}
	IS_I64(wrong, 0, "all values of all octets");
}

static void
test_words(void)
{
	int same = 0;

	for (int i = 0; i < VERDICT_COUNT; i++)
		for (int k = 0; k < i; k++)
			same += strcmp(verdict_str((enum verdict)i),
				    verdict_str((enum verdict)k)) == 0;
	IS_I64(same, 0, "a sentence of its own for each verdict");
	OK(verdict_str(VERDICT_COUNT) != NULL, "and one for none of them");
}

int
main(void)
{
	test_query();
	test_good();
	test_observation();
	test_faults();
	test_lengths();
	test_late();
	test_burst();
	test_surprise();
	test_unreachable();
	test_rate();
	test_no_time();
	test_patience();
	test_succeed();
	test_deny();
	test_later_burst();
	test_unsent();
	test_again();
	test_catch_up();
	test_join();
	test_pause();
	test_leapt();
	test_sent();
	test_theta();
	test_tiny_delay();
	test_distance();
	test_octets();
	test_words();
	return DONE();
}
