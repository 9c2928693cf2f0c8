/*
 * The content of all answers from ntpd, from which the output is made.
 */
#ifndef CTL_REPORT_H
#define CTL_REPORT_H

#include "common/msg.h"

#define REPORT_SERVERS_MAX (WORKERS_MAX * COUNTS_SOCKETS)

/* All that the answers have brought so far, checked. */
struct report {
	bool status_known;
	struct msg_status status;
	uint32_t source_count;
	struct msg_source_status sources[SOURCES_MAX];
	uint32_t process_count;
	struct msg_process processes[CHILD_COUNT];
	bool clock_known;
	struct msg_clock_state clock;
	uint32_t event_count;
	struct msg_clock_event events[EVENTS_KEPT];
	uint32_t server_count;
	struct msg_server_status servers[REPORT_SERVERS_MAX];
	bool fast_known; /* there is a fast path */
	struct msg_fast_status fast;
	size_t client_count;
	size_t client_room;
	struct msg_client_status *clients; /* grows, see server.h */
	struct msg_ctl_result result;	   /* of the last question */
};

#endif
