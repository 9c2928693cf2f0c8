/*
 * The messages between ntpctl and ntp-observe, or ntpd when a change is
 * requested, see msg.h.
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
	CTL_SYNC,   /* a change: asked of ntpd, on its own socket */
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
 * ntpctl to ntpd, on the socket for changes.  ntpd checks who the peer is,
 * sends MSG_CTL_CONFIRM with what it understood, and acts only when the same
 * message comes back from a peer that is still permitted to ask.  So ntpd does
 * what was agreed to, and ntp-observe is not involved.  For CTL_SYNC, step_ns
 * is the step that the user saw and agreed to; for other commands both numbers
 * are 0.
 */
struct msg_ctl_change {
	struct msg_header h;
	uint32_t version; /* CTL_VERSION */
	uint32_t command;
	int64_t step_ns;   /* positive: forward */
	int64_t margin_ns; /* 0 to CTL_MARGIN_NS(step_ns) */
};

/* A step may differ from the agreed one by 1 s, or by a thousandth of it. */
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
