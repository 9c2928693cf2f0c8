/*
 * What ntp-resolve may do once it has begun, see sandbox.h.
 */
#ifndef RESOLVE_PROFILE_H
#define RESOLVE_PROFILE_H

#include "common/sandbox.h"

extern const struct sandbox_profile resolve_profile;

/* What it may read: files, RESOLVE_FILES of them, then folders, then NULL. */
#define RESOLVE_FILES	 7
#define RESOLVE_NSSWITCH "/etc/nsswitch.conf"
extern const char *const resolve_readable[];

/* Where a module of nsswitch.conf(5) needs AF_UNIX. */
extern const struct sandbox_profile resolve_local_profile;

#endif
