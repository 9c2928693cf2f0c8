/*
 * Fuzz target: the bytes are a script of what happens to one source - time
 * passes, its timer is called, packets come that are true, spoilt or random -
 * and after each event what must always hold is asserted.
 */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/packet/timestamp.h"
#include "core/source/source.h"

#define THETA_NS INT64_C(1800000000123456789)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct script {
	const uint8_t *data;
	size_t left;
	struct source s;
	struct source_config config;
	int64_t now_ns;
	int64_t first_ns; /* when the first query went out */
	uint64_t nonce;
	int64_t jump_ns; /* the server's clock was set by so much */
	bool open;	 /* the socket of a query */
};

static uint8_t
take(struct script *f)
{
	if (f->left == 0)
		return 0;
	f->left--;
	return *f->data++;
}

static uint64_t
take64(struct script *f)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | take(f);
	return v;
}

/* Up to about three weeks, mostly short. */
static int64_t
take_time_ns(struct script *f)
{
	uint8_t shift = take(f) % 44;

	return (int64_t)(take(f) + 1) << shift;
}

static void
begin(struct script *f, const uint8_t *data, size_t size)
{
	uint8_t a, b;

	memset(f, 0, sizeof(*f));
	f->data = data;
	f->left = size;
	f->now_ns = INT64_C(1) << 40;
	a = take(f) % (POLL_MAX_LOG2 + 1);
	b = take(f) % (POLL_MAX_LOG2 + 1);
	f->config.poll_min_log2 = a < b ? a : b;
	f->config.poll_max_log2 = a < b ? b : a;
	f->config.precision_ns = 1 + take(f) * take(f);
	f->config.local_refid[0] = 1;
	f->config.slope = (double)(int8_t)take(f) / 1e4;
	f->config.slope_sigma = take(f) / 1e6;
	f->config.interleaved = take(f) % 2 == 0;
	f->config.authenticate = take(f) % 4 == 0;
	source_init(
	    &f->s, &f->config, (struct mono){ f->now_ns }, take(f) * 16843009U);
}

/* RFC 9769: the two timestamps of a query are never equal. */
static void
check_query(const struct script *f, const uint8_t *packet)
{
	const struct interleave *il = &f->s.interleave;
	struct packet q;

	assert(packet_parse(packet, NTP_PACKET_LEN, &q) == 0);
	assert(packet[0] == 0x23 && q.transmit.v == f->s.nonce);
	assert(q.receive.v != q.transmit.v);
	assert(q.receive.v == il->query_receive);
	assert(il->asked == (q.receive.v != 0));
	assert(q.origin.v == (il->asked ? il->server_receive.v : 0));
	assert(!il->asked || (f->config.interleaved && il->last != LAST_NONE));
	assert(il->unanswered <= INTERLEAVE_UNANSWERED_MAX);
}

static void
check_out(struct script *f, const struct source_out *out)
{
	if (out->close) {
		assert(f->open);
		f->open = false;
	}
	if (out->send) {
		assert(!f->open);
		check_query(f, out->packet);
		f->open = true;
	}
	assert(f->open == (f->s.query == QUERY_WAITING));
}

static void
run_timer(struct script *f)
{
	bool due = f->now_ns >= source_deadline(&f->s).ns;
	uint64_t sent = f->s.sent;
	uint8_t reach = f->s.reach;
	struct source_bits bits;
	struct source_out out;
	int64_t intervals;

	bits.transmit = ++f->nonce;
	bits.receive = f->config.interleaved ? ++f->nonce : 0;
	bits.interval = take(f) * 16843009U;
	source_timer(&f->s, (struct mono){ f->now_ns }, &bits, &out);
	check_out(f, &out);
	assert(due || (!out.send && !out.close));
	assert(f->s.sent == sent + out.send);
	assert(f->s.reach == (out.send ? (uint8_t)(reach << 1) : reach));
	/* The next event is in the future, no nearer than may be asked. */
	assert(source_deadline(&f->s).ns > f->now_ns);
	if (!out.send)
		return;
	assert(f->s.next_query.ns - f->now_ns >= NS_PER_S);
	/* No more than the burst and the shortest interval allow. */
	if (f->s.sent == 1)
		f->first_ns = f->now_ns;
	intervals =
	    (f->now_ns - f->first_ns) / NS_PER_S >> f->config.poll_min_log2;
	assert((int64_t)f->s.sent <= 1 + POLL_AHEAD + intervals);
}

/* The answer that a true server would give now. */
static void
true_answer(struct script *f, uint8_t buf[NTP_PACKET_LEN])
{
	int64_t utc_ns = f->now_ns + THETA_NS + f->jump_ns;
	struct packet p = { .version = 4,
		.mode = MODE_SERVER,
		.stratum = (uint8_t)(1 + take(f) % 15),
		.precision_log2 = -20,
		.origin = { f->s.nonce },
		.receive = ntp_ts_from_wall((struct wall){ utc_ns }),
		.transmit =
		    ntp_ts_from_wall((struct wall){ utc_ns + take(f) * 256 }) };

	/* Or when the last answer left, if it is asked for that. */
	if (f->s.interleave.asked && take(f) % 4 != 0) {
		p.origin.v = f->s.interleave.query_receive;
		p.transmit.v = f->s.interleave.server_receive.v +
		    (uint64_t)take(f) * 65536;
	}
	packet_format(&p, buf);
}

static void
run_packet(struct script *f, bool spoil)
{
	uint8_t buf[128] = { 0 };
	size_t len = NTP_PACKET_LEN;
	struct source before = f->s;
	struct source_out out;
	struct source_rx rx;
	enum verdict v;

	true_answer(f, buf);
	f->now_ns += take(f) * NS_PER_MS;
	if (spoil) {
		if (take(f) % 4 == 0)
			len = take(f) % (sizeof(buf) + 1);
		for (int n = take(f) % 16; n > 0; n--)
			buf[take(f) % sizeof(buf)] = take(f);
	}
	rx.at.ns = f->now_ns - (spoil ? take_time_ns(f) : 0);
	rx.auth =
	    spoil ? (enum auth_result)(take(f) % (AUTH_WRONG + 1)) : AUTH_GOOD;
	v = source_packet(&f->s, &rx, buf, len, &out);
	check_out(f, &out);
	assert(v < VERDICT_COUNT && !out.send);
	assert(!out.close || !f->config.authenticate || rx.auth == AUTH_GOOD);
	assert(f->s.received == before.received + 1);
	if (v == VERDICT_USED || v == VERDICT_OUTLIER) {
		assert(before.query == QUERY_WAITING && (f->s.reach & 1) == 1);
		assert(f->s.stratum >= 1 && f->s.stratum <= 15);
		assert(f->s.delay_ns >= f->config.precision_ns);
		assert((f->s.interleave.last != LAST_NONE) ==
		    f->config.interleaved);
	} else if (v == VERDICT_MEASURED) {
		assert(before.interleave.asked &&
		    before.interleave.last == LAST_MEASURED);
		assert(memcmp(&f->s.estimator, &before.estimator,
			   sizeof(before.estimator)) == 0);
		assert(
		    (f->s.reach & 1) == 1 && f->s.interleave.last != LAST_NONE);
	} else {
		/* What is no answer changes nothing of what is known. */
		assert(memcmp(&f->s.estimator, &before.estimator,
			   sizeof(before.estimator)) == 0);
		assert(f->s.reach == before.reach);
		assert(memcmp(&f->s.interleave, &before.interleave,
			   sizeof(before.interleave)) == 0);
	}
}

static void
run_jump(struct script *f)
{
	f->jump_ns = (int64_t)take64(f) >> (take(f) % 64);
	if (f->jump_ns > (INT64_C(1) << 60) || f->jump_ns < -(INT64_C(1) << 60))
		f->jump_ns = 0;
}

/* A kiss that answers our query; one of them ends the source for good. */
static void
run_kiss(struct script *f)
{
	static const uint32_t refids[] = { KISS_RATE, KISS_RATE, KISS_RATE,
		KISS_RSTR, KISS_DENY, 0, 1, KISS_RATE };
	const uint64_t origin = f->s.nonce;
	const uint8_t before = f->s.poll.rate_limit_log2;
	const bool waiting = f->s.query == QUERY_WAITING;
	uint32_t refid = refids[take(f) % 8];
	uint8_t buf[NTP_PACKET_LEN];
	struct source_rx rx = { { f->now_ns }, AUTH_GOOD };
	struct source_out out;
	struct packet p = { .version = 4,
		.mode = MODE_SERVER,
		.refid = refid,
		.origin = { origin } };
	enum verdict v;

	packet_format(&p, buf);
	v = source_packet(&f->s, &rx, buf, sizeof(buf), &out);
	check_out(f, &out);
	assert(out.close == (waiting && v != VERDICT_LATE));
	if (v == VERDICT_KISS_RATE)
		assert(f->s.poll.rate_limit_log2 > before ||
		    before >= POLL_RATE_MAX_LOG2);
	if (v == VERDICT_KISS_DENY)
		assert(source_deadline(&f->s).ns == INT64_MAX);
}

/* What the owner of a source may do to its estimate. */
static void
run_owner(struct script *f)
{
	uint8_t what = take(f) % 4;

	if (what <= 1)
		estimator_shift(&f->s.estimator, (int64_t)take64(f));
	else if (what == 2)
		source_interrupted(&f->s);
	else
		estimator_loosen(&f->s.estimator, ldexp(1, take(f)));
}

static void
step(struct script *f)
{
	switch (take(f) % 10) {
	case 0:
		f->now_ns += take_time_ns(f);
		break;
	case 1:
	case 2:
		if (f->s.query != QUERY_DENIED)
			f->now_ns = source_deadline(&f->s).ns > f->now_ns
			    ? source_deadline(&f->s).ns
			    : f->now_ns;
		run_timer(f);
		break;
	case 3:
		run_timer(f);
		break;
	case 4:
	case 5:
		run_packet(f, false);
		break;
	case 6:
		run_packet(f, true);
		break;
	case 8:
		run_kiss(f);
		break;
	case 9:
		run_owner(f);
		break;
	case 7:
		if (take(f) % 2 == 0)
			run_jump(f);
		else
			source_sent(&f->s,
			    (struct mono){ take(f) % 2 == 0
				    ? (int64_t)take64(f)
				    : f->s.sent_at.ns + take(f) });
		break;
	}
}

static void
check_poll(const struct script *f)
{
	const struct poll *p = &f->s.poll;
	uint8_t most = f->config.poll_max_log2 > POLL_RATE_MAX_LOG2
	    ? f->config.poll_max_log2
	    : POLL_RATE_MAX_LOG2;

	assert(p->now_log2 >= f->config.poll_min_log2);
	assert(p->now_log2 <= most);
	assert(p->now_log2 >= p->rate_limit_log2);
}

static void
check_estimate(const struct script *f)
{
	struct mono now = { f->now_ns };
	struct estimate line;
	bool known = source_estimate(&f->s, now, &line);

	assert(known == (estimator_count(&f->s.estimator) > 0));
	if (known) {
		assert(isfinite(line.sigma_ns) && line.sigma_ns > 0);
		assert(isfinite(line.slope) && fabs(line.slope) <= 0.1);
		assert(isfinite(line.slope_sigma) && line.slope_sigma > 0);
	}
	assert(isfinite(estimator_jitter_ns(&f->s.estimator)));
	assert(isfinite(f->s.estimator.noise_ns2));
	assert(source_root_distance_ns(&f->s, now) > 0);
	assert(source_root(&f->s, now).delay_ns >= 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script f;

	begin(&f, data, size);
	/* Time stays below the three centuries that int64_t has room for. */
	while (f.left > 0 && f.now_ns < (INT64_C(1) << 61)) {
		step(&f);
		check_poll(&f);
		check_estimate(&f);
	}
	return 0;
}
