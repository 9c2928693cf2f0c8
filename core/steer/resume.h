/*
 * Was this machine paused?  A virtual machine that is stopped and goes on has
 * none of its clocks move meanwhile, but the real-time clock (RTC), which its
 * host keeps for it.  So the RTC is a witness that no server and no program of
 * ours can lead astray: unless somebody sets it.  The kernel does so every 11
 * minutes, to CLOCK_REALTIME; after that the two agree, and after a pause the
 * RTC is ahead.  Where it is not set by the kernel and wrong, it is believed, too,
 * but for a pause that brings it to the clock, or in so far as it is ahead then.
 *
 * Used by ntp-clock.  Pure, integers only, and no operation that can overflow.
 */
#ifndef CORE_RESUME_H
#define CORE_RESUME_H

#include "core/types.h"

/* The RTC counts whole seconds: of a pause of three it shows two and more. */
#define RESUME_LEAST_NS (2 * NS_PER_S)
/* Who has not used what a pause explains after this time does not need it. */
#define RESUME_AGE_NS	(86400 * NS_PER_S)

/* Start from zeros. */
struct resume {
	bool known;
	int64_t
	    ahead_ns; /* RTC less raw time, at most, since the last change */
	int64_t looked_ns; /* raw time of the last reading */
	int64_t paused_ns; /* forward steps of so much are explained */
	int64_t base_ns;   /* the RTC leads CLOCK_REALTIME by that and this */
	int64_t paused_at_ns; /* raw time when that was noticed */
};

/*
 * The seconds of an RTC as the kernel writes them, "1795938490" and the end of a
 * line, in nanoseconds; or -1 for another text.
 */
int64_t resume_parse(const char *text, size_t len);

/*
 * What the RTC, UTC of it, said at a raw time when CLOCK_REALTIME said that.
 * Returns the length of a pause that shows by this for the first time, else 0.
 */
int64_t resume_look(
    struct resume *r, int64_t rtc_ns, int64_t raw_ns, int64_t real_ns);

/* By how much the clock may go forward for that; >= 0. */
int64_t resume_explains(const struct resume *r, int64_t raw_ns);

/*
 * It has, or the clock was stepped for another reason.  The kernel may set the
 * RTC at the moment of a step: the next reading is the first of a new row.
 */
void resume_used(struct resume *r);

#endif
