/*
 * All that ntp-net knows: one struct, of fixed size, owned by main.c.
 */
#ifndef POLL_NET_H
#define POLL_NET_H

#include "common/page.h"
#include "core/leap/leap.h"
#include "core/select/agreement.h"
#include "ntp-net/poll/clocks.h"
#include "ntp-net/poll/leaps.h"
#include "ntp-net/poll/table.h"

/*
 * How long to wait for the next decision where time alone may change something:
 * the page of served time grows old, or a measurement has failed to come.  Else
 * the next measurement is the next decision; but not for longer than GAP_MAX.
 */
#define DECIDE_GAP_NS	  (16 * NS_PER_S)
#define DECIDE_GAP_MAX_NS (1200 * NS_PER_S)

/* What the sources agree on, and what was told of it; see decide.h. */
struct decision {
	bool wanted;	  /* something has changed: decide now */
	struct mono next; /* decide then at the latest, */
	int64_t gap_ns;	  /* so long after the last decision */
	struct agreement agreement;
	bool synced;		  /* its line holds, and its error is bounded */
	struct mono measured_at;  /* the last measurement that counted in it, */
	struct wall measured_utc; /* and the time then */
	uint32_t refid;		  /* of the system peer of the last one */
	struct leap_watch leap;
	uint64_t samples; /* sent to ntp-clock */
	bool resend;	  /* the next agreement is a sample in any case */
	bool gave_up;	  /* NET_ONCE: too late */
	bool said_agreed;
	bool said_insane; /* an estimate that is not sent */
	bool said_too_fast;
	bool said_anything;
	bool holdover;		   /* at the last decision */
	struct mono held_from;	   /* what is said of it */
	struct msg_net_state told; /* what ntpd knows */
};

#define ASKS_MAX 16 /* questions of ntp-observe that wait for their turn */

/* Answering ntp-observe, see report.h. */
struct report {
	uint32_t asks[ASKS_MAX]; /* ids; the first is being answered */
	uint32_t ask_count;
	bool head_sent;
	uint32_t order; /* entry that comes next, as in the configuration */
	uint32_t slot;	/* slot of it from which to look */
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
	struct page *page;		    /* NULL: nobody serves */
	struct msg_clock_state clock_state; /* the last, where known */
	bool clock_known;
};

#endif
