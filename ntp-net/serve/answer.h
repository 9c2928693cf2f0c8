/*
 * One socket of ntp-serve: receiving requests with the moment of their
 * arrival, and answering from the address that was asked.
 */
#ifndef SERVE_ANSWER_H
#define SERVE_ANSWER_H

#include "clock.h"
#include "keyring.h"
#include "serve.h"

struct answer_socket {
	int fd;
	uint16_t port; /* its own, host order */
};

/* What is the same for all requests that are answered in one go. */
struct answer_time {
	struct serve_state state; /* serve_state_ok() */
	struct clock_pair pair;	  /* read just before */
	struct wall utc;	  /* the served time at pair.raw_ns */
	struct timeline *timeline;
	const struct keyring *keys;
	int8_t precision_log2;
};

/*
 * Take a bound UDP socket into use: have it tell arrival times and
 * destination addresses.  Returns 0, or -1 with errno; fd stays the caller's.
 */
MUST_CHECK int answer_prepare(struct answer_socket *s, int fd);

/*
 * Answer what waits on the socket, up to a few dozen requests, so that one
 * socket cannot hold up another.  Never waits; a request that cannot be
 * answered is dropped without a word.
 */
void answer_waiting(const struct answer_socket *s, const struct answer_time *t);

#endif
