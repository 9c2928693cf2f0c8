/* Structs that several messages contain, see msg.h. */
#ifndef COMMON_MSG_BASE_H
#define COMMON_MSG_BASE_H

#include <stdint.h>

#include "common/attr.h"

#define REASON_LEN 128

WIRE_BEGIN
struct msg_header {
	uint32_t type;
	uint32_t length; /* of the whole message with this header */
};

struct msg_addr {
	uint8_t family; /* 4 or 6 */
	uint8_t reserved[3];
	uint32_t scope;
	uint8_t addr[16]; /* network order; IPv4 uses the first 4 */
};

/*
 * What ntp-clock has spent of its budget, for ntpd to keep: the numbers of
 * struct ledger_kept (core/steer/ledger.h).  Only these two programs read them.
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
	PREFIX_DENY_ANSWER /* with a kiss of death */
};
struct msg_prefix {
	uint8_t family;	 /* 4 or 6 */
	uint8_t bits;	 /* 0 to 32 or 128; the rest of addr is zero */
	uint8_t verdict; /* enum prefix_verdict */
	uint8_t reserved;
	uint8_t addr[16]; /* network order; IPv4 uses the first 4 */
};

/*
 * ntpd to ntp-serve, before its sockets and at each change.  The descriptor is
 * a file with count structs msg_prefix, which nobody can write to.
 */
struct msg_prefixes {
	struct msg_header h;
	uint32_t count; /* at most PREFIXES_MAX */
	uint32_t reserved;
};

WIRE_END

#endif
