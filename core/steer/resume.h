/*
 * Was this machine paused?  When a virtual machine is stopped and continues,
 * none of its clocks has moved but the real-time clock (RTC), which its host
 * keeps.  So the RTC is a witness that no server and no program of ours can
 * deceive, unless somebody sets it.  The kernel sets it to CLOCK_REALTIME every
 * 11 minutes; after that the two agree, and after a pause the RTC is ahead.  An
 * RTC that the kernel does not set and that is wrong is believed, too, with two
 * exceptions: a change that brings it to the clock is no pause, and a pause is
 * no longer than the RTC is ahead.
 *
 * Run by ntp-clock.  Pure, integers only, and no operation can overflow.
 */
#ifndef CORE_RESUME_H
#define CORE_RESUME_H

#include "core/types.h"

/* The RTC counts whole seconds: a pause of 3 s shows as 2 s or more. */
#define RESUME_LEAST_NS (2 * NS_PER_S)
/* A pause that was not used up after this time is not needed any more. */
#define RESUME_AGE_NS	(86400 * NS_PER_S)

/* All zero is the start. */
struct resume {
	bool known;
	int64_t ahead_ns;     /* largest RTC - raw time since a change */
	int64_t looked_ns;    /* raw time of the last reading */
	int64_t paused_ns;    /* forward steps explained by pauses */
	int64_t base_ns;      /* RTC - CLOCK_REALTIME, without paused_ns */
	int64_t paused_at_ns; /* raw time when the pause was noticed */
};

/*
 * Parse the seconds of an RTC as the kernel writes them, "1795938490" and a
 * newline.  Returns nanoseconds, or -1 for any other text.
 */
int64_t resume_parse(const char *text, size_t len);

/*
 * A reading of the RTC (UTC), at a raw time, with CLOCK_REALTIME at that
 * moment.  Returns the length, ns, of a pause that this reading shows for the
 * first time; otherwise 0.
 */
int64_t resume_look(
    struct resume *r, int64_t rtc_ns, int64_t raw_ns, int64_t real_ns);

/* How far the clock may go forward for a pause, ns, >= 0. */
int64_t resume_explains(const struct resume *r, int64_t raw_ns);

/*
 * The clock has gone forward for a pause, or was stepped for another reason.
 * The kernel may set the RTC at the moment of a step, so the next reading
 * starts a new series.
 */
void resume_used(struct resume *r);

#endif
