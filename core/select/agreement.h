/*
 * What the sources agree on, from one decision to the next.  The last line on
 * which they agreed goes on after they have fallen silent or disagree, with an
 * error that grows.  Pure; all state is in the caller's struct.
 */
#ifndef CORE_AGREEMENT_H
#define CORE_AGREEMENT_H

#include "core/filter/joint.h"
#include "core/select/voters.h"

/* An anomaly is under investigation, see anomaly.h. */
struct doubt {
	bool open;
	struct mono since; /* the last round of questions */
	uint32_t rounds;
	struct mono next; /* the next one not before */
	int64_t gap_ns;	  /* grows while they come to nothing */
};

struct agreement {
	struct select_output now;  /* the last decision */
	struct joint joint;	   /* the line of all that are selected */
	bool keyed;		   /* a source with a key is selected */
	uint32_t votes;		   /* sources that took part in it */
	int32_t peer;		   /* place of the system peer, -1: none */
	bool ever;		   /* there has been an agreement: */
	struct select_output last; /* the last one, */
	struct mono last_at;	   /* and when */
	bool paused;		   /* there has been none since a pause: */
	struct mono resumed_at;	   /* what was measured before is of no use */
	struct doubt doubt;
	bool too_fast;	   /* the oscillator is no clock, see speed.h: */
	double wild_slope; /* of UTC - raw then */
};

/* Nothing is known; in memory that is all zero, most of which is not touched. */
void agreement_begin(struct agreement *a);

/*
 * The bound of the error of a line that was agreed on at some moment, ns: its
 * root distance then, what its age adds (line_ageing_ns() with due_ns), and
 * LINE_SIGMAS standard deviations of its slope.
 */
int64_t agreement_bound_ns(const struct select_output *o, struct mono then,
    int64_t due_ns, struct mono now);

/* UTC by the last line, also where it is too old to be told to others. */
struct wall agreement_utc(const struct agreement *a, struct mono now);

/*
 * The lines of those that v->state[] selects, by their measurements in one
 * filter, in the place of their combination in a->now.
 */
void agreement_join(struct agreement *a, const struct voters *v);

/* The last decision, at that moment, was an agreement. */
void agreement_keep(struct agreement *a, struct mono now);

/* UTC - raw has moved by so much, as all know: a leap second, or a pause. */
void agreement_shift(struct agreement *a, int64_t by_ns);

/*
 * The machine was paused until now: what is known is no better than this
 * standard deviation, in ns.
 */
void agreement_paused(struct agreement *a, int64_t sigma_ns, struct mono now);

#endif
