/*
 * What the kernel lets ntp-net do.
 */
#ifndef POLL_PROFILE_H
#define POLL_PROFILE_H

#include "sandbox.h"

extern const struct sandbox_profile net_profile;

#endif
