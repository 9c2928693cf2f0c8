/* The messages about the counters of ntp-serve, see msg.h and counts.h. */
#ifndef COMMON_MSG_COUNTS_H
#define COMMON_MSG_COUNTS_H

#include <stdint.h>

#include "common/msg_base.h"

enum count_kind {
#define COUNTER(kind, ...) COUNT_##kind,
#include "common/counters.def"
	COUNT_KINDS
};

#define COUNTS_SOCKETS 32 /* of one ntp-serve process */

WIRE_BEGIN
/*
 * ntpd to ntp-serve, before its sockets, with a descriptor of its file that can
 * be mapped for writing; and to ntp-observe, with a read-only descriptor.  A
 * worker always gets the same file.
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

/* ntp-observe to ntpctl: one client of one worker. */
struct msg_client_status {
	struct msg_header h;
	uint32_t worker;
	uint32_t bits; /* length of the prefix that identifies it */
	struct msg_addr addr;
	uint64_t answered;
	uint64_t dropped; /* kisses included */
	int64_t first_ago_ns;
	int64_t last_ago_ns; /* not more than first_ago_ns */
	uint32_t kisses;
	uint32_t known; /* 1: it came again, see core/serve/limit.h; else 0 */
};

WIRE_END

#endif
