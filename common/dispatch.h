/*
 * How a child handles the messages that it receives: by a table with a function
 * for each type.
 */
#ifndef COMMON_DISPATCH_H
#define COMMON_DISPATCH_H

#include "common/msg.h"

/* A message, and the descriptor that came with it, or -1. */
struct received {
	union msg m;
	int fd;
	struct channel *channel; /* the handler's */
};

/*
 * Returns -1 if the values are invalid, which closes the channel, else 0.
 * messages.def says who may send a message.  A handler need not check the
 * sender of a type that only one program can send.
 */
struct handler {
	int (*take)(struct received *r);
	struct channel *channel; /* for dispatch_peer() */
};

/*
 * Call the handler for a message.  MSG_LEVEL, which every child receives, is
 * handled here.  Returns what the handler returns, or -1 if there is none.
 */
MUST_CHECK int dispatch(
    const struct handler table[MSG_COUNT], struct received *r);

/*
 * Receive a message, if one is waiting, and dispatch it.  Returns MSG_BAD if
 * dispatching fails.
 */
MUST_CHECK enum msg_result dispatch_next(
    struct channel *ch, const struct handler table[MSG_COUNT]);

/*
 * Handle every message that ntpd has sent.  Exits with 0 if ntpd is gone, and
 * with 1 if it sent something invalid.
 */
void dispatch_all(
    struct channel *parent, const struct handler table[MSG_COUNT]);

/* Handler for a message that carries nothing but its type. */
int dispatch_nothing(struct received *r);

/*
 * Handlers for MSG_PEER: the descriptor is a new channel to the program at the
 * other end of the handler's channel, or of ch, and replaces it.  Both return
 * -1 if it leads to another program.
 */
MUST_CHECK int dispatch_peer(struct received *r);
MUST_CHECK int dispatch_renew(struct channel *ch, const struct received *r);

#endif
