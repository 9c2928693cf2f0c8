/*
 * What ntpd knows of the time before anybody is asked: it is later than the
 * sources of this build, and later than what was kept in the state directory.
 */
#ifndef NTPD_EPOCH_H
#define NTPD_EPOCH_H

#include <stdint.h>

#include "ntpd/kept/state.h"

/* The newest UTC that is known to have been, in ns since 1970. */
int64_t epoch_known_ns(const struct state *s);

/* Say in the log if the clock is before it. */
void epoch_check_clock(const struct state *s);

/*
 * So much time has passed, by CLOCK_BOOTTIME, since what was known to have been:
 * that is known, then, too.  What servers say is no part of it, so that a lie
 * about the time is not kept.
 */
void epoch_passed(struct state *s, int64_t passed_ns);

#endif
