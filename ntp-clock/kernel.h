/*
 * Telling the kernel: every clock_adjtime(2) of the project.  Used by
 * ntp-clock.  Nothing is decided here.
 */
#ifndef NTP_CLOCK_KERNEL_H
#define NTP_CLOCK_KERNEL_H

#include "core/steer/steer.h"
#include "core/types.h"

/* What the kernel tells programs that ask it how good the time is. */
struct kernel_quality {
	int64_t max_error_ns; /* >= 0; the kernel keeps at most 16 s */
	int64_t est_error_ns; /* likewise */
	enum leap leap;	      /* to be done at the next UTC midnight */
	bool in_sync;
};

/*
 * A clock without control is read and never changed: what would change it
 * only reads it.  Where the kernel refuses a change, control is lost.
 */
struct kernel {
	bool controlled;
	/*
	 * The clock was corrected since boot.  The kernel remembers it, by the
	 * time constant of a PLL that is never on: so the next ntp-clock knows,
	 * even where ntpd can keep nothing.
	 */
	bool corrected;
	int64_t hz;		      /* of the tick: _SC_CLK_TCK */
	struct steer_setting setting; /* in force at the last call */
};

/*
 * The RTC in nanoseconds, whole seconds of them, by the file that ntpd gave (of
 * /sys/class/rtc), or -1 if it cannot be read.
 */
MUST_CHECK int64_t kernel_read_rtc(int fd);

/*
 * Start: read what is in force, *q too, and cancel what others may have left:
 * an adjtime(3) under way, the PLL's pending offset, leap seconds (the PLL
 * itself ends with the first kernel_set()).  A tick of an unknown length
 * takes control away.
 */
void kernel_begin(struct kernel *k, struct kernel_quality *q);

/* Set frequency, tick and quality. */
void kernel_set(
    struct kernel *k, int64_t rate_sppm, const struct kernel_quality *q);

/*
 * Move CLOCK_REALTIME by so much, forward if it is positive; it was done if
 * there is still control after it.  The kernel then forgets the quality: set
 * it again.
 */
void kernel_step(struct kernel *k, int64_t by_ns);

#endif
