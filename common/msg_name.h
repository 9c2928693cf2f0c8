/* The messages between ntp-net and ntp-resolve, see msg.h. */
#ifndef COMMON_MSG_NAME_H
#define COMMON_MSG_NAME_H

#include <stdint.h>

#include "common/msg_base.h"

#define NAME_LEN  256 /* host name or address, with its zero byte */
#define ADDRS_MAX 32  /* addresses from one look-up */

/*
 * Look-up errors besides those of getaddrinfo(3), which are negative.  First:
 * the interface named in a scoped address does not exist.  Second: no address
 * is valid for a host; ntp-net detects this one.
 */
enum name_error { NAME_NO_INTERFACE = 1, NAME_NO_HOST };

WIRE_BEGIN
struct msg_resolve {
	struct msg_header h;
	uint32_t id;
	uint32_t reserved;
	char name[NAME_LEN];
};

struct msg_resolved {
	struct msg_header h;
	uint32_t id;
	uint32_t count; /* 0: failed */
	int32_t error;	/* of getaddrinfo, or name_error; 0: none */
	uint32_t reserved;
	struct msg_addr addrs[ADDRS_MAX];
};

WIRE_END

#endif
