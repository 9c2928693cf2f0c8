/*
 * Rate limits: how often each client of a server has asked, and whether that is
 * more than it may.  A client is an IPv4 address, or the /64 of an IPv6
 * address; on a link, where all share one /64, the interface.
 *
 * The table has a fixed size.  It is divided into sets of LIMIT_WAYS, and a
 * keyed hash chooses the set of a client, so that nobody can aim at one.  In
 * each set, up to LIMIT_KEPT places are kept for known clients, which came
 * again.  New clients compete for the others, so that no number of forged
 * addresses evicts a known client.  A client that is not in the table is new,
 * and is answered.
 *
 * Run by ntp-serve.  Pure: time, key and random bits are arguments, memory is
 * the caller's.
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

/* A client is known if it comes again after this time, ... */
#define LIMIT_KNOWN_NS (2 * NS_PER_S)

/* ... until it has stayed away for this time. */
#define LIMIT_FORGET_NS (INT64_C(3) * 3600 * NS_PER_S)

/* A client gets at most one kiss in this time. */
#define LIMIT_KISS_NS (16 * NS_PER_S)

#define LIMIT_BURST_MAX	   10000
#define LIMIT_INTERVAL_MIN INT64_C(1000)
#define LIMIT_INTERVAL_MAX (86400 * NS_PER_S)

/* What identifies a client. */
enum limit_family {
	LIMIT_IPV4 = 4,	     /* the address */
	LIMIT_IPV6 = 6,	     /* the upper half of the address */
	LIMIT_LINK_LOCAL = 7 /* the lower half of an IPv6 address of a link */
};

/*
 * The record of a client, one cache line.  Another process may read it while it
 * changes.  owner is odd while one client replaces another, and has a new value
 * afterwards.  Each member is valid on its own.
 */
struct limit_client {
	_Alignas(64) uint64_t prefix; /* as in struct limit_address */
	int64_t first_ns;
	int64_t last_ns;
	int64_t full_ns; /* when its bucket is full */
	int64_t kiss_ns; /* of the last kiss; 0: never */
	uint64_t answered;
	uint64_t dropped; /* over its rate or denied, with kisses */
	_Atomic uint32_t owner;
	uint16_t kisses; /* at most UINT16_MAX */
	uint8_t family;	 /* enum limit_family; 0: no client */
	uint8_t reserved;
};

/* Where the clients of a set are, by a part of their hash: one cache line. */
struct limit_set {
	_Alignas(64) uint32_t tag[LIMIT_WAYS]; /* 0: free */
	uint32_t seen[LIMIT_WAYS]; /* in ticks of about 1 s; LIMIT_IS_KNOWN */
};

struct limit_address {
	uint64_t prefix; /* host order */
	enum limit_family family;
	uint64_t hash; /* see limit_prefetch() */
};

/* One request per interval, and bursts of this size. */
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
	LIMIT_LEAK, /* over its rate, but answered */
	LIMIT_DROP,
	LIMIT_KISS /* answer with a RATE kiss (RFC 5905 section 7.4) */
};

/*
 * Start without a limit.  The arrays, LIMIT_CLIENTS and LIMIT_SETS long, must
 * be all zero.  They are not touched here, and stay the caller's.  key is
 * random and secret.
 */
void limit_init(struct limit *l, struct siphash_key key,
    struct limit_client *clients, struct limit_set *sets);

/*
 * True if there is no limit, or one in the ranges above, with burst at least 1.
 */
bool limit_rate_ok(const struct limit_rate *rate);

/* Set another rate, which must be ok; the clients stay. */
void limit_set_rate(struct limit *l, const struct limit_rate *rate);

/*
 * Compute who->hash from the address and prefetch the client's place in the
 * table.  This must be the first call for a client.  Other tables may use the
 * hash.
 */
void limit_prefetch(const struct limit *l, struct limit_address *who);

/*
 * Prefetch the client's record, too, to handle many requests fast; call it
 * after limit_prefetch().
 */
void limit_prefetch_record(
    const struct limit *l, const struct limit_address *who);

/*
 * After limit_prefetch(): is the client known, i.e. has it come again after
 * LIMIT_KNOWN_NS?  That proves nothing about a single request, but hardly any
 * of a flood from many forged addresses is known.  Changes nothing.  now_ns as
 * in limit_judge().
 */
bool limit_is_known(
    const struct limit *l, const struct limit_address *who, int64_t now_ns);

/*
 * After limit_prefetch(): count a request and decide.  now_ns is monotonic,
 * above 0 and below 2^60.  random has at least 16 bits that clients cannot
 * predict.  The request goes into the client's record.
 *
 * A forger may use up what his victim may ask, so one in 8 of the requests over
 * the rate is answered nevertheless.  One in 16 of the others gets a kiss, if
 * none was sent for LIMIT_KISS_NS.  A client that asks more slowly than the
 * rate is always answered.
 */
enum limit_verdict limit_judge(struct limit *l, const struct limit_address *who,
    int64_t now_ns, uint64_t random);

/*
 * The same for a denied client: LIMIT_KISS or LIMIT_DROP.  It gets a kiss no
 * more often than another client is answered.  Its record counts no answers.
 */
enum limit_verdict limit_deny(struct limit *l, const struct limit_address *who,
    int64_t now_ns, uint64_t random);

#endif
