/* The supervisor's own sandbox. */
#ifndef NTPD_PROFILE_H
#define NTPD_PROFILE_H

#include "common/sandbox.h"

extern const struct sandbox_profile ntpd_profile;

/*
 * Enter the sandbox: not dumpable, memory limits, no_new_privs, the system call
 * filter.  The filter also allows what the children need, since they inherit it
 * and then add their own.  no_new_privs and the filter are left out if a
 * restarted ntp-clock has to get its capability from its file: no_new_privs
 * voids that capability, and without no_new_privs only CAP_SYS_ADMIN may load a
 * filter.  Returns 0, or -1 with errno; *what then says what failed.
 */
MUST_CHECK int profile_enter(bool keep_file_capability, const char **what);

#endif
