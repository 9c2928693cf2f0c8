/*
 * What a child does with the messages that it receives: it has a table with a
 * function for each type that it knows.
 */
#ifndef COMMON_DISPATCH_H
#define COMMON_DISPATCH_H

#include "common/msg.h"

/* A message, and the descriptor that came with it, or -1. */
struct received {
	union msg m;
	int fd;
	struct channel *channel; /* of the handler */
};

/*
 * The function returns -1 if the values may not be so, which ends the channel,
 * else 0.  From whom the message may come is in messages.def: of a type that
 * comes from one other program only it need not be looked at.
 */
struct handler {
	int (*take)(struct received *r);
	struct channel *channel; /* for dispatch_peer() */
};

/*
 * Call the function for it; MSG_LEVEL, which comes to every child, is dealt with
 * here.  Returns what the function does, or -1 where there is none.
 */
MUST_CHECK int dispatch(
    const struct handler table[MSG_COUNT], struct received *r);

/* Receive a message, if there is one, and dispatch it; MSG_BAD where that fails. */
MUST_CHECK enum msg_result dispatch_next(
    struct channel *ch, const struct handler table[MSG_COUNT]);

/*
 * Everything that ntpd has said.  Ends the process with 0 if ntpd is gone, and
 * with 1 if it said what may not be.
 */
void dispatch_all(
    struct channel *parent, const struct handler table[MSG_COUNT]);

/* For a message that says nothing besides that it came. */
int dispatch_nothing(struct received *r);

/*
 * For MSG_PEER: what came is a new channel to the program at the other end of
 * the handler's, or of ch, and replaces that.  Returns -1 if it is one to
 * another program.
 */
MUST_CHECK int dispatch_peer(struct received *r);
MUST_CHECK int dispatch_renew(struct channel *ch, const struct received *r);

#endif
