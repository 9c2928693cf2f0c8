/* Closing a socket that may have an unwanted descriptor in its queue. */
#ifndef NTPD_LETGO_H
#define NTPD_LETGO_H

#include <sys/types.h>

#include <stddef.h>

#include "common/msg.h"

#define LETGO_MAX 32

/* Processes that end for this purpose; 0: none. */
struct letgo {
	pid_t pids[LETGO_MAX];
};

/*
 * Close the channel, if it is open, without waiting; its fd is then -1.  If no
 * process can be forked for it, the descriptor stays open.
 */
void letgo_channel(struct letgo *l, struct channel *ch);

/* Close n such sockets, guarded or not; -1 entries are skipped. */
void letgo_sockets(struct letgo *l, const int *fds, size_t n, bool guarded);

/* A process has ended: possibly one of these. */
void letgo_reap(struct letgo *l, pid_t pid);

/* The number of them that have not ended yet. */
size_t letgo_left(const struct letgo *l);

#endif
