/*
 * The client's side of the interleaved mode, RFC 9769 section 2.  A server can
 * know only afterwards when an answer really left, and reports it in the next
 * answer.  So a client keeps of its last exchange what it needs to measure that
 * exchange then.  Part of a source (source.h).  Run by ntp-net.  Pure.
 */
#ifndef CORE_INTERLEAVE_H
#define CORE_INTERLEAVE_H

#include "core/packet/packet.h"

/*
 * After this many interleaved queries in a row without an answer, what the
 * server has kept is too old (RFC 9769 section 2, "SHOULD limit").
 */
#define INTERLEAVE_UNANSWERED_MAX 4

/*
 * The state of the last exchange.  interleave_keep() sets one of the last two
 * values, interleave_forget() the first.
 */
enum interleave_last {
	LAST_NONE,
	LAST_OPEN,    /* the next answer will measure it */
	LAST_MEASURED /* basic mode: it is measured already */
};

/* The last exchange and the current query; all zero is the start. */
struct interleave {
	enum interleave_last last;
	bool asked;		/* the query is interleaved */
	uint8_t unanswered;	/* such queries, in a row */
	uint64_t query_receive; /* our random number in its receive field */
	struct mono sent_at;	/* T1 of the last exchange */
	struct ntp_ts server_receive;  /* T2 */
	struct ntp_ts server_transmit; /* in its answer: not its exact T3 */
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
	INTERLEAVE_NONE, /* not an answer to this query */
	INTERLEAVE_SAME	 /* both timestamps are the last answer's */
};

/*
 * Fill in the origin and receive timestamps of a query, whose transmit
 * timestamp is already there.  After an exchange the query is interleaved.  If
 * wanted is false, or too many queries are unanswered, it is basic, and both
 * fields are zero.  receive: random bits, never used before.
 */
void interleave_query(
    struct interleave *il, bool wanted, uint64_t receive, struct packet *query);

/* The mode of an answer to the query with this transmit timestamp. */
enum interleave_mode interleave_match(const struct interleave *il,
    uint64_t query_transmit, const struct packet *answer);

/*
 * The times of the exchange that an interleaved answer completes: the first set
 * in RFC 9769 section 2, all from the last exchange.
 */
struct times interleave_times(
    const struct interleave *il, const struct packet *answer);

/*
 * Keep the exchange of a valid answer; basic: the answer was not interleaved.
 */
void interleave_keep(
    struct interleave *il, const struct times *now, bool basic);

/* The last exchange cannot be measured any more: make the next query basic. */
void interleave_forget(struct interleave *il);

#endif
