/*
 * What ntp-resolve may do once it has begun, see sandbox.h.
 */
#ifndef RESOLVE_PROFILE_H
#define RESOLVE_PROFILE_H

#include "sandbox.h"

extern const struct sandbox_profile resolve_profile;

#endif
