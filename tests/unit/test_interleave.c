/*
 * The interleaved mode: the figure of RFC 9769 section 2, losses, duplicates,
 * and other answers of a server.  The simulated server knows when an answer
 * left only afterwards: the time that it puts into the answer is too early.
 */
#include "core/source/source.h"

#include <stdlib.h>
#include <string.h>

#include "core/packet/timestamp.h"
#include "tests/tap.h"

#define MS     NS_PER_MS
#define START  (1000 * NS_PER_S)
#define THETA  INT64_C(1800000000123456789) /* UTC - raw */
#define OUT_NS (10 * MS)
#define HELD   (1 * MS)
#define BACK   (10 * MS)
#define LATE   (400 * INT64_C(1000)) /* from the stamp to sending */

static const struct source_config config = { .poll_min_log2 = 4,
	.poll_max_log2 = 4,
	.precision_ns = 100,
	.interleaved = true };

/* A client and its server, and the last query and answer. */
struct pair {
	struct source s;
	uint64_t bits;
	struct packet query;
	struct packet answer;
	struct source_out out;
	struct ntp_ts left; /* the last answer, by the server's driver */
	struct ntp_ts left_before;
	struct mono sent_before; /* T1 of the last exchange */
};

static struct ntp_ts
utc(int64_t raw_ns)
{
	return ntp_ts_from_wall((struct wall){ raw_ns + THETA });
}

/* Send the next query; its random bits never repeat. */
static void
ask(struct pair *p)
{
	struct source_bits bits = { .transmit = ++p->bits * 2 + 1,
		.receive = ~p->bits };

	source_timer(&p->s, source_deadline(&p->s), &bits, &p->out);
	if (!p->out.send) /* it gave up a query */
		source_timer(&p->s, source_deadline(&p->s), &bits, &p->out);
	if (packet_parse(p->out.packet, NTP_PACKET_LEN, &p->query) == -1)
		abort();
}

static bool
is_basic(const struct packet *q)
{
	return q->origin.v == 0 && q->receive.v == 0 && q->transmit.v != 0;
}

static bool
is_interleaved(const struct pair *p, struct ntp_ts origin)
{
	const struct packet *q = &p->query;

	return q->origin.v == origin.v && q->origin.v != 0 &&
	    q->receive.v != 0 && q->transmit.v != 0 &&
	    q->receive.v != q->transmit.v;
}

/* The server's answer to the query, in basic mode. */
static void
make_basic(struct pair *p)
{
	int64_t came_ns = p->s.sent_at.ns + OUT_NS;

	p->answer = (struct packet){ .version = 4,
		.mode = MODE_SERVER,
		.stratum = 2,
		.precision_log2 = -25,
		.origin = p->query.transmit,
		.receive = utc(came_ns),
		.transmit = utc(came_ns + HELD - LATE) };
	p->left_before = p->left;
	p->left = utc(came_ns + HELD);
}

/* The same in interleaved mode: with the departure of the last answer. */
static void
make_interleaved(struct pair *p)
{
	make_basic(p);
	p->answer.origin = p->query.receive;
	p->answer.transmit = p->left_before;
}

static enum verdict
take(struct pair *p)
{
	uint8_t buf[NTP_PACKET_LEN];
	struct source_rx rx = { .at = {
				    p->s.sent_at.ns + OUT_NS + HELD + BACK } };

	packet_format(&p->answer, buf);
	return source_packet(&p->s, &rx, buf, sizeof(buf), &p->out);
}

/* A whole exchange; the server answers as asked, or in basic mode. */
static enum verdict
exchange(struct pair *p, bool interleaved)
{
	struct mono sent = p->s.sent_at;
	enum verdict v;

	ask(p);
	p->sent_before = sent;
	if (interleaved)
		make_interleaved(p);
	else
		make_basic(p);
	v = take(p);
	return v;
}

/* The start is over: the last four exchanges were basic. */
static void
begin(struct pair *p)
{
	memset(p, 0, sizeof(*p));
	source_init(&p->s, &config, (struct mono){ START }, 0);
	for (int i = 0; i < SOURCE_BURST; i++) {
		OK(exchange(p, false) == VERDICT_USED && is_basic(&p->query),
		    "query %d of the start is basic, and its answer used",
		    i + 1);
	}
}

static void
test_figure(void)
{
	struct pair p;
	struct ntp_ts t2;

	begin(&p);
	t2 = p.answer.receive;
	IS_I64(p.s.delay_ns, OUT_NS + BACK + LATE,
	    "a basic exchange looks longer than it is");
	OK(exchange(&p, true) == VERDICT_MEASURED && is_interleaved(&p, t2),
	    "t5: origin t2; t3 is of an exchange that was measured");
	OK(p.out.close && p.s.query != QUERY_WAITING && p.s.was_interleaved,
	    "which ends the query");
	IS_I64(p.s.delay_ns, OUT_NS + BACK + LATE, "and changes nothing else");
	t2 = p.answer.receive;
	OK(exchange(&p, true) == VERDICT_USED && is_interleaved(&p, t2),
	    "t9: origin t6; the answer tells t7");
	IS_I64(p.s.delay_ns, OUT_NS + BACK, "the round trip is as it is");
	NEAR(p.s.theta_ns - THETA, 0, 2, "and so is the offset");
	IS_I64(p.s.updated_at.ns, p.sent_before.ns + (OUT_NS + HELD + BACK) / 2,
	    "at the time of the exchange before");
	/* "because the server did not have the pair of timestamps" */
	t2 = p.answer.receive;
	OK(exchange(&p, false) == VERDICT_USED && is_interleaved(&p, t2),
	    "t9: the answer to an interleaved query is basic");
	OK(!p.s.was_interleaved &&
		p.s.updated_at.ns > p.sent_before.ns + 11 * MS,
	    "and is measured as its own exchange");
	IS_I64(p.s.delay_ns, OUT_NS + BACK + LATE, "with its own times");
	IS_I64(exchange(&p, true), VERDICT_MEASURED, "then interleaved again");
	IS_I64(exchange(&p, true), VERDICT_USED, "and again");
	IS_I64(p.s.delay_ns, OUT_NS + BACK, "with the right round trip");
	IS_I64(p.s.rejected, 0, "none of all that was rejected");
}

/* I-08: a server that does not know the mode. */
static void
test_basic_only(void)
{
	struct pair p;
	int used = 0;

	begin(&p);
	for (int i = 0; i < 20; i++)
		used += exchange(&p, false) == VERDICT_USED;
	IS_I64(used, 20, "I-08 a server without the mode is measured as ever");
	OK(p.query.origin.v != 0, "though every query is interleaved");
	IS_I64(p.s.reach, 0xff, "and reachable");
}

/* The query or its answer is lost, once or several times. */
static void
test_losses(void)
{
	struct pair p;
	struct ntp_ts t2, t3;
	struct mono t1;
	int basic = 0;

	begin(&p);
	(void)exchange(&p, true);
	(void)exchange(&p, true);
	t1 = p.s.sent_at;
	t2 = p.answer.receive;
	t3 = p.left;
	ask(&p);
	OK(is_interleaved(&p, t2), "a query that gets lost");
	ask(&p);
	OK(is_interleaved(&p, t2), "the next has the same origin");
	make_interleaved(&p);
	p.answer.transmit = t3;
	IS_I64(take(&p), VERDICT_USED, "and its answer completes");
	IS_I64(p.s.updated_at.ns, t1.ns + (OUT_NS + HELD + BACK) / 2,
	    "the last exchange that there was");
	t2 = p.answer.receive;
	for (int i = 0; i < INTERLEAVE_UNANSWERED_MAX; i++) {
		ask(&p);
		OK(is_interleaved(&p, t2), "I-09 loss %d", i + 1);
	}
	ask(&p);
	OK(is_basic(&p.query), "I-09 after four losses a query is basic");
	for (int i = 0; i < 10; i++) {
		ask(&p);
		basic += is_basic(&p.query);
	}
	IS_I64(basic, 10, "and so are the others until an answer comes");
	IS_I64(exchange(&p, false), VERDICT_USED, "which is used");
	IS_I64(exchange(&p, true), VERDICT_MEASURED, "then it is tried again");
}

static void
test_bogus(void)
{
	struct pair p;
	struct interleave kept;
	struct packet good;

	begin(&p);
	(void)exchange(&p, true);
	ask(&p);
	make_interleaved(&p);
	kept = p.s.interleave;
	good = p.answer;
	p.answer.origin.v = 0;
	IS_I64(take(&p), VERDICT_ORIGIN, "I-07 origin 0");
	p.answer.origin = p.query.origin;
	IS_I64(take(&p), VERDICT_ORIGIN, "I-07 the query's own origin");
	p.answer.origin.v = p.query.receive.v + 1;
	IS_I64(take(&p), VERDICT_ORIGIN, "I-07 nearly the receive timestamp");
	p.answer = good;
	p.answer.leap = LEAP_UNKNOWN;
	IS_I64(take(&p), VERDICT_UNSYNCED, "a server without the time");
	p.answer = good;
	p.answer.transmit = utc(p.sent_before.ns + OUT_NS - 10 * MS);
	IS_I64(take(&p), VERDICT_BACKWARDS, "t3 before t2");
	p.answer.transmit = p.answer.receive;
	IS_I64(take(&p), VERDICT_BACKWARDS, "t3 of another exchange");
	OK(memcmp(&kept, &p.s.interleave, sizeof(kept)) == 0,
	    "nothing that is invalid changes what is kept");
	p.answer = good;
	p.answer.reference = utc(p.s.sent_at.ns);
	IS_I64(take(&p), VERDICT_USED,
	    "a server that was set since t3 can still answer");
	IS_I64(take(&p), VERDICT_UNASKED, "a duplicate is not used");
	ask(&p);
	IS_I64(take(&p), VERDICT_ORIGIN, "nor after the next query");
	p.answer.origin = p.query.receive;
	IS_I64(take(&p), VERDICT_SAME, "nor with the right origin");
	p.answer.origin = p.query.transmit;
	IS_I64(take(&p), VERDICT_SAME, "of either mode");
	OK(p.s.query == QUERY_WAITING, "the query goes on waiting");
}

/* A basic answer repeats its transmit timestamp, which is no fault. */
static void
test_same_transmit(void)
{
	struct pair p;
	struct ntp_ts t3;

	begin(&p);
	t3 = p.answer.transmit;
	ask(&p);
	make_interleaved(&p);
	p.answer.transmit = t3;
	IS_I64(take(&p), VERDICT_MEASURED,
	    "the same transmit timestamp alone is no duplicate");
}

/* An interleaved answer to a basic query: must be forged. */
static void
test_basic_query(void)
{
	struct pair p;

	begin(&p);
	source_interrupted(&p.s);
	ask(&p);
	OK(is_basic(&p.query), "after an interruption the query is basic");
	make_interleaved(&p);
	IS_I64(take(&p), VERDICT_ORIGIN, "an interleaved answer is none");
	p.answer.origin.v = p.bits;
	IS_I64(take(&p), VERDICT_ORIGIN, "whatever it repeats");
	make_basic(&p);
	IS_I64(take(&p), VERDICT_USED, "a basic one is");
	source_burst(&p.s, p.s.sent_at);
	ask(&p);
	OK(is_basic(&p.query), "in a hurry queries are basic");
	make_basic(&p);
	IS_I64(take(&p), VERDICT_USED, "and measured at once");
	(void)exchange(&p, false);
	source_leapt(&p.s, NS_PER_S, 1e6);
	OK(p.s.interleave.last == LAST_NONE,
	    "a leap of the line ends an exchange, too");
}

/* I-01, for any random bits. */
static void
test_distinct(void)
{
	static const uint64_t values[] = { 0, 1, 2, UINT64_MAX - 1,
		UINT64_MAX };
	int equal = 0, zero = 0;

	for (size_t i = 1; i < 5; i++)
		for (size_t k = 0; k < 5; k++) {
			struct interleave il = { .last = LAST_OPEN,
				.server_receive = { 7 } };
			struct packet q = { .transmit = { values[i] } };

			interleave_query(&il, true, values[k], &q);
			equal += q.receive.v == q.transmit.v;
			zero += q.receive.v == 0;
		}
	IS_I64(equal, 0, "I-01 receive and transmit timestamp differ");
	IS_I64(zero, 0, "and neither is zero");
}

static void
test_due(void)
{
	struct pair p;
	int64_t interval_ns;

	begin(&p);
	(void)exchange(&p, true);
	(void)exchange(&p, true);
	(void)exchange(&p, true);
	interval_ns = poll_interval_ns(&p.s.poll, UINT32_MAX);
	OK(!source_overdue(&p.s, (struct mono){ p.s.sent_at.ns + interval_ns }),
	    "a measurement comes one interval later than in the basic mode");
	OK(source_overdue(
	       &p.s, (struct mono){ p.s.sent_at.ns + 2 * interval_ns }),
	    "but not two");
}

/* Thousands of exchanges with losses; each measurement is right. */
static void
test_mixture(void)
{
	struct pair p;
	struct ntp_ts pairs[2] = { { 0 }, { 0 } }; /* what the server keeps */
	int used = 0, wrong = 0;

	begin(&p);
	srand(1);
	for (int i = 0; i < 5000; i++) {
		int luck = rand() % 8;
		struct mono at = p.s.updated_at;
		enum verdict v;

		ask(&p);
		if (luck == 0)
			continue; /* the query is lost */
		make_basic(&p);
		if (p.query.origin.v == pairs[0].v && pairs[0].v != 0 &&
		    luck != 1) {
			p.answer.origin = p.query.receive;
			p.answer.transmit = pairs[1];
			pairs[0].v = 0; /* "MUST NOT be used again" */
		}
		if (luck != 2) { /* else there is no room for this client */
			pairs[0] = p.answer.receive;
			pairs[1] = p.left;
		}
		if (luck == 3)
			continue; /* the answer is lost */
		v = take(&p);
		used += v == VERDICT_USED && p.s.was_interleaved;
		if (v == VERDICT_USED)
			wrong += llabs(p.s.theta_ns - THETA) >
				(p.s.was_interleaved ? 2 : LATE / 2 + 2) ||
			    p.s.updated_at.ns <= at.ns;
		else
			wrong += v != VERDICT_MEASURED;
	}
	OK(used > 1000, "%d exchanges of 5000 were interleaved", used);
	IS_I64(wrong, 0, "and nothing was measured wrongly");
}

int
main(void)
{
	test_figure();
	test_basic_only();
	test_losses();
	test_bogus();
	test_same_transmit();
	test_basic_query();
	test_distinct();
	test_due();
	test_mixture();
	return DONE();
}
