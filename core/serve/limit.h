/*
 * The clients of a server: how often each has asked, and whether that is more
 * than it may.  A client is an IPv4 address, or the /64 of an IPv6 address; on
 * a link, where all have one /64, the interface.
 *
 * The table has a fixed size.  It is divided into sets of 8, and a keyed hash
 * decides which set a client belongs to, so that nobody can aim at one.  Of a
 * set, up to 6 places are kept for clients that came again: new ones compete
 * for the others, so that no number of forged addresses pushes out a client
 * that is known.  Who is not in the table is a new client, and is answered.
 *
 * Pure: time, key and random bits are arguments, memory is the caller's.
 */
#ifndef CORE_LIMIT_H
#define CORE_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/serve/siphash.h"
#include "core/types.h"

#define LIMIT_WAYS    8
#define LIMIT_KEPT    6	   /* of these, for known clients */
#define LIMIT_SETS    8192 /* a power of two */
#define LIMIT_CLIENTS (LIMIT_SETS * LIMIT_WAYS)

/* A client is known when it comes again after this time, ... */
#define LIMIT_KNOWN_NS (2 * NS_PER_S)

/* ... and until it has not come for this time. */
#define LIMIT_FORGET_NS (INT64_C(3) * 3600 * NS_PER_S)

/* One client is told at most once in this time. */
#define LIMIT_KISS_NS (16 * NS_PER_S)

#define LIMIT_BURST_MAX	   10000
#define LIMIT_INTERVAL_MIN INT64_C(1000)
#define LIMIT_INTERVAL_MAX (86400 * NS_PER_S)

/* What tells clients apart. */
enum limit_family {
	LIMIT_IPV4 = 4,	     /* the address */
	LIMIT_IPV6 = 6,	     /* the upper half of the address */
	LIMIT_LINK_LOCAL = 7 /* the lower half of an IPv6 address of a link */
};

/*
 * The record of a client, one cache line.  Another process may read it while
 * it changes: owner is odd while one client is replaced by another, and is
 * another number after that; each number stands for itself.
 */
struct limit_client {
	_Alignas(64) uint64_t prefix; /* as in struct limit_address */
	int64_t first_ns;
	int64_t last_ns;
	int64_t full_ns; /* its bucket is full at this time */
	int64_t kiss_ns; /* when it was told last; 0: never */
	uint64_t answered;
	uint64_t dropped; /* over its rate or denied, kisses included */
	_Atomic uint32_t owner;
	uint16_t kisses; /* at most UINT16_MAX */
	uint8_t family;	 /* enum limit_family; 0: there is no client */
	uint8_t reserved;
};

/* Where the clients of a set are, by a part of their hash: one cache line. */
struct limit_set {
	_Alignas(64) uint32_t tag[LIMIT_WAYS]; /* 0: free */
	uint32_t seen[LIMIT_WAYS]; /* about seconds; LIMIT_IS_KNOWN */
};

struct limit_address {
	uint64_t prefix; /* host order */
	enum limit_family family;
	uint64_t hash; /* see limit_expect() */
};

/* One request each interval, and burst of them at once. */
struct limit_rate {
	int64_t interval_ns; /* 0: no limit */
	uint32_t burst;
};

struct limit {
	struct siphash_key key;
	struct limit_rate rate;
	struct limit_client *clients; /* LIMIT_CLIENTS */
	struct limit_set *sets;	      /* LIMIT_SETS */
};

enum limit_verdict {
	LIMIT_ANSWER,
	LIMIT_LEAK, /* over its rate, and answered all the same */
	LIMIT_DROP,
	LIMIT_KISS /* to be told: RATE (RFC 5905 section 7.4) */
};

/*
 * Begin without a rate.  The memory, LIMIT_CLIENTS and LIMIT_SETS long, must be
 * all zero, is not touched here, and stays the caller's; key is random and
 * secret.
 */
void limit_init(struct limit *l, struct siphash_key key,
    struct limit_client *clients, struct limit_set *sets);

/* True if there is no limit, or one within the ranges above, burst from 1. */
bool limit_rate_ok(const struct limit_rate *rate);

/* Another rate, which is ok; the clients stay. */
void limit_set_rate(struct limit *l, const struct limit_rate *rate);

/*
 * Compute who->hash of the address, before all else, and have the client's
 * place in the table on its way from memory.  Other tables may use the hash.
 */
void limit_expect(const struct limit *l, struct limit_address *who);

/* For the speed of many at once, after that: the same for the record. */
void limit_expect_record(
    const struct limit *l, const struct limit_address *who);

/*
 * Has this client, which was expected, come again after LIMIT_KNOWN_NS?  That
 * proves nothing of one request, but of a flood from many forged addresses
 * hardly any is known.  It changes nothing; now_ns as for limit_judge().
 */
bool limit_is_known(
    const struct limit *l, const struct limit_address *who, int64_t now_ns);

/*
 * A request at a time (monotonic, over 0, under 2^60 ns) of a client that was
 * expected; random has 16 bits at least that clients cannot foresee.  The request
 * goes into the client's record.
 *
 * A forger may use up what his victim may ask: one in 8 of the requests over
 * the rate is answered all the same.  One in 16 of the others is a kiss, if
 * none was sent for a while.  A client that asks more slowly than the rate is
 * always answered.
 */
enum limit_verdict limit_judge(struct limit *l, const struct limit_address *who,
    int64_t now_ns, uint64_t random);

/*
 * The same of a client that is denied, and is to be told so no more often than
 * another is answered: LIMIT_KISS or LIMIT_DROP.  In its record nothing is
 * answered.
 */
enum limit_verdict limit_deny(struct limit *l, const struct limit_address *who,
    int64_t now_ns, uint64_t random);

#endif
