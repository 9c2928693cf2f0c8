/*
 * Anomalies: sources that depart from their habits (habit.h), and leaps of the
 * raw time line, which all sources show alike (a virtual machine that did not run
 * for a while).
 *
 * Whatever looks like one is investigated: all sources are asked a few times, as
 * quickly as is allowed, and only by what they say at that time is it decided
 * who is set aside.  Sources that are asked at different times can not be
 * compared so well, and one that is asked seldom knows least of all.  Pure.
 */
#ifndef CORE_ANOMALY_H
#define CORE_ANOMALY_H

#include "core/select/agreement.h"

/*
 * Before a decision: new measurements go into the habits; where as many
 * sources as must agree show the same leap, all that is known is shifted.
 * Returns by how much, ns; 0: there is no leap.
 */
int64_t anomaly_measurements(struct agreement *a, struct voters *v);

/* What a selection means. */
struct anomaly {
	bool again; /* select again, see below */
	bool ask;   /* all sources are to be asked soon, a few times in a row */
};

/*
 * After a selection: does an investigation begin, or end?  Where the selection
 * set somebody aside for a new departure, but may not yet, it is to be made again:
 * those that were not estranged have no habit in v now, so that nobody can be set
 * aside for one.
 */
struct anomaly anomaly_selected(
    struct agreement *a, struct voters *v, struct mono now);

/* After an agreement: has its line leapt, away from sources left behind? */
void anomaly_line(const struct agreement *a, struct voters *v, struct mono now);

#endif
