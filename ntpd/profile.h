/*
 * The supervisor's own sandbox.
 */
#ifndef NTPD_PROFILE_H
#define NTPD_PROFILE_H

#include "common/sandbox.h"

extern const struct sandbox_profile ntpd_profile;

/*
 * Enter it: not dumpable, limits of memory, no_new_privs, the system call
 * filter.  What its children need is allowed too, for they inherit the filter
 * and then add their own.  The last two are left out where a capability of
 * ntp-clock's file must count again when it is restarted: no_new_privs voids
 * it, and without that only CAP_SYS_ADMIN may load a filter.  Returns 0, or -1
 * with errno, and *what says what failed.
 */
MUST_CHECK int profile_enter(bool keep_file_capability, const char **what);

#endif
