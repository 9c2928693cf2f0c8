/*
 * How often to ask a source (RFC 5905 section 13, with a rule of our own that
 * looks at the estimate).  Pure.
 */
#ifndef CORE_POLL_H
#define CORE_POLL_H

#include "core/filter/estimator.h"

#define POLL_MIN_LOG2	       0
#define POLL_MAX_LOG2	       17
#define POLL_UNREACHABLE_AFTER 8 /* queries without an answer */
#define POLL_RATE_MAX_LOG2     13 /* a RATE kiss raises no further, RFC 8633 5.4 */

struct poll {
	uint8_t min_log2;
	uint8_t max_log2;
	uint8_t now_log2;
	uint8_t floor_log2; /* raised by RATE kisses, at least min_log2 */
	double growth;	    /* of uncertainty over an interval, smoothed */
};

/*
 * How often a place among the sources may ask, whoever has it: once in 2^min_log2
 * s, and POLL_AHEAD times more.  A source alone never reaches this limit; it is
 * for a place whose addresses are replaced, each of which would begin anew.
 */
#define POLL_AHEAD 3 /* the start has a burst of so many, and one */

struct poll_pace {
	int64_t interval_ns;
	struct mono due; /* what was asked so far is due by then */
};

/* Nothing has been asked yet; min_log2 is 0 to 17. */
void poll_pace_init(struct poll_pace *p, uint8_t min_log2);

/* When the next query may go out, at the soonest. */
struct mono poll_pace_next(const struct poll_pace *p);

/* A query goes out. */
void poll_pace_asked(struct poll_pace *p, struct mono now);

/* But it could not be sent. */
void poll_pace_unsent(struct poll_pace *p);

/* Both limits are 0 to 17 and in order; starts at the minimum. */
void poll_init(struct poll *p, uint8_t min_log2, uint8_t max_log2);

/*
 * A measurement was used.  growth: the factor (at least 1) by which what is
 * known then will have become less certain at the end of an interval of
 * 2^now_log2 s.  Its mean, with hysteresis, decides whether to ask less or
 * more; a large one is answered at once, by as many steps as it calls for.
 */
void poll_measured(struct poll *p, double growth);

/*
 * Something came that nothing known explains, but that may be the network's
 * fault: ask twice as often.
 */
void poll_surprised(struct poll *p);

/*
 * A RATE kiss: ask half as often from now on, and never again more often than
 * that, up to POLL_RATE_MAX_LOG2; max_log2 gives way to it.
 */
void poll_rate_kiss(struct poll *p);

/*
 * Back to the floor: the source is there again after a long silence, or the
 * clock has moved as it never did before.
 */
void poll_restart(struct poll *p);

/*
 * No answer, the so manieth in a row: nothing is learned, but an unreachable
 * source is asked less, half as often after each 8, down to a quarter of the
 * floor's rate (so that it is found again soon).
 */
void poll_unanswered(struct poll *p, unsigned int in_a_row);

/* The longest interval, ns, that poll_unanswered() comes to by itself. */
int64_t poll_search_ns(const struct poll *p);

/*
 * Nanoseconds until the next query: 2^now_log2 s and a part of 0 to 6 % of it
 * from the random bits, so that it is never less than 2^min_log2 s and many
 * clients do not fall into step.
 */
int64_t poll_interval_ns(const struct poll *p, uint32_t random);

#endif
