/*
 * Closing a socket in whose queue a descriptor may wait that nobody asked for.
 */
#ifndef NTPD_LETGO_H
#define NTPD_LETGO_H

#include <sys/types.h>

#include <stddef.h>

#include "common/msg.h"

#define LETGO_MAX 32

/* The processes that end for it; 0: none. */
struct letgo {
	pid_t pids[LETGO_MAX];
};

/*
 * Close the channel, if it is open, without a wait; afterwards its fd is -1.
 * Where no process can be had for it the descriptor stays open.
 */
void letgo_channel(struct letgo *l, struct channel *ch);

/* Close n such sockets, -1 being none, guarded or not. */
void letgo_sockets(struct letgo *l, const int *fds, size_t n, bool guarded);

/* A process has ended: perhaps one of these. */
void letgo_reap(struct letgo *l, pid_t pid);

/* How many of them have not come to their end yet. */
size_t letgo_left(const struct letgo *l);

#endif
