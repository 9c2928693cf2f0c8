/*
 * What ntp-net saw and decided goes into a recording, from the places where it
 * happens: one call for each.  From the same things seen the same program
 * decides the same again (tests/sim), so that an incident can be argued from
 * facts.  Where nothing is recorded r is NULL, and each of these returns at once.
 */
#ifndef POLL_RECORD_H
#define POLL_RECORD_H

#include <poll.h>

#include "ntp-net/poll/net.h"
#include "ntp-net/poll/record/tape.h"

/* Start from zeros; files is for who begins. */
struct recorder {
	struct tape_files files; /* that ntpd has given */
	struct net *net;	 /* NULL: nothing is recorded */
	struct tape tape;
	struct item item; /* the one that is being made */
};

/*
 * Before anything else is seen.  Where there are files, n->clocks and n->table
 * know the recorder from now on: both are kept.
 */
void record_begin(struct recorder *r, struct net *n);

/* At the begin of each turn of the loop. */
void record_turn(struct recorder *r);

/* --- what was seen -------------------------------------------------------- */

void record_clock(struct recorder *r, const struct clock_pair *pair);

/* 4 or 8 random bytes. */
void record_random(struct recorder *r, const void *bits, size_t len);

/* ready: what ppoll(2) returned. */
void record_wait(
    struct recorder *r, int ready, const struct pollfd *pfds, nfds_t count);

/* The result of reading a channel; m counts where that is MSG_GOT. */
void record_message(struct recorder *r, const struct channel *ch,
    enum msg_result result, const union msg *m);

/* A socket for a query, our address on it, and the query; error 0: none. */
void record_open(struct recorder *r, const struct slot *s, int error);
void record_local(struct recorder *r, const struct msg_addr *local);
void record_sent(struct recorder *r, int error);

/* The time of sending by the kernel, if that was waiting. */
void record_stamp(struct recorder *r, bool waited, int64_t stamp_ns);

/* got as from take_datagram(); the rest counts where it is 1. */
void record_datagram(struct recorder *r, const struct slot *s, int got,
    const uint8_t *buf, size_t len, int64_t stamp_ns);

/* What the MAC of the last datagram is worth, where there is a key. */
void record_auth(struct recorder *r, enum auth_result auth);

/* --- what was decided ----------------------------------------------------- */

/* What was made of the last datagram. */
void record_answer(
    struct recorder *r, const struct slot *s, enum verdict verdict);

/* msg_send() of a message in which there is a decision. */
MUST_CHECK int record_send(
    struct recorder *r, struct channel *ch, enum msg_type type, void *msg);

/* What the sources agree on, and the state of each. */
void record_decision(struct recorder *r, const struct net *n);

#endif
