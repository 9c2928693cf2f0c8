/*
 * When a source is asked, and what the query looks like, see source.h.  Run by
 * ntp-net.  It must never ask more often than the poll limits allow.
 */
#include "core/source/source.h"

#include <string.h>

#include "core/saturate.h"

#define MINIMISED_PRECISION 0x20
#define SENT_LIMIT_NS	    (3600 * NS_PER_S)
#define PAUSE_MORE_NS	    (100 * 1000)
#define PAUSE_LOG2	    4
#define JOIN_PARTS	    16
#define JOIN_FROM	    9 /* join from JOIN_FROM / JOIN_PARTS on */
#define JOIN_LOG2	    6 /* longer ones cost little, and need no joining */

/* Postpone the next query to this moment, unless it is later already. */
static void
not_before(struct source *s, struct mono at)
{
	if (s->next_query.ns < at.ns)
		s->next_query = at;
}

void
source_succeed(struct source *s, const struct poll_pace *before)
{
	s->pace = *before;
	not_before(s, poll_pace_next(&s->pace));
}

struct mono
source_deadline(const struct source *s)
{
	struct mono end = { sat_add(s->sent_at.ns, SOURCE_ANSWER_WAIT_NS + 1) };

	if (s->query == QUERY_WAITING && end.ns < s->next_query.ns)
		return end;
	return s->next_query;
}

void
source_query_over(struct source *s, struct source_out *out)
{
	s->query = QUERY_IDLE;
	s->nonce = 0;
	out->close = true;
}

/* The random port of RFC 9109 is left to the caller; the rest is here. */
static void
query_format(struct source *s, const struct source_bits *bits,
    uint8_t packet[NTP_PACKET_LEN])
{
	bool hurry = s->iburst_left > 0 || s->burst_left > 0;
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

/*
 * The interval from this query to the next, in a burst or not.  In a burst the
 * moments are dithered by more than the tick of most clocks.  Otherwise a clock
 * that ticks 64 times a second would always be seen at the same part of a tick.
 */
static int64_t
next_interval_ns(const struct source *s)
{
	int64_t gap_ns = NS_PER_S << s->poll.rate_limit_log2;
	int64_t more_ns = SOURCE_DITHER_NS / 65536 * (int64_t)(s->random >> 16);

	if (s->iburst_left == 0 && s->burst_left == 0)
		return poll_interval_ns(&s->poll, s->random);
	if (s->iburst_left > 0 && gap_ns > SOURCE_BURST_GAP_NS)
		gap_ns = SOURCE_BURST_GAP_NS;
	return gap_ns + more_ns;
}

void
source_timer(struct source *s, struct mono now, const struct source_bits *bits,
    struct source_out *out)
{
	memset(out, 0, sizeof(*out));
	if (now.ns < source_deadline(s).ns || s->query == QUERY_DENIED)
		return;
	if (s->query == QUERY_WAITING)
		source_query_over(s, out);
	if (now.ns < s->next_query.ns)
		return;
	poll_pace_asked(&s->pace, now);
	poll_unanswered(&s->poll, s->unanswered);
	s->random = bits->interval;
	query_format(s, bits, out->packet);
	if (s->iburst_left > 0)
		s->iburst_left--;
	else if (s->burst_left > 0)
		s->burst_left--;
	s->next_query.ns = sat_add(now.ns, next_interval_ns(s));
	not_before(s, poll_pace_next(&s->pace));
	s->reach = (uint8_t)(s->reach << 1);
	s->unanswered++;
	s->sent++;
	s->query = QUERY_WAITING;
	s->nonce = bits->transmit;
	s->sent_before = s->sent_at;
	s->sent_at = now;
	out->send = true;
}

/*
 * Ask at this moment or as planned, whichever is earlier, but within the pace.
 */
static void
no_later(struct source *s, int64_t at_ns)
{
	if (at_ns < s->next_query.ns)
		s->next_query.ns = at_ns;
	not_before(s, poll_pace_next(&s->pace));
}

/* The same, and at least a poll interval after the last query. */
static void
advance_query(struct source *s, struct mono at)
{
	int64_t soonest_ns =
	    sat_add(s->sent_at.ns, NS_PER_S << s->poll.rate_limit_log2);

	no_later(s, s->sent > 0 && at.ns < soonest_ns ? soonest_ns : at.ns);
}

void
source_burst(struct source *s, struct mono at)
{
	if (s->query == QUERY_DENIED)
		return;
	if (s->iburst_left == 0)
		s->burst_left = SOURCE_BURST;
	advance_query(s, at);
}

struct mono
source_answer(const struct source *s)
{
	int64_t least_ns = estimator_recent_min_delay_ns(&s->estimator);
	int64_t pause_ns = least_ns + least_ns / 4 + PAUSE_MORE_NS;

	if (s->query != QUERY_WAITING || s->poll.now_log2 < PAUSE_LOG2 ||
	    estimator_count(&s->estimator) == 0 || least_ns < 0 ||
	    pause_ns > SOURCE_PAUSE_NS)
		return (struct mono){ 0 };
	return (struct mono){ sat_add(s->sent_at.ns, pause_ns) };
}

void
source_join(struct source *s, struct mono now)
{
	int64_t from_ns =
	    (NS_PER_S << s->poll.now_log2) / JOIN_PARTS * JOIN_FROM;

	if ((s->query == QUERY_IDLE || s->query == QUERY_UNSENT) &&
	    s->iburst_left == 0 && s->burst_left == 0 &&
	    s->poll.now_log2 <= JOIN_LOG2 &&
	    sat_sub(now.ns, s->sent_at.ns) >= from_ns)
		advance_query(s, now);
}

void
source_unsent(struct source *s, struct mono at)
{
	int64_t latest_ns = sat_add(s->sent_at.ns, poll_search_ns(&s->poll));

	if (s->query != QUERY_WAITING)
		return;
	s->query = QUERY_UNSENT;
	s->nonce = 0;
	poll_pace_unsent(&s->pace); /* no query went out */
	s->sent--;
	if (at.ns != 0)
		s->next_query = at;
	else if (s->next_query.ns > latest_ns)
		s->next_query.ns = latest_ns;
	s->sent_at = s->sent_before;
}

/* Has the source been idle for so long that a burst is within its rate? */
static bool
may_burst(const struct source *s, struct mono at)
{
	return s->sent == 0 ||
	    sat_sub(at.ns, s->sent_at.ns) >= (SOURCE_BURST * NS_PER_S)
		<< s->poll.rate_limit_log2;
}

void
source_again(struct source *s, struct mono at)
{
	if (s->query == QUERY_DENIED)
		return;
	if (s->query == QUERY_UNSENT)
		s->unanswered = 0; /* no query could have been answered */
	if (estimator_count(&s->estimator) >= SOURCE_TRUST ||
	    !may_burst(s, at)) {
		source_burst(s, at);
		return;
	}
	poll_restart(&s->poll);
	s->iburst_left = SOURCE_BURST;
	advance_query(s, at);
}

void
source_sent(struct source *s, struct mono at)
{
	if (s->query != QUERY_WAITING || at.ns < s->sent_at.ns ||
	    sat_sub(at.ns, s->sent_at.ns) > SENT_LIMIT_NS)
		return;
	s->sent_at = at;
}

void
source_catch_up(struct source *s)
{
	if (s->unanswered <= SOURCE_BURST ||
	    estimator_count(&s->estimator) > 1 ||
	    s->poll.rate_limit_log2 > s->poll.min_log2)
		return;
	s->iburst_left = SOURCE_BURST - 1;
	no_later(s, sat_add(s->sent_at.ns, next_interval_ns(s)));
}
