/*
 * What a server keeps for the interleaved mode (RFC 9769 section 2): for each
 * answer, when its request came and when the answer really left (its
 * departure).  Run by ntp-serve.  Pure.  The memory is the caller's, and its
 * size is fixed.
 *
 * A request in interleaved mode proves that its client received an earlier
 * answer.  The answers to such requests are "proven", and are evicted last: a
 * flood from forged addresses can evict only entries of clients that may never
 * come back.  If every entry of a set is proven, the oldest is evicted;
 * otherwise a client with many addresses could lock out all later ones.
 *
 * Many clients may share an address, so the answers to one address spread over
 * many sets, but not over all of them.  Otherwise a client with one address
 * could evict what is kept for everybody, by asking in this mode and never
 * coming back.
 */
#ifndef CORE_XLEAVE_H
#define CORE_XLEAVE_H

#include "core/types.h"

#define XLEAVE_WAYS 4

/* log2 of the number of sets that one client hash may use. */
#define XLEAVE_SPREAD_LOG2 10

/* A set is one cache line. */
struct xleave_set {
	/* The receive timestamp in the answer; 0: free. */
	_Alignas(64) uint64_t receive[XLEAVE_WAYS];
	uint32_t took[XLEAVE_WAYS];   /* until departure, 2^-32 s */
	uint32_t client[XLEAVE_WAYS]; /* part of a keyed hash; odd: proven */
};

struct xleave_store {
	struct xleave_set *sets;
	uint32_t mask; /* for the index of a set */
};

/*
 * Use `count` sets, a power of two up to 2^24, all zero at first or left from
 * an earlier time.  The caller owns them and must keep them.
 */
void xleave_init(
    struct xleave_store *il, struct xleave_set *sets, uint32_t count);

/*
 * When did the answer leave whose receive timestamp is `origin`?  client is a
 * hash of the address with a secret key, so that others cannot aim at a set.
 * Returns that moment and forgets it (it may be told once), or 0 if it is
 * unknown.
 */
struct ntp_ts xleave_take(
    struct xleave_store *il, uint64_t client, struct ntp_ts origin);

/*
 * Prefetch the place of an answer whose receive timestamp is, or is said to be,
 * `receive`.
 */
void xleave_prefetch(
    const struct xleave_store *il, uint64_t client, struct ntp_ts receive);

/* An answer that was sent. */
struct xleave_entry {
	uint64_t client;
	struct ntp_ts receive;	/* as in the answer */
	struct ntp_ts transmit; /* when it left; must differ from receive */
	bool proven;		/* the request was in interleaved mode */
};

/*
 * Keep an answer, in the place of the entry that is worth least.  A proven
 * entry is worth more for 18 hours, half of the longest poll interval in RFC
 * 5905.  An answer is not kept if it took a second or more to leave, or seems
 * to have left before its request came because the clock was stepped.
 */
void xleave_keep(struct xleave_store *il, const struct xleave_entry *a);

/*
 * A better departure time of an answer is known: correct it, if the answer is
 * still kept and its departure was not told yet.  Whether it is proven stays.
 * The entry is removed if xleave_keep() would not have kept it.
 */
void xleave_correct(struct xleave_store *il, const struct xleave_entry *a);

#endif
