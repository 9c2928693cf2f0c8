/*
 * Which requests are answered: the access list and the rate limit of ntp-serve,
 * and its record of clients.
 */
#ifndef SERVE_ADMISSION_H
#define SERVE_ADMISSION_H

#include <sys/socket.h>

#include "common/msg.h"
#include "core/serve/access.h"
#include "core/serve/limit.h"
#include "ntp-net/serve/draw.h"

enum admission_verdict {
	ADMISSION_ANSWER,
	ADMISSION_DROP,
	ADMISSION_KISS_DENY,
	ADMISSION_KISS_RATE
};

/* Requests by outcome. */
struct admission_counts {
	uint64_t answered; /* includes leaked */
	uint64_t leaked;   /* answered although over the rate */
	uint64_t denied;   /* includes kisses */
	uint64_t denied_kissed;
	uint64_t limited; /* includes kisses */
	uint64_t limited_kissed;
};

struct admission {
	struct access access;
	struct limit limit;
	struct admission_counts counts;
	struct draw draw;
	struct limit_set sets[LIMIT_SETS];
};

/* Both must be random and secret. */
struct admission_secrets {
	struct siphash_key clients; /* hash key of the clients' places */
	uint8_t draws[DRAW_KEY_LEN];
};

/*
 * Initialize; the memory must be all zero.  Nobody is denied or limited.
 * clients has LIMIT_CLIENTS entries, all zero, and stays the caller's.
 */
void admission_init(struct admission *g,
    const struct admission_secrets *secrets, struct limit_client *clients);

/* Use other memory for the records, all zero: every client is new. */
void admission_clients(struct admission *g, struct limit_client *clients);

/*
 * Read a new access list of count struct msg_prefix from the beginning of a
 * file, which stays the caller's.  Returns 0, or -1 with errno (EINVAL: not a
 * valid list); the previous list then stays in force.
 */
MUST_CHECK int admission_prefixes(struct admission *g, int fd, uint32_t count);

/*
 * Set the rate per client.  Returns 0, or -1 if limit_rate_ok() does not accept
 * it; nothing is changed then.
 */
MUST_CHECK int admission_rate(
    struct admission *g, const struct limit_rate *rate);

/* The client, and what the access list says of its address. */
struct admission_client {
	struct limit_address who;
	enum access_verdict listed;
};

/*
 * Find the client of an address.  Prefetches what admission_judge() needs
 * first, its place; limit_prefetch_record() prefetches the record.
 */
struct admission_client admission_client(
    const struct admission *g, const struct sockaddr *from);

/*
 * Judge and count a request that would be answered.  now_ns is monotonic and
 * positive; random is admission_random() or better.  A client that is denied
 * without a kiss has no record.  A DENY kiss counts as an answer in the
 * client's record.
 */
enum admission_verdict admission_judge(struct admission *g,
    const struct admission_client *client, int64_t now_ns, uint64_t random);

/* 16 random bits.  Knowing all earlier ones does not predict them. */
uint64_t admission_random(struct admission *g);

#endif
