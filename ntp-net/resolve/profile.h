/* What ntp-resolve may do after its start, see sandbox.h. */
#ifndef RESOLVE_PROFILE_H
#define RESOLVE_PROFILE_H

#include "common/sandbox.h"

extern const struct sandbox_profile resolve_profile;

/* What it may read: RESOLVE_FILES files, then folders, then NULL. */
#define RESOLVE_FILES	 7
#define RESOLVE_NSSWITCH "/etc/nsswitch.conf"
extern const char *const resolve_readable[];

/* The profile if a module of nsswitch.conf(5) needs AF_UNIX. */
extern const struct sandbox_profile resolve_local_profile;

#endif
