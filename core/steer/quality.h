/*
 * How good the time of a clock is that follows a line: by the line's own
 * uncertainty, its age, and how far the clock is from it.  Used by ntp-clock,
 * which tells the kernel.  Pure, integers only, and no operation that can
 * overflow.
 */
#ifndef CORE_QUALITY_H
#define CORE_QUALITY_H

#include "core/types.h"

#define QUALITY_OFFSET_NS (128 * NS_PER_MS) /* RFC 5905 STEPT */
#define QUALITY_BOUND_NS  (16 * NS_PER_S)   /* RFC 5905 MAXDISP, the kernel's */

/* All in ns; what the line says is 0 or more. */
struct quality_input {
	int64_t error_ns;    /* of the clock, by the line */
	int64_t age_ns;	     /* of the line */
	int64_t sigma_ns;    /* of the line when it was new */
	int64_t slope_sigma; /* of its slope, 2^-32 */
	int64_t root_delay_ns;
	int64_t root_dispersion_ns;
	int64_t interval_ns; /* in which lines come */
};

/*
 * estimate_ns: the standard deviation of the error, bound_ns: its bound.  late:
 * no new line has come for much longer than they have come.
 */
struct quality {
	int64_t estimate_ns;
	int64_t bound_ns;
	bool in_sync;
	bool late;
};

struct quality quality_of(const struct quality_input *in);

/*
 * The interval in which lines come, after another one.  Those of many sources
 * come in bunches: the longest counts, and is slowly forgotten.
 */
int64_t quality_interval(int64_t interval_ns, int64_t last_ns);

/*
 * A bound of so many ns, 0 or more, as the kernel is told it: in whole us, rounded
 * up, so that it stays a bound, and at most QUALITY_MAX_US, as one below 0 is.
 */
#define QUALITY_MAX_US 16000000 /* the kernel's NTP_PHASE_LIMIT */
int64_t quality_us(int64_t bound_ns);

#endif
