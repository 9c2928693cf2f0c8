/*
 * One source: an address that is asked for the time.  A state machine with
 * events in and actions out; time, random bits and packets are arguments.
 * Every check on an answer (RFC 5905 sections 8 and 9.2) is here.  Pure.
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
#define SOURCE_TRUST	      3		      /* measurements, to have a vote */
#define SOURCE_DISPERSION_NS  (16 * NS_PER_S) /* RFC 5905: MAXDISP */

/* Why an answer was not used; the numbers are counted, the words shown. */
enum verdict {
	VERDICT_USED = 0,
	VERDICT_OUTLIER,  /* valid, but set aside by the estimator */
	VERDICT_MEASURED, /* valid, of an exchange that was measured before */
	/* all that follow are rejected */
	VERDICT_SHORT,	    /* shorter than a header, or an odd length */
	VERDICT_VERSION,    /* 0, or above the one that was asked */
	VERDICT_MODE,	    /* not mode 4 */
	VERDICT_UNASKED,    /* no query is waiting for an answer */
	VERDICT_LATE,	    /* the query is too old */
	VERDICT_ORIGIN,	    /* origin is not a timestamp of the query */
	VERDICT_SAME,	    /* the last answer again */
	VERDICT_NO_MAC,	    /* a key is configured, and there is no MAC */
	VERDICT_NAK,	    /* the server could not use our MAC: crypto-NAK */
	VERDICT_OTHER_KEY,  /* MAC of another key than that of the query */
	VERDICT_MAC,	    /* wrong MAC */
	VERDICT_KISS_RATE,  /* obeyed: asked less often */
	VERDICT_KISS_DENY,  /* obeyed: DENY or RSTR, not asked again */
	VERDICT_KISS_OTHER, /* a kiss that asks nothing of us */
	VERDICT_UNSYNCED,   /* leap 3 or stratum 16 and more */
	VERDICT_ZERO,	    /* receive or transmit timestamp is zero */
	VERDICT_BACKWARDS,  /* transmit before receive, or too long after */
	VERDICT_REFERENCE,  /* last update of the server is after its answer */
	VERDICT_DISTANCE,   /* root distance is 16 s or more */
	VERDICT_DELAY,	    /* round trip negative beyond precision */
	VERDICT_LOOP,	    /* it takes its time from us */
	VERDICT_DATE,	    /* not from UTC_FIRST_NS to UTC_LAST_NS */
	VERDICT_COUNT
};

/* One sentence for people; never NULL. */
const char *verdict_str(enum verdict v);

/*
 * Where the queries of a source stand:
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
	QUERY_WAITING, /* one is out */
	QUERY_UNSENT,  /* the last one has not left the machine */
	QUERY_DENIED   /* there will be none */
};

struct source_config {
	uint8_t poll_min_log2; /* 0 to 17 */
	uint8_t poll_max_log2;
	uint32_t local_refid[8]; /* refids that mean us: a loop; 0 ends it */
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
	struct poll_pace pace; /* of its place: see source_succeed() */
	struct grain grain;
	int64_t grain_ns;	/* of the server's stamps; 0: none is seen */
	struct mono next_query; /* when to ask next; see source_deadline() */
	uint8_t burst_left;	/* of the start */
	uint8_t rush_left; /* of a later one, as often as the floor allows */
	uint8_t reach;	   /* shift register, RFC 5905 section 9.2 */
	bool odd;	   /* the last answer was set aside as an outlier */
	enum query_state query;
	bool put_off;		 /* RATE, and no valid answer since */
	uint32_t random;	 /* of the last query, for the next interval */
	uint64_t nonce;		 /* our transmit timestamp in the query */
	struct mono sent_at;	 /* T1 */
	struct mono sent_before; /* of the query before, until this one left */
	struct interleave interleave;
	bool was_interleaved; /* the last valid answer */
	uint32_t unanswered;  /* queries in a row that brought no time */
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
	int64_t theta_ns;  /* UTC - raw as measured last */
	int64_t offset_ns; /* UTC - raw as measured last, less predicted */
	struct mono updated_at;
	/* counters */
	uint64_t sent;
	uint64_t received;
	uint64_t rejected;
	enum verdict last_reject; /* VERDICT_USED: none since an answer was */
	uint64_t verdicts[VERDICT_COUNT];
};

/* What the caller has to do after an event. */
struct source_out {
	bool send;  /* send packet[] from a fresh socket with a random port */
	bool close; /* the query is over: close its socket */
	bool estimate_changed;
	bool alarm; /* it shows what nothing known explains: ask others, too */
	uint8_t packet[NTP_PACKET_LEN];
};

/*
 * Start: first query at once (plus a random part of 100 ms).  Limits are
 * checked by the caller.
 */
void source_init(struct source *s, const struct source_config *config,
    struct mono now, uint32_t random);

/*
 * It takes the place of another one, which ended at this pace: what that has
 * asked counts, so that a name whose addresses come and go is asked no more
 * often than one that stays, and a dead one gets no burst after another.  To be
 * called before its first query.
 */
void source_succeed(struct source *s, const struct poll_pace *before);

/*
 * When source_timer() wants to be called: for the next query, or because a
 * query has waited too long for its answer.  INT64_MAX once a kiss has denied
 * us the service: such a source is never asked again, its owner drops or
 * replaces it.
 */
struct mono source_deadline(const struct source *s);

/* Random bits for a query. */
struct source_bits {
	uint64_t transmit; /* its timestamp: not 0, never used before */
	uint64_t receive;  /* likewise, if it is interleaved */
	uint32_t interval; /* until the next one */
};

/*
 * The deadline has come; before it, nothing happens.  out may say close without
 * send (the query got no answer in time), send alone, or both: then close the
 * old query's socket first.
 *
 * The query is data-minimised: version, mode, a constant precision and the
 * random transmit timestamp; every other field is zero.  An interleaved one has
 * besides a random receive timestamp, and the server's last one as origin.
 * Queries are not interleaved in a burst, when measurements are wanted at once.
 */
void source_timer(struct source *s, struct mono now,
    const struct source_bits *bits, struct source_out *out);

/*
 * Ask at that moment, if that is sooner than planned, and SOURCE_BURST times in
 * all, as often as is allowed later than at the start: the shortest interval
 * lies between any two queries.  A query that waits for its answer gives way to
 * the next one.  Does nothing for a source that is not asked any more.
 */
void source_rush(struct source *s, struct mono at);

/*
 * The query that source_timer() asked for could not leave the machine: it does
 * not count as sent, and no answer is waited for.  The next one is not made
 * before that moment; zero: as planned, but no later than one is made to a
 * source that does not answer.
 */
void source_unsent(struct source *s, struct mono not_before);

/*
 * There may be a way to the source that there was not before: like
 * source_rush(), but one that has no vote yet is asked as at the start.  That
 * is done again only when, on average, it has been asked no more often than
 * the shortest interval allows.
 */
void source_again(struct source *s, struct mono at);

/*
 * When the answer to the query that is out will have come, if it comes about as
 * quickly as others did; 0 if none is out, if that is not known, if it is longer
 * than SOURCE_PAUSE_NS, or if the source is asked so often that each moment
 * counts.  Nothing is gained by looking sooner: the kernel notes when it came.
 */
struct mono source_answer(const struct source *s);

/*
 * Another source is asked now, for which the machine has woken up: ask this one,
 * too, if its turn would come before another sixteenth of its interval has passed.
 * Never sooner than the shortest interval allows.
 */
void source_join(struct source *s, struct mono now);

/*
 * What was measured before is of another time line, or the machine slept: an
 * exchange that waits to be completed is forgotten.
 */
void source_interrupted(struct source *s);

/* UTC - raw has leapt by so much, give or take sigma, and all know it. */
void source_leapt(struct source *s, int64_t by_ns, double sigma_ns);

/*
 * The query left the machine at this raw time, better known than before
 * (before sending, then by the kernel's transmit timestamp).  Ignored if no
 * query is waiting or if it would be after an hour or before the last value.
 */
void source_sent(struct source *s, struct mono at);

/* How an answer came in. */
struct source_rx {
	struct mono at;	       /* raw time of its arrival: T4 */
	enum auth_result auth; /* what its MAC is worth */
};

/*
 * May a majority wait for this source, because it knows the time or may soon?
 * Not for one that denied us its service, or brought no time when it was asked
 * SOURCE_BURST times (silence, or an answer that is not used, such as stratum
 * 0 or 16) and is not reached; nor for one that has been measured fewer than
 * enough times and asks for patience (RATE).
 */
bool source_counts(const struct source *s, uint32_t enough);

/* Has none of the last queries, at most 7, been answered that are over? */
bool source_silent(const struct source *s, uint32_t queries);

/* Was the last answer rejected because of its MAC? */
bool source_unauthenticated(const struct source *s);

/*
 * After DENY and RSTR the source is denied for good; after RATE the next query
 * is put off.  Queries at the start come SOURCE_BURST_GAP_NS apart or as
 * often as the minimum allows, if that is more often; later ones by the poll.
 * An outlier is followed by as many at the shortest interval, to see at once
 * what it means.
 *
 * A datagram has come from the address and port that was asked, on the socket
 * of the query.  After VERDICT_USED, VERDICT_OUTLIER, VERDICT_MEASURED, and a
 * kiss the query is over; any other answer leaves it waiting for the true one.
 *
 * An interleaved answer completes the exchange before its own, and is measured
 * as that: its time is one interval ago.
 */
enum verdict source_packet(struct source *s, const struct source_rx *rx,
    const uint8_t *buf, size_t len, struct source_out *out);

/*
 * Root distance at a moment, ns: half the way there and back to the root,
 * and all dispersions (RFC 5905 section 11.2.1 and appendix A.5.5.2), the
 * estimate's own uncertainty included.
 */
int64_t source_root_distance_ns(const struct source *s, struct mono now);

/*
 * The two parts of that: the round trip to the root (this source's own floor
 * included), and the dispersion (16 s before the first answer).  They are what
 * select_sources() wants of a source as its root values.
 */
int64_t source_total_delay_ns(const struct source *s);
int64_t source_total_dispersion_ns(const struct source *s, struct mono now);

/* When the next measurement should have come by, at the latest. */
struct mono source_due(const struct source *s);

/* Should a measurement have come by now that has not? */
bool source_overdue(const struct source *s, struct mono now);

/* The line to the reference clock that this source shows. */
MUST_CHECK bool source_estimate(
    const struct source *s, struct mono now, struct estimate *out);

/*
 * What was made of the last measurement, where the estimate has taken it in;
 * false, and zeros, where it has not.
 */
MUST_CHECK bool source_observation(
    const struct source *s, struct observation *out);

/* --- between source.c and query.c ----------------------------------------- */

/* No answer is waited for any more: the caller closes the socket. */
void source_query_over(struct source *s, struct source_out *out);

/*
 * A measurement has come.  If all queries of the start were lost, they are made
 * up for, unless the server has asked to be left in peace.
 */
void source_catch_up(struct source *s);

#endif
