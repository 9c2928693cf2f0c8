/*
 * What a server remembers for interleaved mode (RFC 9769 section 2): of answers
 * that it gave, when the request had come, and when the answer really left.
 * Pure; the memory is the caller's and its size fixed.
 *
 * An answer to a client that asked in interleaved mode is kept before all
 * others: a client proves by such a request that it received an earlier answer,
 * so that a flood from forged addresses can push out only what was kept for
 * clients that may never come back, and of a set one more at the most: where
 * all are proven the oldest makes room, or who has enough addresses of his own
 * could shut out everybody who comes after him.
 *
 * Many clients may share an address.  Their answers spread over many sets, but
 * not over all of them: else who has one address could, by asking in the mode
 * and never coming back, push out what is kept for all the world.
 */
#ifndef CORE_DEPARTURE_H
#define CORE_DEPARTURE_H

#include "core/types.h"

#define DEPARTURE_WAYS 4

/* Over so many sets the answers to one client hash spread, log2. */
#define DEPARTURE_SPREAD_LOG2 10

/* A set is one line of a cache. */
struct departure_set {
	/* As answered; 0: free. */
	_Alignas(64) uint64_t receive[DEPARTURE_WAYS];
	uint32_t took[DEPARTURE_WAYS];	 /* until it left, in 2^-32 s */
	uint32_t client[DEPARTURE_WAYS]; /* part of a keyed hash; proven: odd */
};

struct departures {
	struct departure_set *sets;
	uint32_t mask; /* of a set's number */
};

/*
 * Work with count sets, a power of two up to 2^24, all zero at first or left
 * from an earlier time.  They stay the caller's, who keeps them.
 */
void departure_init(
    struct departures *il, struct departure_set *sets, uint32_t count);

/*
 * When did the answer leave whose request came at origin?  client is a hash of
 * the address under a secret key: others cannot aim at a set.  Returns that
 * moment and forgets it (it may be told once), or 0 if it is not known.
 */
struct ntp_ts departure_take(
    struct departures *il, uint64_t client, struct ntp_ts origin);

/*
 * Have the place of an answer on its way from memory, whose request came, or is
 * said to have come, at receive.
 */
void departure_expect(
    const struct departures *il, uint64_t client, struct ntp_ts receive);

/* An answer that was sent. */
struct departure {
	uint64_t client;
	struct ntp_ts receive;	/* as the answer said */
	struct ntp_ts transmit; /* when it left; not receive */
	bool proven;		/* its request was in interleaved mode */
};

/*
 * Remember an answer, in place of the oldest that counts least.  What is proven
 * counts more for 18 hours, half of the longest poll interval that RFC 5905
 * knows.  One that took a second to leave, or seems to have left before it came
 * since the clock was stepped, is not remembered.
 */
void departure_keep(struct departures *il, const struct departure *a);

/*
 * It is known better when an answer left: if that is still remembered, and not
 * told yet, it left then; whether it is proven stays.  It is forgotten if it
 * turns out to be such as would not have been remembered.
 */
void departure_correct(struct departures *il, const struct departure *a);

#endif
