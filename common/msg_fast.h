/*
 * The messages about the program in the kernel and its counters, see msg.h and
 * fastmap.h.
 */
#ifndef COMMON_MSG_FAST_H
#define COMMON_MSG_FAST_H

#include "common/msg_base.h"

WIRE_BEGIN
/*
 * ntpd to ntp-serve: the descriptor is the map in which ntp-serve tells the
 * program in the kernel the time, see fastmap.h.
 */
struct msg_fast {
	struct msg_header h;
};

/*
 * ntpd to ntp-observe: the descriptor is the map with the program's counters.
 * The map is frozen: it can be mapped for reading, but not written to.
 */
struct msg_fast_counts {
	struct msg_header h;
	uint32_t processors; /* entries, 1 to FAST_PROCESSORS_MAX */
	uint32_t reserved;
};

/* ntpd to ntp-observe: there is no such program, or it has been removed. */
struct msg_fast_none {
	struct msg_header h;
};

/*
 * ntp-observe to ntpctl, if the program is loaded: its counters so far, see
 * status.def.
 */
struct msg_fast_status {
	struct msg_header h;
	/* clang-format off */
#define STATUS_WIDE
#define FAST(name, kind, value, ...) value
#include "common/status.def"
	/* clang-format on */
};

WIRE_END

#endif
