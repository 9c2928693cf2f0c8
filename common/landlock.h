/*
 * Landlock, as far as the kernel has it: files, TCP, and whom a signal or a
 * connection may reach.
 */
#ifndef COMMON_LANDLOCK_H
#define COMMON_LANDLOCK_H

#include "common/attr.h"
#include "common/sandbox_profile.h"

/*
 * From now on this process reads only what the profile names, has no TCP but
 * to the profile's port, sends no signal to a process outside of its sandbox,
 * and connects to no abstract socket there.  What the kernel's version knows
 * of this is in force; where it has no Landlock, nothing, and that is no
 * failure.  Needs no_new_privs.  Returns 0 or -1 with errno.
 */
MUST_CHECK int landlock_enter(const struct sandbox_profile *profile);

/* The version of Landlock in this kernel, 0: none. */
int landlock_version(void);

#endif
