/*
 * What the sources agree on, from one decision to the next.  When the sources
 * fall silent or disagree, the last agreed line continues, with a growing
 * error.  Run by ntp-net.  Pure; all state is in the caller's struct.
 */
#ifndef CORE_AGREEMENT_H
#define CORE_AGREEMENT_H

#include "core/filter/joint.h"
#include "core/select/voters.h"

/* The investigation of an anomaly, see anomaly.h. */
struct investigation {
	bool open;
	struct mono since; /* start of the last round of queries */
	uint32_t rounds;
	struct mono next; /* no new investigation before this */
	int64_t gap_ns;	  /* grows while they find nothing */
};

struct agreement {
	struct select_output now;  /* the last decision */
	struct joint joint;	   /* the line of all selected sources */
	bool keyed;		   /* a source with a key is selected */
	int32_t peer;		   /* place of the system peer; -1: none */
	bool ever;		   /* there was an agreement: */
	struct select_output last; /* the last one */
	struct mono last_at;	   /* and its moment */
	bool paused;		   /* no agreement since a pause: */
	struct mono resumed_at;	   /* older measurements are of no use */
	struct investigation investigation;
	bool too_fast;	   /* the oscillator is too far off, see speed.h: */
	double wild_slope; /* slope of UTC - raw then */
};

/*
 * Start with nothing known.  The memory must be all zero; most of it is not
 * touched.
 */
void agreement_begin(struct agreement *a);

/*
 * The error bound, ns, of the last agreed line: its root distance then, plus
 * what its age adds (line_growth_ns() with due_ns), plus LINE_SIGMAS standard
 * deviations of its slope.
 */
int64_t agreement_bound_ns(
    const struct agreement *a, int64_t due_ns, struct mono now);

/* UTC by the last agreed line, even if that is too old to be served. */
struct wall agreement_utc(const struct agreement *a, struct mono now);

/*
 * Replace the combined line in a->now with the line of the joint filter, which
 * takes in the measurements of all sources that v->state[] selects.
 */
void agreement_join(struct agreement *a, const struct voters *v);

/* The last decision, at this moment, was an agreement: keep it. */
void agreement_keep(struct agreement *a, struct mono now);

/*
 * UTC - raw has moved by this much for all sources, ns: a leap second or a
 * pause.  The joint filter moves along.
 */
void agreement_shift(struct agreement *a, int64_t by_ns);

/*
 * The machine was paused until now: what is known gets at least this standard
 * deviation, ns.
 */
void agreement_paused(struct agreement *a, int64_t sigma_ns, struct mono now);

#endif
