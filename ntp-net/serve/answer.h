/*
 * Answer the requests that wait on one socket of ntp-serve, in batches.
 */
#ifndef SERVE_ANSWER_H
#define SERVE_ANSWER_H

#include "common/clock.h"
#include "common/counts.h"
#include "common/keyring.h"
#include "common/page.h"
#include "core/serve/serve.h"
#include "core/serve/xleave.h"
#include "ntp-net/serve/admission.h"
#include "ntp-net/serve/batch.h"
#include "ntp-net/serve/txstamp.h"

/* Transmit timestamps kept for interleaved mode: 2 MiB. */
#define ANSWER_XLEAVE_SETS 32768

struct answer_socket {
	int fd;
	union address own; /* the address that it is bound to */
	struct counts_socket *counts;
	int64_t watched_ns; /* raw time of the last look at its queue */
	struct txstamp_socket txstamp;
};

/* Everything that one ntp-serve keeps to answer requests. */
struct answerer {
	const struct page *page; /* NULL: none yet */
	struct timeline timeline;
	int8_t precision_log2;
	struct serve_head head; /* header of the last answers */
	struct txstamp txstamp;
	/*
	 * Until this raw time most unknown clients get no answer, because there
	 * is more traffic than can be answered.  0: there never was.
	 */
	int64_t shed_until_ns;
	struct admission admission;
	struct keyring keys;
	struct xleave_store xleave_store;
	struct xleave_set sets[ANSWER_XLEAVE_SETS];
	struct batch batch;
};

/*
 * Initialize; the memory must be all zero.  There is no page yet.  clients has
 * LIMIT_CLIENTS entries, all zero, and stays the caller's.
 */
void answer_init(struct answerer *a, const struct admission_secrets *secrets,
    struct limit_client *clients);

/*
 * Prepare a bound UDP socket, whose counters are c: turn on arrival timestamps,
 * and destination addresses if it is bound to more than one address.  Returns
 * 0, or -1 with errno; fd and c stay the caller's.
 */
MUST_CHECK int answer_prepare(
    struct answer_socket *s, struct counts *c, int fd);

/*
 * Answer the requests that wait on the socket, at most a few hundred, so that
 * one socket cannot block another.  Never waits.  A request that cannot be
 * answered is dropped silently.  Under overload, most unknown clients get no
 * answer.
 */
void answer_waiting(struct answerer *a, struct answer_socket *s);

#endif
