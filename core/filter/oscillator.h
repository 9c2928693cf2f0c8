/*
 * Is this machine's oscillator wrong beyond reason?  An estimator takes its
 * error for steps of the server, and keeps restarting for a while.  The
 * measurements themselves show it sooner.  Run by ntp-net.  Pure; all state is
 * in the caller's struct.
 */
#ifndef CORE_OSCILLATOR_H
#define CORE_OSCILLATOR_H

#include "core/filter/estimator.h"

/*
 * The largest frequency error, a fraction, of an oscillator that can keep a
 * clock.
 */
#define OSCILLATOR_MAX 1e-3

#define OSCILLATOR_SEEN	  5		 /* measurements that are kept, */
#define OSCILLATOR_GAP_NS (8 * NS_PER_S) /* at least this far apart */

/* What one source has shown, the newest first; all zero is the start. */
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
	OSCILLATOR_WILD /* beyond OSCILLATOR_MAX all the time */
};

/* Keep a measurement, unless it is too close to the last one. */
void oscillator_push(struct oscillator *o, const struct measurement *m);

/*
 * The state of the oscillator as this source shows it.  One step of the server
 * does not make it wild.  If it is wild, *slope is that of UTC - raw, a
 * fraction; otherwise 0.
 */
enum oscillator_is oscillator_judge(const struct oscillator *o, double *slope);

#endif
