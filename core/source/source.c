/*
 * The state machine of one source: which answers are believed, and what is
 * learned from them; query.c decides when to ask.  Run by ntp-net on whatever
 * the network brings.  An answer that is not the answer to our own query must
 * never change anything but a counter.
 */
#include "core/source/source.h"

#include <math.h>
#include <string.h>

#include "core/fmath.h"
#include "core/line.h"
#include "core/packet/timestamp.h"
#include "core/saturate.h"

#define FIRST_DELAY_MAX_NS (100 * NS_PER_MS)
#define REFERENCE_SLACK_NS (10 * NS_PER_MS)
#define ERA_HALF_NS	   ((INT64_C(1) << 31) * NS_PER_S)
#define PRECISION_MIN_LOG2 (-32)
#define POLL_LEARNS_AFTER  4   /* measurements; before that, all is new */
#define SURPRISE_RATIO	   5.0 /* innovation / sigma that is no noise */

/*
 * The largest frequency difference of two healthy clocks: bounds the round
 * trip's error.
 */
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
	poll_pace_init(&s->pace, config->poll_min_log2);
	s->iburst_left = SOURCE_BURST;
	s->next_query.ns = sat_add(
	    now.ns, FIRST_DELAY_MAX_NS / 65536 * (int64_t)(random >> 16));
}

/* A server's precision: 2^log2 s in ns, rounded up. */
static int64_t
precision_ns(int8_t log2)
{
	if (log2 > 0)
		log2 = 0;
	if (log2 < PRECISION_MIN_LOG2)
		log2 = PRECISION_MIN_LOG2;
	return (NS_PER_S >> -log2) + 1;
}

/*
 * An answer and the times that it completes, of its own exchange or the last
 * one.
 */
struct answer {
	struct packet p;
	bool interleaved;
	struct times times;
};

/* Does this answer our query?  RFC 5905 section 8, tests 1 to 3. */
static enum verdict
check_match(
    const struct source *s, const struct source_rx *rx, struct answer *a)
{
	/* Many servers answer in a lower version than they were asked in. */
	if (a->p.version < 1 || a->p.version > NTP_VERSION)
		return VERDICT_VERSION;
	if (a->p.mode != MODE_SERVER)
		return VERDICT_MODE;
	if (s->query != QUERY_WAITING)
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
 * If a key is configured, only answers with a MAC of that key count.  A
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

/* RFC 5905 section 7.4: at stratum 0 the refid is a kiss code. */
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

/* A refid is an address only from stratum 2 on, so only that can be ours. */
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

/*
 * The moment of a timestamp.  Its era (RFC 5905 section 6) is the one with a
 * believable date.  This machine's own clock does not matter, since at the
 * start it may be wrong by any amount.
 */
static struct wall
date(struct ntp_ts ts)
{
	return ntp_ts_to_wall(ts, (struct wall){ UTC_FIRST_NS + ERA_HALF_NS });
}

/* Does the server have the time?  RFC 5905 section 8, tests 6 and 7. */
static enum verdict
check_server(const struct source *s, const struct answer *a)
{
	const struct packet *p = &a->p;
	struct ntp_ts last = a->interleaved ? p->receive : p->transmit;
	int64_t held_ns;

	if (p->leap == LEAP_UNKNOWN || p->stratum >= STRATUM_NONE)
		return VERDICT_UNSYNCED;
	if (p->receive.v == 0 || p->transmit.v == 0)
		return VERDICT_ZERO;
	/* Bits below the precision may be random (RFC 5905 section 6). */
	held_ns = ntp_ts_diff_ns(a->times.t3, a->times.t2);
	if (held_ns < -precision_ns(p->precision_log2) ||
	    held_ns > SOURCE_ANSWER_WAIT_NS)
		return VERDICT_BACKWARDS;
	if (!wall_believable(date(p->receive)) ||
	    !wall_believable(date(p->transmit)))
		return VERDICT_DATE;
	if (p->reference.v != 0 &&
	    ntp_ts_diff_ns(p->reference, last) > REFERENCE_SLACK_NS)
		return VERDICT_REFERENCE;
	if (ntp_short_to_ns(p->root_delay) / 2 +
		ntp_short_to_ns(p->root_dispersion) >=
	    SOURCE_DISPERSION_NS)
		return VERDICT_DISTANCE;
	if (is_loop(s, p))
		return VERDICT_LOOP;
	return VERDICT_USED;
}

/*
 * Make a measurement of the four timestamps, RFC 5905 section 8, with T1 and T4
 * on the raw time line: ((T2-T1)+(T3-T4))/2 is T2-T1 minus half the round trip.
 */
static enum verdict
measure(const struct source *s, const struct answer *a, struct measurement *m)
{
	const struct times *t = &a->times;
	int64_t elapsed_ns = sat_sub(t->t4.ns, t->t1.ns);
	int64_t held_ns = ntp_ts_diff_ns(t->t3, t->t2);
	int64_t delay_ns = sat_sub(elapsed_ns, held_ns);
	int64_t server_ns = precision_ns(a->p.precision_log2);
	int64_t reading_ns = s->config.precision_ns +
	    (server_ns > s->grain_ns ? server_ns : s->grain_ns);
	int64_t held_tolerance_ns = held_ns / 1000000 * RATE_TOLERANCE_PPM;
	int64_t out_ns;

	if (delay_ns < -(reading_ns + held_tolerance_ns))
		return VERDICT_DELAY;
	out_ns = sat_sub(date(t->t2).ns, t->t1.ns);
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
 * The factor by which the estimate's uncertainty grows until the next query, if
 * that comes after the present interval.
 */
static double
growth(const struct source *s)
{
	return estimator_growth(
	    &s->estimator, (double)poll_interval_ns(&s->poll, 0) / NS_PER_S);
}

/*
 * Adapt the interval.  Returns true if the clock or the server has moved as
 * never before.
 */
static bool
choose_poll(struct source *s, bool used)
{
	const struct estimator *e = &s->estimator;
	uint32_t count = estimator_count(e);
	double limit_ns =
	    SURPRISE_RATIO * noise_sigma_ns(&estimator_last(e)->noise);

	if (s->unanswered > POLL_UNREACHABLE_AFTER) {
		poll_restart(&s->poll);
	} else if (!used || count <= 1) {
		poll_surprised(&s->poll); /* may be noise */
		return !used;
	} else if (count <= POLL_LEARNS_AFTER) {
		return false;
	} else if (fabs(estimator_innovation_ns(e)) > limit_ns) {
		poll_restart(&s->poll);
		return true;
	} else {
		poll_measured(&s->poll, growth(s));
	}
	return false;
}

/* A valid answer, before it is measured. */
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
	s->put_off = false;
	s->last_reject = VERDICT_USED;
	source_query_over(s, out);
}

/* Learn from the measurement. */
static enum verdict
learn(struct source *s, const struct measurement *m, struct source_out *out)
{
	bool used = estimator_update(&s->estimator, m);

	s->delay_ns = m->delay_ns;
	s->dispersion_ns = m->dispersion_ns;
	s->theta_ns = m->theta_ns;
	s->offset_ns = fmath_to_int64(estimator_innovation_ns(&s->estimator));
	s->updated_at = m->at;
	out->alarm = choose_poll(s, used);
	source_catch_up(s);
	s->outlier = !used;
	s->unanswered = 0;
	out->estimate_changed = used;
	if (s->outlier && s->burst_left == 0)
		source_burst(s, s->sent_at);
	return used ? VERDICT_USED : VERDICT_OUTLIER;
}

/*
 * The timestamps are coarser than the server claims, so the earlier
 * measurements were trusted too much.
 */
static void
learn_grain(struct source *s, const struct answer *a)
{
	int64_t grain_ns = grain_push(&s->grain, a->times.t2, a->times.t1);

	if (grain_ns > s->grain_ns &&
	    grain_ns > precision_ns(a->p.precision_log2))
		estimator_doubt(&s->estimator, grain_ns);
	s->grain_ns = grain_ns;
}

/*
 * Obey a kiss that answers our query.  It brings no time, so the query counts
 * as unanswered.
 */
static void
obey(struct source *s, const struct source_rx *rx, enum verdict kiss,
    struct source_out *out)
{
	source_query_over(s, out);
	if (kiss == VERDICT_KISS_RATE) {
		s->put_off = true;
		poll_rate_kiss(&s->poll);
		s->iburst_left = 0;
		s->next_query.ns =
		    sat_add(rx->at.ns, poll_interval_ns(&s->poll, s->random));
	} else if (kiss == VERDICT_KISS_DENY) {
		s->query = QUERY_DENIED;
		s->next_query.ns = INT64_MAX;
	}
}

/* All checks, cheap ones first; the first that fails gives the verdict. */
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
		learn_grain(s, &a);
	if (v == VERDICT_USED)
		v = measure(s, &a, &m);
	if (v != VERDICT_USED)
		return v;
	/* Do not take in the same noise twice. */
	again = a.interleaved && s->interleave.last == LAST_MEASURED;
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

/* --- what its answers, or their absence, say ------------------------------ */

const char *
verdict_str(enum verdict v)
{
	/*
	 * An array, not pointers: it stays constant in a position-independent
	 * program.
	 */
	static const char words[VERDICT_COUNT][48] = {
		[VERDICT_USED] = "used",
		[VERDICT_OUTLIER] = "too far from what was expected",
		[VERDICT_MEASURED] = "of an exchange that was measured before",
		[VERDICT_SHORT] = "too short or of odd length",
		[VERDICT_VERSION] = "of a version that was not asked",
		[VERDICT_MODE] = "not a server's answer",
		[VERDICT_UNASKED] = "no query is waiting for an answer",
		[VERDICT_LATE] = "came too late",
		[VERDICT_ORIGIN] = "not the answer to our query",
		[VERDICT_SAME] = "the same as the last answer",
		[VERDICT_NO_MAC] = "it has no MAC, and a key is configured",
		[VERDICT_NAK] = "server does not take our key (crypto-NAK)",
		[VERDICT_OTHER_KEY] = "its MAC is of another key",
		[VERDICT_MAC] = "its MAC is wrong",
		[VERDICT_KISS_RATE] = "server asks us to ask less often",
		[VERDICT_KISS_DENY] = "server denies us its service",
		[VERDICT_KISS_OTHER] = "server has no time for us (kiss)",
		[VERDICT_UNSYNCED] = "server is not synchronized",
		[VERDICT_ZERO] = "a timestamp is missing",
		[VERDICT_BACKWARDS] = "server's timestamps make no sense",
		[VERDICT_REFERENCE] = "server was set after it answered",
		[VERDICT_DISTANCE] = "server is too far from its reference",
		[VERDICT_DELAY] = "round trip is negative",
		[VERDICT_LOOP] = "server takes its time from us",
		[VERDICT_DATE] = "server's date is years off",
	};

	if ((unsigned int)v >= VERDICT_COUNT || words[v][0] == '\0')
		return "unknown";
	return words[v];
}

bool
source_unauthenticated(const struct source *s)
{
	return s->last_reject >= VERDICT_NO_MAC &&
	    s->last_reject <= VERDICT_MAC;
}

bool
source_silent(const struct source *s, uint32_t queries)
{
	/* A query that is still waiting is not missed yet. */
	uint32_t over = (uint32_t)s->reach >> (s->query == QUERY_WAITING);

	return (over & ((1U << queries) - 1)) == 0;
}

bool
source_counts(const struct source *s)
{
	if (s->query == QUERY_DENIED ||
	    (s->put_off && estimator_count(&s->estimator) < SOURCE_TRUST))
		return false;
	return s->reach != 0 || s->unanswered < SOURCE_BURST;
}
