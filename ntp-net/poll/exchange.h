/*
 * Queries on the wire: for each a fresh UDP socket with a random port (RFC
 * 9109), connected, so that the kernel refuses what comes from elsewhere; the
 * kernel's own timestamps of sending and receiving, moved onto the raw time
 * line.
 */
#ifndef POLL_EXCHANGE_H
#define POLL_EXCHANGE_H

#include "ntp-net/poll/clocks.h"
#include "ntp-net/poll/table.h"

#define DATAGRAM_MAX 1280 /* longer is no answer to anything that we ask */

/* Read both clocks into c->pair; returns its raw time. */
struct mono clocks_read(struct clocks *c);

/*
 * A kernel timestamp of CLOCK_REALTIME on the raw time line, by a pair that
 * was read after it.  Returns false where it is later than the pair or a
 * second and more earlier: the clock was stepped in between.
 */
MUST_CHECK bool exchange_stamp_raw(
    const struct clock_pair *pair, int64_t stamp_ns, struct mono *at);

/* Unpredictable bits from the kernel; without them the program ends. */
uint32_t exchange_random32(struct recorder *r);
uint64_t exchange_random_nonce(struct recorder *r); /* never 0 */

/*
 * Keep an idle socket that asks for timestamps: the kernel turns them on with
 * some delay for the first one, and off with the last.
 */
void exchange_keep_stamps(void);

/*
 * Where a query could not leave the machine: could it now?  Nothing is sent.
 * If so, all that do not answer are asked soon.
 */
void exchange_probe(struct table *t, struct mono now);

/* What an error of the network means, for people; never NULL. */
const char *exchange_error_str(int error);

/*
 * The timer of a slot's source is due: send a query, or give one up.  Errors
 * of the network are as if there was no answer.
 */
void exchange_timer(struct table *t, struct slot *s, struct clocks *c);

/*
 * Something waits on a slot's socket: take the transmit timestamp, then the
 * datagrams.  With quiet, around a leap second, datagrams are thrown away.
 * Sets s->fresh if the estimate has changed.
 */
void exchange_readable(
    const struct table *t, struct slot *s, struct clocks *c, bool quiet);

#endif
