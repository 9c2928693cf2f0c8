/*
 * Is this machine's oscillator beyond all reason?  An estimator takes what it
 * sees of one for steps of the server, and begins anew, for a while; a look at the
 * measurements themselves tells sooner.  Pure; all state is in the caller's
 * struct.
 */
#ifndef CORE_OSCILLATOR_H
#define CORE_OSCILLATOR_H

#include "core/filter/estimator.h"

/* No clock is set by an oscillator that is further off, a fraction. */
#define OSCILLATOR_MAX 1e-3

#define OSCILLATOR_SEEN	  5		 /* measurements that are kept, */
#define OSCILLATOR_GAP_NS (8 * NS_PER_S) /* so far apart at least */

/* What one source has shown, the newest first; zeros are the start. */
struct oscillator {
	struct oscillator_seen {
		int64_t at_ns; /* 0: none */
		int64_t theta_ns;
		uint32_t delay_us;
		uint32_t dispersion_us;
	} seen[OSCILLATOR_SEEN];
};

enum oscillator_is {
	OSCILLATOR_UNKNOWN, /* too few measurements, or too blurred */
	OSCILLATOR_FINE,
	OSCILLATOR_WILD /* beyond OSCILLATOR_MAX, all of the time */
};

/* Keep a measurement, unless it is too near to the last one. */
void oscillator_push(struct oscillator *o, const struct measurement *m);

/*
 * As this source shows it.  One step of the server does not make it wild.
 * *slope: of UTC - raw, a fraction, where it is wild; else 0.
 */
enum oscillator_is oscillator_judge(const struct oscillator *o, double *slope);

#endif
