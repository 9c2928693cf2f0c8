/* The sandbox profiles of ntp-net. */
#ifndef POLL_PROFILE_H
#define POLL_PROFILE_H

#include "common/sandbox.h"

extern const struct sandbox_profile net_profile;

/*
 * The profile if recording is configured: it may also write to the two files at
 * EXTRA_FD.
 */
extern const struct sandbox_profile net_recording_profile;

#endif
