/*
 * Which requests are answered: the access list and the rate limit of ntp-serve,
 * and its record of clients.
 */
#ifndef SERVE_GATE_H
#define SERVE_GATE_H

#include <sys/socket.h>

#include "common/msg.h"
#include "core/serve/access.h"
#include "core/serve/limit.h"
#include "ntp-net/serve/draw.h"

enum gate_verdict { GATE_ANSWER, GATE_DROP, GATE_KISS_DENY, GATE_KISS_RATE };

/* Requests by outcome. */
struct gate_counts {
	uint64_t answered; /* includes leaked */
	uint64_t leaked;   /* answered although over the rate */
	uint64_t denied;   /* includes kisses */
	uint64_t denied_kissed;
	uint64_t limited; /* includes kisses */
	uint64_t limited_kissed;
};

struct gate {
	struct access access;
	struct limit limit;
	struct gate_counts counts;
	struct draw draw;
	struct limit_set sets[LIMIT_SETS];
};

/* Both must be random and secret. */
struct gate_secrets {
	struct siphash_key clients; /* hash key of the clients' places */
	uint8_t draws[DRAW_KEY_LEN];
};

/*
 * Initialize; the memory must be all zero.  Nobody is denied or limited.
 * clients has LIMIT_CLIENTS entries, all zero, and stays the caller's.
 */
void gate_init(struct gate *g, const struct gate_secrets *secrets,
    struct limit_client *clients);

/* Use other memory for the records, all zero: every client is new. */
void gate_clients(struct gate *g, struct limit_client *clients);

/*
 * Read a new access list of count struct msg_prefix from the beginning of a
 * file, which stays the caller's.  Returns 0, or -1 with errno (EINVAL: not a
 * valid list); the previous list then stays in force.
 */
MUST_CHECK int gate_prefixes(struct gate *g, int fd, uint32_t count);

/*
 * Set the rate per client.  Returns 0, or -1 if limit_rate_ok() does not accept
 * it; nothing is changed then.
 */
MUST_CHECK int gate_rate(struct gate *g, const struct limit_rate *rate);

/* The client, and what the access list says of its address. */
struct gate_client {
	struct limit_address who;
	enum access_verdict listed;
};

/*
 * Find the client of an address.  Prefetches what gate_judge() needs first, its
 * place; limit_expect_record() prefetches the record.
 */
struct gate_client gate_client(
    const struct gate *g, const struct sockaddr *from);

/*
 * Judge and count a request that would be answered.  now_ns is monotonic and
 * positive; random is gate_random() or better.  A client that is denied without
 * a kiss has no record.  A DENY kiss counts as an answer in the client's
 * record.
 */
enum gate_verdict gate_judge(struct gate *g, const struct gate_client *client,
    int64_t now_ns, uint64_t random);

/* 16 random bits.  Knowing all earlier ones does not predict them. */
uint64_t gate_random(struct gate *g);

#endif
