/*
 * The messages between ntpctl and ntp-observe, or ntpd where it is asked for a
 * change, see msg.h.
 */
#ifndef COMMON_MSG_CTL_H
#define COMMON_MSG_CTL_H

#include "common/msg_base.h"

WIRE_BEGIN
/* ntpctl to ntp-observe. */
#define CTL_VERSION 5
enum ctl_command {
	CTL_STATUS, /* status, sources, processes, then CTL_RESULT */
	CTL_CLOCK,  /* the clock's state, then CTL_RESULT */
	CTL_LOG,    /* clock events, oldest first, then CTL_RESULT */
	CTL_SYNC,   /* a change: ntpd is asked, on a socket of its own */
	CTL_RELOAD, /* likewise */
	CTL_SERVER, /* the sockets of all ntp-serve, then CTL_RESULT */
	CTL_CLIENTS /* their clients, then CTL_RESULT */
};
struct msg_ctl_ask {
	struct msg_header h;
	uint32_t version; /* CTL_VERSION */
	uint32_t command;
};

/*
 * ntpctl to ntpd, on the socket for changes.  ntpd looks at who is at the other
 * end, sends MSG_CTL_CONFIRM with what it has understood, and acts only when
 * the same comes back, from one who may still ask.  So what is done is what was
 * agreed to, and ntp-observe has no part in it.  With CTL_SYNC the step is what
 * its user saw and agreed to; else both numbers are 0.
 */
struct msg_ctl_change {
	struct msg_header h;
	uint32_t version; /* CTL_VERSION */
	uint32_t command;
	int64_t step_ns;   /* positive: forward */
	int64_t margin_ns; /* 0 to CTL_MARGIN_NS(step_ns) */
};

/* A step that was agreed to may differ by 1 s, or by a thousandth of it. */
#define CTL_STEP_MAX_NS (INT64_MAX / 2)
#define CTL_MARGIN_NS(step_ns)                                                 \
	((step_ns) > 1000 * NS_PER_S	       ? (step_ns) / 1000              \
		: (step_ns) < -1000 * NS_PER_S ? (step_ns) / -1000             \
					       : NS_PER_S)

struct msg_ctl_confirm {
	struct msg_header h;
	uint32_t command;
	uint32_t reserved;
	int64_t step_ns;
	int64_t margin_ns;
};

struct msg_ctl_result {
	struct msg_header h;
	uint32_t ok;
	uint32_t reserved;
	char text[REASON_LEN];
};

WIRE_END

#endif
