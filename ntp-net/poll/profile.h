/*
 * What the kernel lets ntp-net do.
 */
#ifndef POLL_PROFILE_H
#define POLL_PROFILE_H

#include "common/sandbox.h"

extern const struct sandbox_profile net_profile;

/* Where it records: to the two files at EXTRA_FD it may write as well. */
extern const struct sandbox_profile net_recording_profile;

#endif
