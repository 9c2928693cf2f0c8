/*
 * The parts that messages are made of, see msg.h.
 */
#ifndef COMMON_MSG_BASE_H
#define COMMON_MSG_BASE_H

#include <stdint.h>

#include "common/attr.h"

#define REASON_LEN 128
#define LEAPS_MAX  8 /* leap seconds of a file that ntp-net is told */

WIRE_BEGIN
struct msg_header {
	uint32_t type;
	uint32_t length; /* of the whole message, this header included */
};

struct msg_addr {
	uint8_t family; /* 4 or 6 */
	uint8_t reserved[3];
	uint32_t scope;
	uint8_t addr[16]; /* network order; the first 4 where family is 4 */
};

/*
 * What ntp-clock has spent of its budget, for ntpd to keep: the numbers of
 * struct ledger_kept (core/steer/ledger.h), which nobody but these two reads.
 */
#define LEDGER_NUMBERS 33
struct msg_ledger {
	int64_t number[LEDGER_NUMBERS];
};

/* A prefix of the access list. */
#define PREFIXES_MAX 131072
enum prefix_verdict {
	PREFIX_ALLOW = 1,
	PREFIX_DENY,
	PREFIX_DENY_ANSWER /* with a kiss */
};
struct msg_prefix {
	uint8_t family;	 /* 4 or 6 */
	uint8_t bits;	 /* 0 to 32 or 128; the address is zero after them */
	uint8_t verdict; /* enum prefix_verdict */
	uint8_t reserved;
	uint8_t addr[16]; /* network order; the first 4 where family is 4 */
};

/*
 * ntpd to ntp-serve, before its sockets, and when it changes: the descriptor
 * is a file of so many of the structs above, which nobody can write to.
 */
struct msg_prefixes {
	struct msg_header h;
	uint32_t count; /* at most PREFIXES_MAX */
	uint32_t reserved;
};

WIRE_END

#endif
