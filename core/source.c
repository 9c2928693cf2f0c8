/*
 * The state machine of one source: when to ask, what the question looks like,
 * which answers are believed, and what is learned from them.  Run by ntp-net
 * with whatever the network brings; it must never let an answer that is not
 * the answer to our own query change anything but a counter.
 */
#include "source.h"

#include <math.h>
#include <string.h>

#include "ageing.h"
#include "saturate.h"
#include "timestamp.h"

#define FIRST_DELAY_MAX_NS  (100 * NS_PER_MS)
#define SENT_LIMIT_NS	    (3600 * NS_PER_S)
#define REFERENCE_SLACK_NS  (10 * NS_PER_MS)
#define MAX_DISPERSION_NS   (16 * NS_PER_S) /* RFC 5905 section 7.2: MAXDISP */
#define MINIMISED_PRECISION 0x20
#define PRECISION_MIN_LOG2  (-32)
#define UNREACHABLE_AFTER   8
#define PAUSE_MORE_NS	    (100 * 1000)
#define PAUSE_LOG2	    4
#define JOIN_PARTS	    16 /* of an interval */
#define JOIN_LOG2	    6 /* longer ones cost nothing, and gain by chance */
#define POLL_LEARNS_AFTER   4 /* measurements: before, all is innovation */
#define SURPRISE_RATIO	    5.0 /* innovations so large are no noise */

/* Two healthy clocks run no farther apart: bounds the round trip's error. */
#define RATE_TOLERANCE_PPM 1000

void
source_init(struct source *s, const struct source_config *config,
    struct mono now, uint32_t random)
{
	memset(s, 0, sizeof(*s));
	s->config = *config;
	if (s->config.precision_ns < 1)
		s->config.precision_ns = 1;
	estimator_init(&s->estimator, config->slope, config->slope_sigma);
	poll_init(&s->poll, config->poll_min_log2, config->poll_max_log2);
	s->burst_left = SOURCE_BURST;
	s->next_query.ns = sat_add(
	    now.ns, FIRST_DELAY_MAX_NS / 65536 * (int64_t)(random >> 16));
}

struct mono
source_deadline(const struct source *s)
{
	struct mono end = { sat_add(s->sent_at.ns, SOURCE_ANSWER_WAIT_NS + 1) };

	if (s->waiting && end.ns < s->next_query.ns)
		return end;
	return s->next_query;
}

static void
query_over(struct source *s, struct source_out *out)
{
	s->waiting = false;
	s->nonce = 0;
	out->close = true;
}

/* RFC 9109 asks for the random port, the caller's part; the rest is here. */
static void
query_format(struct source *s, const struct source_bits *bits,
    uint8_t packet[NTP_PACKET_LEN])
{
	bool hurry = s->burst_left > 0 || s->rush_left > 0;
	struct packet p;

	memset(&p, 0, sizeof(p));
	p.version = NTP_VERSION;
	p.mode = MODE_CLIENT;
	p.precision_log2 = MINIMISED_PRECISION;
	p.transmit.v = bits->transmit;
	interleave_query(
	    &s->interleave, s->config.interleaved && !hurry, bits->receive, &p);
	packet_format(&p, packet);
}

/* From this query to the next, which still belongs to the burst or not. */
static int64_t
next_interval_ns(const struct source *s)
{
	int64_t gap_ns = NS_PER_S << s->poll.floor_log2;

	if (s->burst_left == 0 && s->rush_left > 0)
		return gap_ns;
	if (s->burst_left == 0)
		return poll_interval_ns(&s->poll, s->random);
	return gap_ns < SOURCE_BURST_GAP_NS ? gap_ns : SOURCE_BURST_GAP_NS;
}

void
source_timer(struct source *s, struct mono now, const struct source_bits *bits,
    struct source_out *out)
{
	memset(out, 0, sizeof(*out));
	if (now.ns < source_deadline(s).ns || s->denied)
		return;
	if (s->waiting)
		query_over(s, out);
	if (now.ns < s->next_query.ns)
		return;
	poll_unanswered(&s->poll, s->unanswered);
	s->random = bits->interval;
	query_format(s, bits, out->packet);
	if (s->burst_left > 0)
		s->burst_left--;
	else if (s->rush_left > 0)
		s->rush_left--;
	s->next_query.ns = sat_add(now.ns, next_interval_ns(s));
	s->reach = (uint8_t)(s->reach << 1);
	s->unanswered++;
	s->sent++;
	s->waiting = true;
	s->nonce = bits->transmit;
	s->sent_at = now;
	out->send = true;
}

/* At that moment, but no sooner than is allowed, nor later than planned. */
static void
advance_query(struct source *s, struct mono at)
{
	int64_t soonest_ns =
	    sat_add(s->sent_at.ns, NS_PER_S << s->poll.floor_log2);

	if (s->sent > 0 && at.ns < soonest_ns)
		at.ns = soonest_ns;
	if (at.ns < s->next_query.ns)
		s->next_query = at;
}

void
source_rush(struct source *s, struct mono at)
{
	if (s->denied)
		return;
	if (s->burst_left == 0)
		s->rush_left = SOURCE_BURST;
	advance_query(s, at);
}

struct mono
source_answer(const struct source *s)
{
	int64_t least_ns = floor_recent_ns(&s->estimator.floor);
	int64_t pause_ns = least_ns + least_ns / 4 + PAUSE_MORE_NS;

	if (!s->waiting || s->poll.now_log2 < PAUSE_LOG2 ||
	    s->estimator.bank.count == 0 || least_ns < 0 ||
	    pause_ns > SOURCE_PAUSE_NS)
		return (struct mono){ 0 };
	return (struct mono){ sat_add(s->sent_at.ns, pause_ns) };
}

void
source_join(struct source *s, struct mono now)
{
	int64_t soon_ns = (NS_PER_S << s->poll.now_log2) / JOIN_PARTS;

	if (!s->denied && !s->waiting && s->burst_left == 0 &&
	    s->rush_left == 0 && s->poll.now_log2 <= JOIN_LOG2 &&
	    sat_sub(s->next_query.ns, now.ns) <= soon_ns)
		advance_query(s, now);
}

void
source_interrupted(struct source *s)
{
	interleave_forget(&s->interleave);
}

void
source_leapt(struct source *s, int64_t by_ns, double sigma_ns)
{
	estimator_shift(&s->estimator, by_ns);
	estimator_loosen(&s->estimator, sigma_ns);
	source_interrupted(s);
	if (!s->odd) /* else it has been measured since */
		s->theta_ns = sat_add(s->theta_ns, by_ns);
	s->odd = false;
}

void
source_sent(struct source *s, struct mono at)
{
	if (!s->waiting || at.ns < s->sent_at.ns ||
	    sat_sub(at.ns, s->sent_at.ns) > SENT_LIMIT_NS)
		return;
	s->sent_at = at;
}

/* 2^log2 s in ns, rounded up, of what a server says of its precision. */
static int64_t
precision_ns(int8_t log2)
{
	if (log2 > 0)
		log2 = 0;
	if (log2 < PRECISION_MIN_LOG2)
		log2 = PRECISION_MIN_LOG2;
	return (NS_PER_S >> -log2) + 1;
}

/* An answer, and what it tells the times of: its exchange or the last one. */
struct answer {
	struct packet p;
	bool interleaved;
	struct times times;
};

/* Is this the answer to our query?  RFC 5905 section 8, tests 1 to 3. */
static enum verdict
check_match(
    const struct source *s, const struct source_rx *rx, struct answer *a)
{
	if (a->p.version != NTP_VERSION)
		return VERDICT_VERSION;
	if (a->p.mode != MODE_SERVER)
		return VERDICT_MODE;
	if (!s->waiting)
		return VERDICT_UNASKED;
	if (sat_sub(rx->at.ns, s->sent_at.ns) > SOURCE_ANSWER_WAIT_NS)
		return VERDICT_LATE;
	a->times =
	    (struct times){ s->sent_at, a->p.receive, a->p.transmit, rx->at };
	switch (interleave_match(&s->interleave, s->nonce, &a->p)) {
	case INTERLEAVE_NONE:
		return VERDICT_ORIGIN;
	case INTERLEAVE_SAME:
		return VERDICT_SAME;
	case INTERLEAVE_YES:
		a->interleaved = true;
		a->times = interleave_times(&s->interleave, &a->p);
		break;
	case INTERLEAVE_BASIC:
		break;
	}
	return VERDICT_USED;
}

/*
 * Where a key is configured, nothing counts without the MAC of that key; a
 * crypto-NAK changes nothing either, since anybody can send one (CVE-2015-7871,
 * RFC 5905 section 9.2: "MAY accept or reject").
 */
static enum verdict
check_auth(const struct source *s, const struct source_rx *rx)
{
	if (!s->config.authenticate)
		return VERDICT_USED;
	switch (rx->auth) {
	case AUTH_GOOD:
		return VERDICT_USED;
	case AUTH_NOT_LOOKED:
	case AUTH_ABSENT:
		return VERDICT_NO_MAC;
	case AUTH_REFUSED:
		return VERDICT_NAK;
	case AUTH_OTHER_KEY:
		return VERDICT_OTHER_KEY;
	case AUTH_WRONG:
		break;
	}
	return VERDICT_MAC;
}

bool
source_unauthenticated(const struct source *s)
{
	return s->last_reject >= VERDICT_NO_MAC &&
	    s->last_reject <= VERDICT_MAC;
}

/* RFC 5905 section 7.4: what a stratum of 0 means is in the refid. */
static enum verdict
check_kiss(const struct packet *p)
{
	if (p->stratum != 0)
		return VERDICT_USED;
	if (p->refid == KISS_RATE)
		return VERDICT_KISS_RATE;
	if (p->refid == KISS_DENY || p->refid == KISS_RSTR)
		return VERDICT_KISS_DENY;
	return VERDICT_KISS_OTHER;
}

/* Refids mean addresses from stratum 2 on, and only those can be ours. */
static bool
is_loop(const struct source *s, const struct packet *p)
{
	const size_t n =
	    sizeof(s->config.local_refid) / sizeof(s->config.local_refid[0]);

	if (p->stratum < 2)
		return false;
	for (size_t i = 0; i < n && s->config.local_refid[i] != 0; i++)
		if (s->config.local_refid[i] == p->refid)
			return true;
	return false;
}

/* Has the server the time?  RFC 5905 section 8, tests 6 and 7. */
static enum verdict
check_server(const struct source *s, const struct answer *a)
{
	const struct packet *p = &a->p;
	struct ntp_ts last = a->interleaved ? p->receive : p->transmit;
	int64_t held_ns;

	if (p->leap == LEAP_UNKNOWN || p->stratum >= 16)
		return VERDICT_UNSYNCED;
	if (p->receive.v == 0 || p->transmit.v == 0)
		return VERDICT_ZERO;
	/* Bits below the precision may be random (RFC 5905 section 6). */
	held_ns = ntp_ts_diff_ns(a->times.t3, a->times.t2);
	if (held_ns < -precision_ns(p->precision_log2) ||
	    held_ns > SOURCE_ANSWER_WAIT_NS)
		return VERDICT_BACKWARDS;
	if (p->reference.v != 0 &&
	    ntp_ts_diff_ns(p->reference, last) > REFERENCE_SLACK_NS)
		return VERDICT_REFERENCE;
	if (ntp_short_to_ns(p->root_delay) / 2 +
		ntp_short_to_ns(p->root_dispersion) >=
	    MAX_DISPERSION_NS)
		return VERDICT_DISTANCE;
	if (is_loop(s, p))
		return VERDICT_LOOP;
	return VERDICT_USED;
}

/*
 * The four timestamps to a measurement, RFC 5905 section 8, with T1 and T4 on
 * the raw time line: ((T2-T1)+(T3-T4))/2 is (T2-T1) less half the round trip.
 */
static enum verdict
measure(const struct source *s, const struct source_rx *rx,
    const struct answer *a, struct measurement *m)
{
	const struct times *t = &a->times;
	int64_t elapsed_ns = sat_sub(t->t4.ns, t->t1.ns);
	int64_t held_ns = ntp_ts_diff_ns(t->t3, t->t2);
	int64_t delay_ns = sat_sub(elapsed_ns, held_ns);
	int64_t reading_ns =
	    s->config.precision_ns + precision_ns(a->p.precision_log2);
	int64_t held_tolerance_ns = held_ns / 1000000 * RATE_TOLERANCE_PPM;
	int64_t out_ns;

	if (delay_ns < -(reading_ns + held_tolerance_ns))
		return VERDICT_DELAY;
	out_ns = sat_sub(ntp_ts_to_wall(t->t2, rx->pivot).ns, t->t1.ns);
	m->at.ns = t->t1.ns + elapsed_ns / 2;
	m->theta_ns = sat_sub(out_ns, delay_ns / 2);
	m->delay_ns = delay_ns;
	if (m->delay_ns < s->config.precision_ns)
		m->delay_ns = s->config.precision_ns;
	m->dispersion_ns = reading_ns;
	if (elapsed_ns > 0)
		m->dispersion_ns += elapsed_ns / PHI_PARTS;
	return VERDICT_USED;
}

static void
learn_fields(struct source *s, const struct packet *p)
{
	s->version = p->version;
	s->leap = p->leap;
	s->stratum = p->stratum;
	s->precision_log2 = p->precision_log2;
	s->refid = p->refid;
	s->root_delay_ns = ntp_short_to_ns(p->root_delay);
	s->root_dispersion_ns = ntp_short_to_ns(p->root_dispersion);
}

/*
 * By what factor the estimate grows less certain until the next query, if it
 * comes after the present interval.
 */
static double
growth(const struct source *s)
{
	const struct estimator *e = &s->estimator;
	struct mono next = { sat_add(
	    e->bank.at.ns, poll_interval_ns(&s->poll, 0)) };
	struct estimate here, then;

	if (!estimator_predict(e, e->bank.at, &here) ||
	    !estimator_predict(e, next, &then))
		return 1;
	return then.sigma_ns / here.sigma_ns;
}

/* Returns true if the clock, or the server, has moved as it never did. */
static bool
choose_poll(struct source *s, bool used)
{
	const struct estimator *e = &s->estimator;
	double limit_ns = SURPRISE_RATIO * noise_sigma_ns(&e->last.noise);

	if (s->unanswered > UNREACHABLE_AFTER) {
		poll_restart(&s->poll);
	} else if (!used || e->bank.count <= 1) {
		poll_surprised(&s->poll); /* noise, perhaps */
		return !used;
	} else if (e->bank.count <= POLL_LEARNS_AFTER) {
		return false;
	} else if (fabs(e->bank.innovation_ns) > limit_ns) {
		poll_restart(&s->poll);
		return true;
	} else {
		poll_measured(&s->poll, growth(s));
	}
	return false;
}

/* A valid answer, before anything is measured with it. */
static void
accept_answer(struct source *s, const struct source_rx *rx,
    const struct answer *a, struct source_out *out)
{
	struct times own = { s->sent_at, a->p.receive, a->p.transmit, rx->at };

	learn_fields(s, &a->p);
	if (s->config.interleaved)
		interleave_keep(&s->interleave, &own, !a->interleaved);
	s->was_interleaved = a->interleaved;
	s->reach |= 1;
	s->last_reject = VERDICT_USED;
	query_over(s, out);
}

/* What is learned from its times. */
static enum verdict
learn(struct source *s, const struct measurement *m, struct source_out *out)
{
	bool used = estimator_update(&s->estimator, m);

	s->delay_ns = m->delay_ns;
	s->dispersion_ns = m->dispersion_ns;
	s->theta_ns = m->theta_ns;
	s->offset_ns = sat_from_double(s->estimator.bank.innovation_ns);
	s->updated_at = m->at;
	out->alarm = choose_poll(s, used);
	s->odd = !used;
	s->unanswered = 0;
	out->estimate_changed = used;
	if (s->odd && s->rush_left == 0)
		source_rush(s, s->sent_at);
	return used ? VERDICT_USED : VERDICT_OUTLIER;
}

/* A kiss that answers our query: obey it. */
static void
obey(struct source *s, const struct source_rx *rx, enum verdict kiss,
    struct source_out *out)
{
	query_over(s, out);
	s->unanswered = 0;
	if (kiss == VERDICT_KISS_RATE) {
		poll_rate_kiss(&s->poll);
		s->burst_left = 0;
		s->next_query.ns =
		    sat_add(rx->at.ns, poll_interval_ns(&s->poll, s->random));
	} else if (kiss == VERDICT_KISS_DENY) {
		s->denied = true;
		s->next_query.ns = INT64_MAX;
	}
}

/* All checks, cheap ones first; the first that fails is the verdict. */
static enum verdict
judge(struct source *s, const struct source_rx *rx, const uint8_t *buf,
    size_t len, struct source_out *out)
{
	struct answer a = { .interleaved = false };
	struct measurement m;
	bool again;
	enum verdict v;

	if (packet_parse(buf, len, &a.p) == -1)
		return VERDICT_SHORT;
	v = check_match(s, rx, &a);
	if (v == VERDICT_USED)
		v = check_auth(s, rx);
	if (v != VERDICT_USED)
		return v;
	v = check_kiss(&a.p);
	if (v != VERDICT_USED) {
		obey(s, rx, v, out);
		return v;
	}
	v = check_server(s, &a);
	if (v == VERDICT_USED)
		v = measure(s, rx, &a, &m);
	if (v != VERDICT_USED)
		return v;
	/* The same noise is not taken in twice. */
	again = a.interleaved && s->interleave.measured;
	accept_answer(s, rx, &a, out);
	if (!again)
		return learn(s, &m, out);
	s->unanswered = 0;
	return VERDICT_MEASURED;
}

enum verdict
source_packet(struct source *s, const struct source_rx *rx, const uint8_t *buf,
    size_t len, struct source_out *out)
{
	enum verdict v;

	memset(out, 0, sizeof(*out));
	v = judge(s, rx, buf, len, out);
	s->received++;
	s->verdicts[v]++;
	if (v > VERDICT_MEASURED) {
		s->rejected++;
		s->last_reject = v;
	}
	return v;
}

/* From one measurement to the next, if it comes; interleaved, one later. */
static int64_t
due_ns(const struct source *s)
{
	int64_t interval_ns = poll_interval_ns(&s->poll, UINT32_MAX);

	if (s->interleave.held)
		interval_ns = sat_add(interval_ns, interval_ns);
	return sat_add(interval_ns, SOURCE_ANSWER_WAIT_NS);
}

struct mono
source_due(const struct source *s)
{
	return (struct mono){ sat_add(s->updated_at.ns, due_ns(s)) };
}

bool
source_overdue(const struct source *s, struct mono now)
{
	return sat_sub(now.ns, s->updated_at.ns) > due_ns(s);
}

/* What has been lost since the last valid answer; the next has its time. */
static int64_t
age_ns(const struct source *s, struct mono now)
{
	int64_t age = sat_sub(now.ns, s->updated_at.ns);

	return age > 0 ? ageing_ns(age, due_ns(s)) : 0;
}

int64_t
source_total_delay_ns(const struct source *s)
{
	return sat_add(s->root_delay_ns, floor_recent_ns(&s->estimator.floor));
}

int64_t
source_total_dispersion_ns(const struct source *s, struct mono now)
{
	struct estimate line;
	int64_t sum_ns = s->root_dispersion_ns + s->dispersion_ns;

	if (!estimator_predict(&s->estimator, now, &line))
		return MAX_DISPERSION_NS;
	sum_ns = sat_add(sum_ns, age_ns(s, now));
	return sat_add(sum_ns, sat_from_double(line.sigma_ns));
}

int64_t
source_root_distance_ns(const struct source *s, struct mono now)
{
	return sat_add(
	    source_total_delay_ns(s) / 2, source_total_dispersion_ns(s, now));
}

bool
source_estimate(const struct source *s, struct mono now, struct estimate *out)
{
	return estimator_predict(&s->estimator, now, out);
}

bool
source_observation(const struct source *s, struct observation *out)
{
	memset(out, 0, sizeof(*out));
	if (s->estimator.bank.count == 0 ||
	    s->updated_at.ns != s->estimator.bank.at.ns)
		return false;
	*out = s->estimator.last;
	return true;
}
