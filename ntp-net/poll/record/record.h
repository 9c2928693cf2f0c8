/*
 * Records what ntp-net received and decided: one call at each place where it
 * happens.  Given the same input, the same program makes the same decisions
 * again (tests/sim), so an incident can be analyzed from facts.  If nothing is
 * recorded r is NULL, and each call returns at once.
 */
#ifndef POLL_RECORD_H
#define POLL_RECORD_H

#include <poll.h>

#include "ntp-net/poll/net.h"
#include "ntp-net/poll/record/writer.h"

/* Initialize to zeros, and set files. */
struct recorder {
	struct writer_files files; /* given by ntpd */
	struct net *net;	   /* NULL: nothing is recorded */
	struct writer writer;
	struct item item; /* the item being made */
};

/*
 * Call before any other input.  If there are files, n->clocks and n->table keep
 * a pointer to the recorder from now on.
 */
void record_begin(struct recorder *r, struct net *n);

/* Call at the start of each turn of the loop. */
void record_turn(struct recorder *r);

/* --- what was received ---------------------------------------------------- */

void record_clock(struct recorder *r, const struct clock_pair *pair);

/* 4 or 8 random bytes. */
void record_random(struct recorder *r, const void *bits, size_t len);

/* ready: the result of ppoll(2). */
void record_wait(
    struct recorder *r, int ready, const struct pollfd *pfds, nfds_t count);

/* The result of reading a channel; m is valid if it is MSG_GOT. */
void record_message(struct recorder *r, const struct channel *ch,
    enum msg_result result, const union msg *m);

/* A query's socket, its local address, and the sending; error 0: none. */
void record_open(struct recorder *r, const struct slot *s, int error);
void record_local(struct recorder *r, const struct msg_addr *local);
void record_sent(struct recorder *r, int error);

/* The kernel's time of sending, if it was available. */
void record_stamp(struct recorder *r, bool waited, int64_t stamp_ns);

/* got is from take_datagram(); the other arguments are valid if it is 1. */
void record_datagram(struct recorder *r, const struct slot *s, int got,
    const uint8_t *buf, size_t len, int64_t stamp_ns);

/* The result of checking the last datagram's MAC, if there is a key. */
void record_auth(struct recorder *r, enum auth_result auth);

/* --- what was decided ----------------------------------------------------- */

/* The verdict on the last datagram. */
void record_answer(
    struct recorder *r, const struct slot *s, enum verdict verdict);

/* Call msg_send() for a message that contains a decision. */
MUST_CHECK int record_send(
    struct recorder *r, struct channel *ch, enum msg_type type, void *msg);

/* The agreement of the sources, and the state of each. */
void record_decision(struct recorder *r, const struct net *n);

#endif
