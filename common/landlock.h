/*
 * Landlock, as far as the kernel supports it: restricts files, TCP, and the
 * targets of signals and of abstract-socket connections.
 */
#ifndef COMMON_LANDLOCK_H
#define COMMON_LANDLOCK_H

#include "common/attr.h"
#include "common/sandbox_profile.h"

/*
 * From now on this process can read only the paths in the profile, use TCP only
 * to connect to the profile's port, send no signal to a process outside of its
 * sandbox, and connect to no abstract socket outside of it.  Enforces what the
 * kernel's version supports.  A kernel without Landlock enforces nothing; that
 * is not a failure.  Needs no_new_privs.  Returns 0 or -1 with errno.
 */
MUST_CHECK int landlock_enter(const struct sandbox_profile *profile);

/* The kernel's version of Landlock; 0: none. */
int landlock_version(void);

#endif
