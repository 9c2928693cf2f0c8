/*
 * The client's side of the interleaved mode, RFC 9769 section 2.  A server can
 * know when an answer has really left it only afterwards, and tells with the
 * next one; so a client keeps of its last exchange what it needs to measure it
 * then.  Part of a source (source.h).  Pure.
 */
#ifndef CORE_INTERLEAVE_H
#define CORE_INTERLEAVE_H

#include "core/packet/packet.h"

/*
 * So many interleaved queries in a row may remain unanswered: then what the
 * server has kept is too old (RFC 9769 section 2, "SHOULD limit").
 */
#define INTERLEAVE_UNANSWERED_MAX 4

/*
 * What is known of the last exchange.  interleave_keep() begins with either of
 * the last two, and interleave_forget() ends both.
 */
enum interleave_last {
	LAST_NONE,
	LAST_OPEN,    /* it is to be measured by the next answer */
	LAST_MEASURED /* it was in the basic mode, and has been measured */
};

/* The last exchange, and the query that is out; zeros: there is none. */
struct interleave {
	enum interleave_last last;
	bool asked;		       /* the query is interleaved */
	uint8_t unanswered;	       /* such queries, in a row */
	uint64_t query_receive;	       /* its field, the other one to match */
	struct mono sent_at;	       /* T1 of the last exchange */
	struct ntp_ts server_receive;  /* T2 */
	struct ntp_ts server_transmit; /* of its answer; not T3 where that
					  was interleaved, nor accurate */
	struct mono received_at;       /* T4 */
};

/* The four times of an exchange, RFC 5905 section 8. */
struct times {
	struct mono t1;
	struct ntp_ts t2;
	struct ntp_ts t3;
	struct mono t4;
};

enum interleave_mode {
	INTERLEAVE_BASIC,
	INTERLEAVE_YES,
	INTERLEAVE_NONE, /* not the answer to this query */
	INTERLEAVE_SAME	 /* both timestamps are those of the last answer */
};

/*
 * Fill in the origin and receive timestamp of a query, whose transmit timestamp
 * is there: with a last exchange an interleaved one, and with wanted false, or
 * too many unanswered, a basic one, where both are zero.  receive: random bits,
 * never used before.
 */
void interleave_query(
    struct interleave *il, bool wanted, uint64_t receive, struct packet *query);

/* In which mode is this an answer to a query with that transmit timestamp? */
enum interleave_mode interleave_match(const struct interleave *il,
    uint64_t query_transmit, const struct packet *answer);

/*
 * The times of an exchange that an interleaved answer completes: the first set
 * of RFC 9769 section 2, all of the last exchange.
 */
struct times interleave_times(
    const struct interleave *il, const struct packet *answer);

/* An answer was valid: now is its own exchange, in the mode basic or not. */
void interleave_keep(
    struct interleave *il, const struct times *now, bool basic);

/* The last exchange cannot be measured any more: the next query is basic. */
void interleave_forget(struct interleave *il);

#endif
