/*
 * The counters of ntp-serve and where they are kept.  The messages about them
 * are in msg_counts.h.
 *
 * ntpd makes a memory file of fixed size for each ntp-serve.  It lives as long
 * as ntpd.  ntp-serve maps it and counts there without a system call;
 * ntp-observe reads it.  The file starts with one entry per socket.  The client
 * records follow; this module knows only their size (core/serve/limit.h).
 *
 * The counters are listed in counters.def.  A reader must not trust the values:
 * the program that writes them talks to the whole internet.
 */
#ifndef COMMON_COUNTS_H
#define COMMON_COUNTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/attr.h"
#include "common/msg_counts.h"

/* Counts accumulated since the last counts_add(). */
struct counts_tally {
	uint64_t n[COUNT_KINDS];
};

/*
 * One socket.  owner is odd while the address is being replaced, and has a new
 * value afterwards.  The counters change at any time.
 */
struct counts_socket {
	_Alignas(64) _Atomic uint32_t owner;
	_Atomic uint32_t listening; /* 1: the socket is in use, else 0 */
	uint32_t port;
	uint32_t dropped; /* last value given to counts_lost() */
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

/*
 * Call when a new process starts: it has no sockets yet.  The counters keep
 * their values.
 */
void counts_begin(struct counts *c);

/*
 * A socket is bound to the address.  Returns the entry that counts it, which is
 * the same as before if the address had one; NULL if all entries are taken.
 */
MUST_CHECK struct counts_socket *counts_listen(
    struct counts *c, const struct msg_addr *addr, uint16_t port);

/*
 * Add new kernel drops to the tally.  dropped is the number of datagrams that
 * the kernel has dropped since the socket was opened; its increase since the
 * last call is added.  The socket may be older than this process.  It may also
 * be a new one, which starts at 0.
 */
void counts_lost(
    struct counts_socket *s, struct counts_tally *t, uint32_t dropped);

/* Add the tally to the counters and clear the tally. */
void counts_add(struct counts_socket *s, struct counts_tally *t);

#endif
