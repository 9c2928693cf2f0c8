/* What the kernel lets ntp-clock do, besides setting the clock: its sandbox. */
#ifndef NTP_CLOCK_PROFILE_H
#define NTP_CLOCK_PROFILE_H

#include "common/sandbox.h"

extern const struct sandbox_profile clock_profile;

#endif
