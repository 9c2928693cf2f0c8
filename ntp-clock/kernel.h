/*
 * Telling the kernel: every clock_adjtime(2) of the project.  Used by
 * ntp-clock.  Nothing is decided here.
 */
#ifndef NTP_CLOCK_KERNEL_H
#define NTP_CLOCK_KERNEL_H

#include "steer.h"
#include "types.h"

/*
 * A clock without control is read and never changed: what would change it
 * only reads it, and succeeds.
 */
struct kernel {
	bool controlled;
	int64_t hz;		      /* of the tick: _SC_CLK_TCK */
	struct steer_setting setting; /* in force at the last call */
	bool unsync;		      /* likewise */
};

/* What the kernel tells programs that ask it how good the time is. */
struct kernel_quality {
	int64_t max_error_ns; /* >= 0; the kernel keeps at most 16 s */
	int64_t est_error_ns; /* likewise */
	enum leap leap;	      /* to be done at the next UTC midnight */
	bool in_sync;
};

/*
 * Start: read what is in force.  A tick of an unknown length takes control
 * away.  Returns 0, or -1 with errno.
 */
MUST_CHECK int kernel_init(struct kernel *k, bool controlled, int64_t hz);

/*
 * Cancel what others may have left: an adjtime(3) under way, the PLL and its
 * pending offset, leap seconds.  Frequency and synchronization status stay.
 * Returns 0, or -1 with errno.
 */
MUST_CHECK int kernel_clear(struct kernel *k);

/*
 * Set frequency and tick, and the quality too unless q is NULL.  Returns 0, or
 * -1 with errno.
 */
MUST_CHECK int kernel_set(
    struct kernel *k, int64_t rate_sppm, const struct kernel_quality *q);

/*
 * Move CLOCK_REALTIME by so much, forward if it is positive.  The kernel then
 * forgets the quality: set it again.  Returns 0, or -1 with errno.
 */
MUST_CHECK int kernel_step(struct kernel *k, int64_t by_ns);

#endif
