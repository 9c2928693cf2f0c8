/*
 * Answering what waits on one socket of ntp-serve, in batches.
 */
#ifndef SERVE_ANSWER_H
#define SERVE_ANSWER_H

#include "batch.h"
#include "clock.h"
#include "departure.h"
#include "gate.h"
#include "keyring.h"
#include "page.h"
#include "serve.h"

/* Saved timestamps for interleaved mode: 2 MiB. */
#define ANSWER_DEPARTURE_SETS 16384

struct answer_socket {
	int fd;
	union address own; /* bound to */
};

/* All that one ntp-serve keeps for answering. */
struct answerer {
	const struct page *page; /* NULL: none yet */
	struct timeline timeline;
	int8_t precision_log2;
	int64_t send_ns; /* what sending one answer takes, learned */
	struct gate gate;
	struct keyring keys;
	struct departures departures;
	struct departure_set sets[ANSWER_DEPARTURE_SETS];
	struct batch batch;
};

/*
 * Begin in memory that is all zero, without a page.  key is random and secret;
 * clients is LIMIT_CLIENTS long, all zero, and stays the caller's.
 */
void answer_init(
    struct answerer *a, struct siphash_key key, struct limit_client *clients);

/*
 * Take a bound UDP socket into use: have it tell arrival times, and destination
 * addresses if it is bound to more than one.  Returns 0, or -1 with errno; fd
 * stays the caller's.
 */
MUST_CHECK int answer_prepare(struct answer_socket *s, int fd);

/*
 * Answer what waits on the socket, a few hundred requests at most, so that one
 * socket cannot hold up another.  Never waits; a request that cannot be
 * answered is dropped without a word.
 */
void answer_waiting(struct answerer *a, const struct answer_socket *s);

#endif
