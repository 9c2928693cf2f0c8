/*
 * What ntp-serve counts, and where it does; the messages that tell of it are in
 * msg_counts.h.
 *
 * For each ntp-serve ntpd makes a file in memory of a fixed size, which lives
 * as long as ntpd does.  ntp-serve maps it, and counts there without a system
 * call; ntp-observe reads it.  It begins with a place for each socket; after
 * these are the records of the clients, of which nothing is known here but
 * their size (core/serve/limit.h).
 *
 * What is counted is in counters.def.  Who reads it must not trust it: it was
 * written by a program that talks to the whole internet.
 */
#ifndef COMMON_COUNTS_H
#define COMMON_COUNTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/attr.h"
#include "common/msg_counts.h"

/* What was counted since the last counts_add(). */
struct counts_tally {
	uint64_t n[COUNT_KINDS];
};

/*
 * One socket.  owner is odd while an address is replaced by another, and is
 * another number after that; the counters change at any time.
 */
struct counts_socket {
	_Alignas(64) _Atomic uint32_t owner;
	_Atomic uint32_t listening; /* 1: the socket is in use, else 0 */
	uint32_t port;
	uint32_t dropped; /* what counts_lost() was told last */
	struct msg_addr addr;
	_Atomic uint64_t n[COUNT_KINDS];
};

/* The file. */
#define COUNTS_CLIENTS_AT    8192
#define COUNTS_CLIENTS_BYTES (UINT32_C(65536) * 64)
#define COUNTS_BYTES	     (COUNTS_CLIENTS_AT + COUNTS_CLIENTS_BYTES)
struct counts {
	struct counts_socket sockets[COUNTS_SOCKETS];
};

/*
 * Map the file for writing.  Returns NULL with errno.  It stays mapped for the
 * life of the process; the descriptor may be closed.
 */
MUST_CHECK struct counts *counts_map(int fd);

/* Where the records of the clients begin in a file that counts_map() mapped. */
void *counts_clients(struct counts *c);

/* A new process begins: it has no socket yet.  The counters stay. */
void counts_begin(struct counts *c);

/*
 * A socket is bound to the address: the place where it is counted, which it had
 * before if it had one.  NULL: all are taken.
 */
MUST_CHECK struct counts_socket *counts_listen(
    struct counts *c, const struct msg_addr *addr, uint16_t port);

/*
 * So many datagrams has the kernel dropped since the socket was opened: those
 * that are new go to the tally.  The socket may be older than this process, or
 * another one than before, which has begun with 0.
 */
void counts_lost(
    struct counts_socket *s, struct counts_tally *t, uint32_t dropped);

/* Add, and begin the tally anew. */
void counts_add(struct counts_socket *s, struct counts_tally *t);

#endif
