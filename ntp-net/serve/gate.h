/*
 * Who of those that ask gets an answer: the access list and the rate limit of
 * ntp-serve, and the record of its clients.
 */
#ifndef SERVE_GATE_H
#define SERVE_GATE_H

#include <sys/socket.h>

#include "common/msg.h"
#include "core/serve/access.h"
#include "core/serve/limit.h"
#include "ntp-net/serve/draw.h"

enum gate_verdict { GATE_ANSWER, GATE_DROP, GATE_KISS_DENY, GATE_KISS_RATE };

/* Requests by what became of them. */
struct gate_counts {
	uint64_t answered; /* leaks included */
	uint64_t leaked;   /* over their rate */
	uint64_t denied;   /* kisses included */
	uint64_t denied_kissed;
	uint64_t limited; /* kisses included */
	uint64_t limited_kissed;
};

struct gate {
	struct access access;
	struct limit limit;
	struct gate_counts counts;
	struct draw draw;
	struct limit_set sets[LIMIT_SETS];
};

/* Random and secret. */
struct gate_secrets {
	struct siphash_key clients; /* where a client's record lies */
	uint8_t draws[DRAW_KEY_LEN];
};

/*
 * Begin in memory that is all zero: nobody is denied or limited.  clients,
 * LIMIT_CLIENTS long and all zero, stays the caller's.
 */
void gate_init(struct gate *g, const struct gate_secrets *secrets,
    struct limit_client *clients);

/* Records in other memory from now on, all zero too: every client is new. */
void gate_clients(struct gate *g, struct limit_client *clients);

/*
 * Read a new access list of so many struct msg_prefix from the beginning of a
 * file, which stays the caller's.  Returns 0, or -1 with errno (EINVAL: it is
 * no such list): the list before it then stays in force.
 */
MUST_CHECK int gate_prefixes(struct gate *g, int fd, uint32_t count);

/*
 * Another rate for each client.  Returns 0, or -1 if it is none that
 * limit_rate_ok() accepts: nothing is then changed.
 */
MUST_CHECK int gate_rate(struct gate *g, const struct limit_rate *rate);

/* Who asks, and what the list says of the address. */
struct gate_client {
	struct limit_address who;
	enum access_verdict listed;
};

/*
 * Who asks from an address.  What gate_judge() will need is on its way from
 * memory then: the place, and with limit_expect_record() the record.
 */
struct gate_client gate_client(
    const struct gate *g, const struct sockaddr *from);

/*
 * Judge a client's request that would be answered, at a monotonic time over 0,
 * and count it.  random is gate_random() or better.
 * Who is denied without a kiss has no record; kisses DENY count as answers in
 * the record of the client.
 */
enum gate_verdict gate_judge(struct gate *g, const struct gate_client *client,
    int64_t now_ns, uint64_t random);

/* 16 random bits, which nobody can foresee who knows all that came before. */
uint64_t gate_random(struct gate *g);

#endif
