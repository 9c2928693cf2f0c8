/*
 * Answering what waits on one socket of ntp-serve, in batches.
 */
#ifndef SERVE_ANSWER_H
#define SERVE_ANSWER_H

#include "common/clock.h"
#include "common/counts.h"
#include "common/keyring.h"
#include "common/page.h"
#include "core/serve/departure.h"
#include "core/serve/serve.h"
#include "ntp-net/serve/batch.h"
#include "ntp-net/serve/gate.h"
#include "ntp-net/serve/leaving.h"

/* Saved timestamps for interleaved mode: 2 MiB. */
#define ANSWER_DEPARTURE_SETS 32768

struct answer_socket {
	int fd;
	union address own; /* bound to */
	struct counts_socket *counts;
	int64_t watched_ns; /* raw time at which its queue was looked at */
	struct leaving_socket leaving;
};

/* All that one ntp-serve keeps for answering. */
struct answerer {
	const struct page *page; /* NULL: none yet */
	struct timeline timeline;
	int8_t precision_log2;
	struct serve_head head; /* of the last answers */
	struct leaving leaving;
	/*
	 * Until this raw time most strangers are not answered, since more comes
	 * than can be.  0: it never did.
	 */
	int64_t shed_until_ns;
	struct gate gate;
	struct keyring keys;
	struct departures departures;
	struct departure_set sets[ANSWER_DEPARTURE_SETS];
	struct batch batch;
};

/*
 * Begin in memory that is all zero, without a page.
 * clients is LIMIT_CLIENTS long, all zero, and stays the caller's.
 */
void answer_init(struct answerer *a, const struct gate_secrets *secrets,
    struct limit_client *clients);

/*
 * Take a bound UDP socket into use, to be counted in c: have it tell arrival
 * times, and destination addresses if it is bound to more than one.  Returns 0,
 * or -1 with errno; fd and c stay the caller's.
 */
MUST_CHECK int answer_prepare(
    struct answer_socket *s, struct counts *c, int fd);

/*
 * Answer what waits on the socket, a few hundred requests at most, so that one
 * socket cannot hold up another.  Never waits; a request that cannot be
 * answered is dropped without a word.  Where more comes than can be answered,
 * most of those who have not come before go without.
 */
void answer_waiting(struct answerer *a, struct answer_socket *s);

#endif
