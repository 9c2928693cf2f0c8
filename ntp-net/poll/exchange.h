/*
 * Queries on the network.  Each one uses a new UDP socket with a random port
 * (RFC 9109).  The socket is connected, so that the kernel refuses packets from
 * other addresses.  The kernel takes the timestamps of sending and receiving;
 * they are converted to raw time.
 */
#ifndef POLL_EXCHANGE_H
#define POLL_EXCHANGE_H

#include "ntp-net/poll/clocks.h"
#include "ntp-net/poll/table.h"

#define DATAGRAM_MAX 1280 /* no answer to our queries is longer */

/* Read both clocks into c->pair; returns its raw time. */
struct mono clocks_read(struct clocks *c);

/*
 * Convert a kernel timestamp of CLOCK_REALTIME to raw time, using a pair that
 * was read after it.  Returns false if the timestamp is later than the pair, or
 * earlier by a second or more: then the clock was stepped in between.
 */
MUST_CHECK bool exchange_stamp_raw(
    const struct clock_pair *pair, int64_t stamp_ns, struct mono *at);

/* Unpredictable bits from the kernel.  If there are none, the program exits. */
uint32_t exchange_random32(struct recorder *r);
uint64_t exchange_random_nonce(struct recorder *r); /* never 0 */

/*
 * Keep an idle socket with timestamps enabled.  The kernel enables timestamping
 * with a delay at the first such socket, and disables it with the last.
 */
void exchange_keep_stamps(void);

/*
 * If queries could not leave the machine: could they now?  Nothing is sent.  If
 * so, all sources that do not answer are asked soon.
 */
void exchange_probe(struct table *t, struct mono now);

/* The meaning of a network error, for people; never NULL. */
const char *exchange_error_str(int error);

/*
 * The timer of a slot's source has expired: send a query, or give one up.  A
 * network error counts as a missing answer.
 */
void exchange_timer(struct table *t, struct slot *s, struct clocks *c);

/*
 * A slot's socket is readable: take the transmit timestamp, then the datagrams.
 * If quiet is set, around a leap second, datagrams are discarded.  Sets
 * s->fresh if the estimate has changed.
 */
void exchange_readable(
    const struct table *t, struct slot *s, struct clocks *c, bool quiet);

#endif
