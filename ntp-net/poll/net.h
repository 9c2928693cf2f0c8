/* The whole state of ntp-net: one struct of fixed size, owned by main.c. */
#ifndef POLL_NET_H
#define POLL_NET_H

#include "common/page.h"
#include "core/leap/leap.h"
#include "core/select/agreement.h"
#include "ntp-net/poll/clocks.h"
#include "ntp-net/poll/leaps.h"
#include "ntp-net/poll/table.h"

/*
 * Delay of the next decision if time alone may change something: the page of
 * served time gets old, or a measurement is overdue.  Otherwise the next
 * measurement triggers the next decision, after DECIDE_GAP_MAX_NS at the
 * latest.
 */
#define DECIDE_GAP_NS	  (16 * NS_PER_S)
#define DECIDE_GAP_MAX_NS (1200 * NS_PER_S)

/* What the sources agree on, and what others were told; see decide.h. */
struct decision {
	bool wanted;	  /* something changed: decide now */
	struct mono next; /* latest time of the next decision, */
	int64_t gap_ns;	  /* counted from the last decision */
	struct agreement agreement;
	bool synced;		  /* the line is valid and its error bounded */
	struct mono measured_at;  /* raw time of the last measurement used, */
	struct wall measured_utc; /* and UTC at that time */
	uint32_t refid;		  /* the reference ID of the system peer */
	struct leap_watch leap;
	uint64_t samples; /* sent to ntp-clock */
	bool resend;	  /* send the next agreement as a sample */
	bool gave_up;	  /* NET_ONCE: no agreement in time */
	bool said_agreed;
	bool said_insane; /* logged an estimate out of range */
	bool said_too_fast;
	bool said_anything;
	bool holdover;		   /* at the last decision */
	struct mono held_from;	   /* as logged */
	struct msg_net_state told; /* last state told to ntpd */
};

#define ASKS_MAX 16 /* pending questions of ntp-observe */

/* Progress of the answers to ntp-observe, see report.h. */
struct report {
	uint32_t asks[ASKS_MAX]; /* IDs; the first is being answered */
	uint32_t ask_count;
	bool head_sent;
	uint32_t order; /* next entry, in configuration order */
	uint32_t slot;	/* its next slot to look at */
};

struct net {
	struct channel parent;
	struct channel clock;
	struct channel resolve;
	struct channel observe;
	struct clocks clocks;
	struct mono started;
	struct table table;
	struct decision decision;
	struct leaps leaps;
	struct report report;
	struct page *page;		    /* NULL: no ntp-serve runs */
	struct msg_clock_state clock_state; /* the last one received */
	bool clock_known;
};

#endif
