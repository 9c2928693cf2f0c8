/*
 * All that ntp-net knows: one struct, of fixed size, owned by main.c.
 */
#ifndef POLL_NET_H
#define POLL_NET_H

#include "common/page.h"
#include "core/filter/joint.h"
#include "core/leap/leap.h"
#include "core/select/select.h"
#include "ntp-net/poll/exchange.h"
#include "ntp-net/poll/leaps.h"
#include "ntp-net/poll/table.h"

/*
 * Somebody may be false, or the time line have leapt: all are asked a few times
 * at once, and then it is decided who has departed from his habit.
 */
struct doubt {
	bool open;
	struct mono since; /* the last round of questions */
	uint32_t rounds;
	struct mono next; /* the next one not before */
	int64_t gap_ns;	  /* grows while they come to nothing */
};

/* What the sources agree on, see decide.h. */
struct decision {
	bool wanted;		  /* something has changed: decide now */
	struct mono next;	  /* decide then at the latest, */
	int64_t gap_ns;		  /* so long after the last decision */
	struct select_output now; /* the last decision */
	struct joint joint;	  /* the line of all that are selected */
	bool keyed;		  /* a source with a key is selected */
	uint32_t votes;		  /* sources that took part in it */
	bool synced;		  /* line holds, and its error is bounded */
	bool ever_agreed;
	bool paused;		   /* and has not agreed since: */
	struct mono resumed_at;	   /* what was measured before is of no use */
	struct select_output last; /* the last one that agreed */
	struct mono last_at;
	struct mono measured_at;  /* the last measurement that counted in it, */
	struct wall measured_utc; /* and the time then */
	int32_t peer;	/* slot of the system peer of last, -1: none */
	uint32_t refid; /* of it */
	struct leap_watch leap;
	struct doubt doubt;
	uint64_t samples; /* sent to ntp-clock */
	bool resend;	  /* the next agreement is a sample in any case */
	bool gave_up;	  /* NET_ONCE: too late */
	bool said_agreed;
	bool said_insane;  /* an estimate that is not sent */
	bool too_fast;	   /* the oscillator, see decide_too_fast(), */
	double wild_slope; /* of UTC - raw then */
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
