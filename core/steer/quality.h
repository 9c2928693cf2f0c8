/*
 * The quality of a clock that follows a line: from the line's uncertainty, its
 * age, and the clock's distance from it.  Run by ntp-clock, which tells the
 * kernel.  Pure, integers only, and no operation can overflow.
 */
#ifndef CORE_QUALITY_H
#define CORE_QUALITY_H

#include "core/types.h"

#define QUALITY_OFFSET_NS (128 * NS_PER_MS) /* RFC 5905 STEPT */
#define QUALITY_BOUND_NS  (16 * NS_PER_S)   /* RFC 5905 MAXDISP, the kernel's */

/* All in ns; all but error_ns are 0 or more. */
struct quality_input {
	int64_t error_ns;	 /* of the clock, by the line */
	int64_t age_ns;		 /* of the line */
	int64_t sigma_ns;	 /* of the line when new */
	int64_t slope_sigma_q32; /* of its slope, 2^-32 */
	int64_t root_delay_ns;
	int64_t root_dispersion_ns;
	int64_t interval_ns; /* between two lines */
};

/*
 * estimate_ns is the standard deviation of the error, bound_ns its bound. late:
 * the next line is long overdue.
 */
struct quality {
	int64_t estimate_ns;
	int64_t bound_ns;
	bool in_sync;
	bool late;
};

struct quality quality_of(const struct quality_input *in);

/*
 * The usual interval between lines, after another one.  The lines of many
 * sources come in groups, so the longest interval counts, and is slowly
 * forgotten.
 */
int64_t quality_interval(int64_t interval_ns, int64_t last_ns);

/*
 * A bound, ns, in the kernel's unit: whole us, rounded up so that it stays a
 * bound, at most QUALITY_MAX_US. One below 0 counts as QUALITY_MAX_US.
 */
#define QUALITY_MAX_US 16000000 /* the kernel's NTP_PHASE_LIMIT */
int64_t quality_us(int64_t bound_ns);

#endif
