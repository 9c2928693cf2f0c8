/*
 * The supervisor's own sandbox.
 */
#ifndef NTPD_PROFILE_H
#define NTPD_PROFILE_H

#include "sandbox.h"

extern const struct sandbox_profile ntpd_profile;

/*
 * Enter it: no_new_privs, not dumpable, the system call filter.  What its
 * children need is allowed too, for they inherit the filter and then add their
 * own.  Returns 0, or -1 with errno, and *what says what failed.
 */
MUST_CHECK int profile_enter(const char **what);

#endif
