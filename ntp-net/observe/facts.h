/*
 * What ntp-observe knows without asking ntp-net.
 */
#ifndef OBSERVE_FACTS_H
#define OBSERVE_FACTS_H

#include "common/fastcount.h"
#include "common/msg.h"
#include "common/page.h"
#include "ntp-net/observe/stats.h"

/* What ntpd reports without being asked. */
struct facts {
	struct msg_process processes[CHILD_COUNT];
	bool process_known[CHILD_COUNT];
	int64_t process_at_ns[CHILD_COUNT]; /* CLOCK_MONOTONIC of the report */
	struct msg_awaited awaited;	    /* addresses not yet listened on */
	struct msg_clock_state clock;
	bool clock_known;
	const struct page *clock_page; /* newer than clock; or NULL */
	int64_t clock_seen_ns;	       /* clock.raw_ns at the last look, */
	int64_t clock_slept_ns;	       /* time that the machine slept since, */
	int64_t clock_age_ns;	       /* and its age without that time */
	struct msg_clock_event events[EVENTS_KEPT]; /* a ring */
	uint64_t event_count;			    /* since the start */
	struct stats stats;
	const struct fast_counters *fast; /* mapped; NULL: no fast path */
	uint32_t fast_processors;
};

/* Why ntp-net does not answer. */
enum net_lack { NET_NOT_THERE, NET_SILENT };

#endif
