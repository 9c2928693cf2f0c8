/*
 * Anomalies: sources that deviate from their learned biases (bias.h), and jumps
 * of the raw time line, which all sources show alike (a virtual machine that
 * did not run for a while).
 *
 * An anomaly is investigated first: all sources are polled in a burst, and only
 * those answers decide which sources are excluded.  Sources that are polled at
 * different times are harder to compare, and the least is known of one that is
 * polled rarely.  Run by ntp-net.  Pure.
 */
#ifndef CORE_ANOMALY_H
#define CORE_ANOMALY_H

#include "core/select/agreement.h"

/*
 * Before a decision: take new measurements into the biases.  If as many sources
 * as must agree show the same jump, shift all that is known by it.  Returns the
 * shift, ns; 0 if there is no jump.
 */
int64_t anomaly_measurements(struct agreement *a, struct voters *v);

/* The consequences of a selection. */
struct anomaly {
	bool again; /* select again, see below */
	bool ask;   /* poll all sources soon, in a burst */
};

/*
 * After a selection: begin or end an investigation.  If the selection excluded
 * a source for a deviation whose investigation is not over, `again` is set:
 * select again.  The sources that were not deviating before then have no bias
 * in v, so that none of them can be excluded for it.
 */
struct anomaly anomaly_selected(
    struct agreement *a, struct voters *v, struct mono now);

/*
 * After an agreement: if its line has jumped because it left some sources
 * behind, correct the biases for that.
 */
void anomaly_line(const struct agreement *a, struct voters *v, struct mono now);

#endif
