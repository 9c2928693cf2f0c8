/*
 * What ntpd knows of the time before it has asked any source: it is later than
 * the sources of this build, and later than the time saved in the state
 * directory.
 */
#ifndef NTPD_KNOWN_TIME_H
#define NTPD_KNOWN_TIME_H

#include <stdint.h>

#include "ntpd/kept/state.h"

/* The latest UTC that is known to be past, in ns since 1970. */
int64_t known_time_ns(const struct state *s);

/* Log a warning if the clock is behind it. */
void known_time_check_clock(const struct state *s);

/*
 * passed_ns have passed by CLOCK_BOOTTIME since the time that is known to be
 * past: advance it.  What servers say does not enter, so that a lie about the
 * time is not saved.
 */
void known_time_passed(struct state *s, int64_t passed_ns);

#endif
