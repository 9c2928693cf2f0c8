/*
 * One source: an address that is asked for the time.  A state machine with
 * events in and actions out; time, random bits and packets are arguments.  All
 * checks on an answer (RFC 5905 sections 8 and 9.2) are here.  Run by ntp-net.
 * Pure; all state is in the caller's struct.
 */
#ifndef CORE_SOURCE_H
#define CORE_SOURCE_H

#include "core/filter/estimator.h"
#include "core/filter/grain.h"
#include "core/packet/auth.h"
#include "core/packet/packet.h"
#include "core/source/interleave.h"
#include "core/source/poll.h"

#define SOURCE_ANSWER_WAIT_NS (4 * NS_PER_S)   /* later answers are ignored */
#define SOURCE_PAUSE_NS	      (5 * NS_PER_MS)  /* see source_answer() */
#define SOURCE_BURST	      4		       /* queries at the start ... */
#define SOURCE_BURST_GAP_NS   (2 * NS_PER_S)   /* ... this far apart, and ... */
#define SOURCE_DITHER_NS      (32 * NS_PER_MS) /* ... up to this more */
#define SOURCE_TRUST	      3 /* measurements before it may vote */
#define SOURCE_DISPERSION_NS  (16 * NS_PER_S) /* RFC 5905: MAXDISP */

/* The result of an answer; each value has a counter and a text. */
enum verdict {
	VERDICT_USED = 0,
	VERDICT_OUTLIER,  /* valid, but an outlier to the estimator */
	VERDICT_MEASURED, /* valid, but its exchange was measured before */
	/* all of the following are rejected */
	VERDICT_SHORT,	    /* shorter than a header, or an odd length */
	VERDICT_VERSION,    /* 0, or above the version of the query */
	VERDICT_MODE,	    /* not mode 4 */
	VERDICT_UNASKED,    /* no query is waiting */
	VERDICT_LATE,	    /* the query is too old */
	VERDICT_ORIGIN,	    /* origin is no timestamp of the query */
	VERDICT_SAME,	    /* the last answer again */
	VERDICT_NO_MAC,	    /* a key is configured, but no MAC came */
	VERDICT_NAK,	    /* crypto-NAK: the server refused our MAC */
	VERDICT_OTHER_KEY,  /* the MAC is of another key than the query's */
	VERDICT_MAC,	    /* wrong MAC */
	VERDICT_KISS_RATE,  /* obeyed: ask less often */
	VERDICT_KISS_DENY,  /* obeyed: DENY or RSTR, never ask again */
	VERDICT_KISS_OTHER, /* any other kiss: nothing to obey */
	VERDICT_UNSYNCED,   /* leap 3, or stratum 16 or more */
	VERDICT_ZERO,	    /* receive or transmit timestamp is zero */
	VERDICT_BACKWARDS,  /* transmit before receive, or too long after */
	VERDICT_REFERENCE,  /* the server's last update is after its answer */
	VERDICT_DISTANCE,   /* root distance is 16 s or more */
	VERDICT_DELAY,	    /* round trip negative beyond precision */
	VERDICT_LOOP,	    /* the server takes its time from us */
	VERDICT_DATE,	    /* not from UTC_FIRST_NS to UTC_LAST_NS */
	VERDICT_COUNT
};

/* One sentence for people; never NULL. */
const char *verdict_str(enum verdict v);

/*
 * The state of a source's queries:
 *
 *                    from      by
 *   QUERY_IDLE       -         source_init()
 *                    WAITING   an answer, or none in time
 *   QUERY_WAITING    any but   source_timer()
 *                    DENIED
 *   QUERY_UNSENT     WAITING   source_unsent()
 *   QUERY_DENIED     WAITING   a kiss, DENY or RSTR: for good
 */
enum query_state {
	QUERY_IDLE,    /* the last one is over */
	QUERY_WAITING, /* one waits for its answer */
	QUERY_UNSENT,  /* the last one has not left the machine */
	QUERY_DENIED   /* there will be no more */
};

struct source_config {
	uint8_t poll_min_log2; /* 0 to 17 */
	uint8_t poll_max_log2;
	uint32_t local_refid[8]; /* refids of our own: a loop; ends with a 0 */
	int64_t precision_ns;	 /* of our own clock reading, >= 1 */
	double slope;		 /* known beforehand, see estimator_init() */
	double slope_sigma;
	bool authenticate; /* only answers that are AUTH_GOOD count */
	bool interleaved;  /* ask in this mode, RFC 9769 */
};

struct source {
	struct source_config config;
	struct estimator estimator;
	struct poll poll;
	struct poll_pace pace; /* of its place, see source_succeed() */
	struct grain grain;
	int64_t grain_ns;	/* of the server's stamps; 0: none found */
	struct mono next_query; /* planned, see source_deadline() */
	uint8_t iburst_left;	/* queries left in the burst at the start */
	uint8_t burst_left;	/* and in a later burst, at rate_limit_log2 */
	uint8_t reach;		/* shift register, RFC 5905 section 9.2 */
	bool outlier;		/* the last answer was an outlier */
	enum query_state query;
	bool put_off;		 /* a RATE kiss, and no valid answer since */
	uint32_t random;	 /* of the last query, for the next interval */
	uint64_t nonce;		 /* our transmit timestamp in the query */
	struct mono sent_at;	 /* T1 */
	struct mono sent_before; /* T1 of the last query, until this one left */
	struct interleave interleave;
	bool was_interleaved; /* so was the last valid answer */
	uint32_t unanswered;  /* queries in a row without a time */
	/* from the last valid answer */
	uint8_t version;
	uint8_t leap;
	uint8_t stratum; /* 0: none yet */
	int8_t precision_log2;
	uint32_t refid;
	int64_t root_delay_ns;
	int64_t root_dispersion_ns;
	int64_t delay_ns;
	int64_t dispersion_ns;
	int64_t theta_ns;  /* UTC - raw, last measured */
	int64_t offset_ns; /* the same minus its prediction */
	struct mono updated_at;
	/* counters */
	uint64_t sent;
	uint64_t received;
	uint64_t rejected;
	enum verdict last_reject; /* VERDICT_USED: none since a valid one */
	uint64_t verdicts[VERDICT_COUNT];
};

/* What the caller must do after an event. */
struct source_out {
	bool send;  /* send packet[] from a fresh socket with a random port */
	bool close; /* the query is over: close its socket */
	bool estimate_changed;
	bool alarm; /* unpredicted by all that is known: ask others */
	uint8_t packet[NTP_PACKET_LEN];
};

/*
 * Start: the first query is due at once (plus a random part of 100 ms).  The
 * caller has checked the limits.
 */
void source_init(struct source *s, const struct source_config *config,
    struct mono now, uint32_t random);

/*
 * Continue the pace of the source that had this place before.  Its queries
 * count, so that a name whose addresses change is asked no more often than one
 * with a constant address, and a dead name does not get one burst after
 * another.  Call this before the first query.
 */
void source_succeed(struct source *s, const struct poll_pace *before);

/*
 * When to call source_timer(): for the next query, or because a query has
 * waited too long for its answer.  INT64_MAX after a kiss that denied us the
 * service: such a source is never asked again; its owner drops or replaces it.
 */
struct mono source_deadline(const struct source *s);

/* Random bits for a query. */
struct source_bits {
	uint64_t transmit; /* timestamp: not 0, never used before */
	uint64_t receive;  /* the same, for interleaved mode */
	uint32_t interval; /* until the next one */
};

/*
 * The deadline has come; before it, nothing happens.  *out may say close
 * without send (the query got no answer in time), send alone, or both: then
 * close the old query's socket first.
 *
 * The query is data-minimised: it has the version, the mode, a constant
 * precision and the random transmit timestamp; all other fields are zero.  An
 * interleaved query also has a random receive timestamp, and the server's last
 * receive timestamp as its origin.  Queries in a burst are not interleaved,
 * because their measurements are wanted at once.
 */
void source_timer(struct source *s, struct mono now,
    const struct source_bits *bits, struct source_out *out);

/*
 * Start a burst of SOURCE_BURST queries at this moment, or as planned if that
 * is earlier.  The minimum interval lies between any two of them.  A query that
 * waits for its answer gives way to the next.  Does nothing for a denied
 * source.
 */
void source_burst(struct source *s, struct mono at);

/*
 * The query that source_timer() asked for could not be sent: it does not count,
 * and no answer is expected.  The next one is made at this moment.  With
 * zero: as planned, but no later than after the longest interval for a source
 * that does not answer.
 */
void source_unsent(struct source *s, struct mono at);

/*
 * There may be a new path to the source: the same as source_burst(), but a
 * source that has no vote yet gets the burst of the start.  That happens again
 * only after the source was idle long enough to keep its average rate within
 * the minimum interval.
 */
void source_again(struct source *s, struct mono at);

/*
 * When to expect the answer to the current query, if its delay is about as
 * short as others were.  0 if there is no query, if the delay is unknown or
 * above SOURCE_PAUSE_NS, or if the source is asked so often that each moment
 * counts.  Looking earlier gains nothing: the kernel records when the answer
 * came.
 */
struct mono source_answer(const struct source *s);

/*
 * Another source is being asked, for which the machine has woken up.  Ask this
 * one, too, if its last query was nine sixteenths of its interval ago or more.
 * Then two sources with the same interval soon wake the machine together, and
 * stay together: of two moments, one is at least half an interval after the
 * other, and half the interval of one is more than that of another that is
 * asked twice as often.  Never earlier than the minimum interval allows.
 */
void source_join(struct source *s, struct mono now);

/*
 * The time line has changed, or the machine was suspended: forget the exchange
 * that was to be completed.
 */
void source_interrupted(struct source *s);

/*
 * UTC - raw has jumped by by_ns for all sources, with this standard deviation.
 */
void source_leapt(struct source *s, int64_t by_ns, double sigma_ns);

/*
 * The query left the machine at this raw time, which is better known than
 * before (the time before sending, then the kernel's transmit timestamp).
 * Ignored if no query is waiting, or if it is earlier than the last value or
 * over an hour later.
 */
void source_sent(struct source *s, struct mono at);

/* An answer's arrival. */
struct source_rx {
	struct mono at;	       /* raw time of the arrival: T4 */
	enum auth_result auth; /* the result of the check of its MAC */
};

/*
 * Should a majority wait for this source, because it knows the time or soon
 * may?  Not if it denied us its service.  Not if SOURCE_BURST queries brought
 * no time (silence, or an unusable answer, such as stratum 0 or 16) and it is
 * unreachable.  Not if it has fewer than SOURCE_TRUST measurements and sent a
 * RATE kiss.
 */
bool source_counts(const struct source *s);

/* Were the last `queries` completed queries, at most 7, all unanswered? */
bool source_silent(const struct source *s, uint32_t queries);

/* Was the last answer rejected because of its MAC? */
bool source_unauthenticated(const struct source *s);

/*
 * Handle a datagram from the address and port that was asked, on the query's
 * socket.  After VERDICT_USED, VERDICT_OUTLIER, VERDICT_MEASURED, and a kiss,
 * the query is over.  After any other verdict it goes on waiting for the true
 * answer.
 *
 * An interleaved answer completes the exchange before its own and is measured
 * as that one: its time is one interval ago.
 *
 * After DENY and RSTR the source is denied for good; after RATE the next query
 * is postponed.  The queries of the start are SOURCE_BURST_GAP_NS apart, or the
 * minimum interval if that is shorter; poll control decides about later ones.
 * An outlier is followed by a burst at the minimum interval, to see at once
 * what it means.
 */
enum verdict source_packet(struct source *s, const struct source_rx *rx,
    const uint8_t *buf, size_t len, struct source_out *out);

/*
 * The root distance at a moment: half of the round trip to the root, plus all
 * dispersions (RFC 5905 section 11.2.1 and appendix A.5.5.2), with the
 * estimate's own uncertainty.  The two parts are a source's root values for
 * select_sources().
 */
struct source_root {
	int64_t delay_ns;      /* with this source's own minimum */
	int64_t dispersion_ns; /* 16 s before the first answer */
	int64_t distance_ns;
};
struct source_root source_root(const struct source *s, struct mono now);

/* Its distance_ns alone. */
int64_t source_root_distance_ns(const struct source *s, struct mono now);

/* The latest moment at which the next measurement is due. */
struct mono source_due(const struct source *s);

/* Is a measurement overdue? */
bool source_overdue(const struct source *s, struct mono now);

/*
 * The line of this source's estimate at a moment; false, and zeros, before the
 * first measurement.
 */
MUST_CHECK bool source_estimate(
    const struct source *s, struct mono now, struct estimate *out);

/*
 * The last measurement with its noise, if the estimate has taken it in;
 * otherwise false, and zeros.
 */
MUST_CHECK bool source_observation(
    const struct source *s, struct observation *out);

/* --- between source.c and query.c ----------------------------------------- */

/* End the query: the caller closes its socket. */
void source_query_over(struct source *s, struct source_out *out);

/*
 * A measurement has come.  If all queries of the start were lost, make up for
 * them, unless the server sent a RATE kiss.
 */
void source_catch_up(struct source *s);

#endif
