/*
 * What ntp-resolve may do once it has begun, see sandbox.h.  What it may read
 * is in files.h.
 */
#ifndef RESOLVE_PROFILE_H
#define RESOLVE_PROFILE_H

#include "sandbox.h"

extern const struct sandbox_profile resolve_profile;

/* Where a module of nsswitch.conf(5) needs AF_UNIX. */
extern const struct sandbox_profile resolve_local_profile;

#endif
