/*
 * How often to ask a source (RFC 5905 section 13, with a rule of our own that
 * uses the estimate's uncertainty).  Run by ntp-net.  Pure.
 */
#ifndef CORE_POLL_H
#define CORE_POLL_H

#include "core/filter/estimator.h"

#define POLL_MIN_LOG2	       0
#define POLL_MAX_LOG2	       17
#define POLL_UNREACHABLE_AFTER 8  /* queries without an answer */
#define POLL_RATE_MAX_LOG2     13 /* limit for RATE kisses, RFC 8633 5.4 */

struct poll {
	uint8_t min_log2;
	uint8_t max_log2;
	uint8_t now_log2;
	uint8_t rate_limit_log2; /* raised by RATE kisses, at least min_log2 */
	double growth; /* smoothed growth of the uncertainty over an interval */
};

/*
 * The rate limit for one place among the sources, whatever address has the
 * place: one query per 2^min_log2 s, plus POLL_AHEAD queries.  A source alone
 * never reaches this limit.  It is for a place whose addresses are replaced,
 * each of which would otherwise start with a burst.
 */
#define POLL_AHEAD 3 /* a burst at the start has one more than this */

struct poll_pace {
	int64_t interval_ns;
	struct mono due; /* when the queries so far are paid for */
};

/* Start with no queries; min_log2 is 0 to 17. */
void poll_pace_init(struct poll_pace *p, uint8_t min_log2);

/* The earliest moment for the next query. */
struct mono poll_pace_next(const struct poll_pace *p);

/* Count a query that goes out. */
void poll_pace_asked(struct poll_pace *p, struct mono now);

/* Take back the last query, which could not be sent. */
void poll_pace_unsent(struct poll_pace *p);

/* Start at the minimum.  Both limits are 0 to 17 and in order. */
void poll_init(struct poll *p, uint8_t min_log2, uint8_t max_log2);

/*
 * A measurement was used. growth is the factor, at least 1, by which the
 * uncertainty will grow in the interval of 2^now_log2 s.  Its mean, with
 * hysteresis, decides whether to ask more or less often.  A large one shortens
 * the interval at once, by as many steps as needed.
 */
void poll_measured(struct poll *p, double growth);

/*
 * A measurement was not predicted, but may be network noise: ask twice as
 * often.
 */
void poll_surprised(struct poll *p);

/*
 * A RATE kiss: ask half as often from now on, and never again more often than
 * that, up to POLL_RATE_MAX_LOG2.  This overrides max_log2.
 */
void poll_rate_kiss(struct poll *p);

/*
 * Return to rate_limit_log2: the source answers after a long silence, or the
 * clock has moved as never before.
 */
void poll_restart(struct poll *p);

/*
 * in_a_row queries had no answer.  Nothing is learned.  After every
 * POLL_UNREACHABLE_AFTER the rate is halved, at most to a quarter of the rate
 * at rate_limit_log2, so that a source that returns is found soon.
 */
void poll_unanswered(struct poll *p, unsigned int in_a_row);

/* The longest interval, ns, to which poll_unanswered() goes. */
int64_t poll_search_ns(const struct poll *p);

/*
 * The time until the next query, ns: 2^now_log2 s, plus 0 to 6 % of it by the
 * random bits.  So it is never less than 2^min_log2 s, and many clients do not
 * synchronize their queries.
 */
int64_t poll_interval_ns(const struct poll *p, uint32_t random);

#endif
