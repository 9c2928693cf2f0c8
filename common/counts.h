/*
 * What ntp-serve counts, where it does, and the messages that tell of it.
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
#include "common/msg_base.h"

enum count_kind {
#define COUNTER(kind, ...) COUNT_##kind,
#include "common/counters.def"
	COUNT_KINDS
};

/* What was counted since the last counts_add(). */
struct counts_tally {
	uint64_t n[COUNT_KINDS];
};

#define COUNTS_SOCKETS 32

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

WIRE_BEGIN
/*
 * ntpd to ntp-serve, before its sockets, with a descriptor of its file that can
 * be mapped for writing, and to ntp-observe with one that can only be read;
 * the file of a worker is always the same.
 */
struct msg_counts {
	struct msg_header h;
	uint32_t worker; /* from 0 on */
	uint32_t reserved;
};

/* ntp-observe to ntpctl: one socket of one worker. */
struct msg_server_status {
	struct msg_header h;
	uint32_t worker;
	uint32_t port;
	struct msg_addr addr;
	uint64_t n[COUNT_KINDS];
};

/* ntp-observe to ntpctl: one client of one worker; see status.def. */
struct msg_client_status {
	struct msg_header h;
	uint32_t worker;
	uint32_t bits; /* of the address that tell it from others */
	struct msg_addr addr;
	/* clang-format off */
#define STATUS_NARROW
#define CLIENT(name, kind, value, ...) value
#include "common/status.def"
#define STATUS_WIDE
#define CLIENT(name, kind, value, ...) value
#include "common/status.def"
	/* clang-format on */
};

WIRE_END

#endif
