/*
 * The kernel's clock: every clock_adjtime(2) of the project.  Run by ntp-clock.
 * Nothing is decided here.
 */
#ifndef NTP_CLOCK_KERNEL_H
#define NTP_CLOCK_KERNEL_H

#include "core/steer/steer.h"
#include "core/types.h"

/* The quality of the time, which the kernel tells other programs. */
struct kernel_quality {
	int64_t max_error_ns; /* >= 0; the kernel keeps at most 16 s */
	int64_t est_error_ns; /* the same */
	enum leap leap;	      /* to be made at the next UTC midnight */
	bool in_sync;
};

/*
 * A clock without control is only read, never changed.  Control is lost when
 * the kernel refuses a change.
 */
struct kernel {
	bool controlled;
	/*
	 * The clock was corrected since boot.  The kernel remembers it in the
	 * time constant of a PLL that is never on.  So the next ntp-clock knows
	 * it, even if ntpd cannot store anything.
	 */
	bool corrected;
	int64_t hz;		      /* ticks per second: _SC_CLK_TCK */
	struct steer_setting setting; /* in force at the last call */
};

/*
 * Read the RTC from the file that ntpd gave (of /sys/class/rtc).  Returns whole
 * seconds in ns, or -1 if it cannot be read.
 */
MUST_CHECK int64_t kernel_read_rtc(int fd);

/*
 * Start: read what is in force, with *q, and cancel what other programs may
 * have left: an adjtime(3) under way, the PLL's pending offset, leap seconds
 * (the PLL itself ends with the first kernel_set()).  If the length of the tick
 * is unknown, control is lost.
 */
void kernel_begin(struct kernel *k, struct kernel_quality *q);

/* Set frequency, tick and quality. */
void kernel_set(
    struct kernel *k, int64_t rate_sppm, const struct kernel_quality *q);

/*
 * Step CLOCK_REALTIME by by_ns, forward if it is positive.  The step was made
 * if k->controlled is still true.  The kernel then forgets the quality: set it
 * again.
 */
void kernel_step(struct kernel *k, int64_t by_ns);

#endif
