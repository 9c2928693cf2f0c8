/*
 * Dropping privileges: the only place where any program does it.
 *
 * A program declares its needs in a struct sandbox_profile, in profile.c of its
 * folder.  The order of the steps is the same for all.
 */
#ifndef COMMON_SANDBOX_H
#define COMMON_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"
#include "common/sandbox_profile.h"

/* What ntpd decided for this process, from MSG_START. */
struct sandbox_identity {
	uint32_t uid;
	uint32_t gid;
	uint32_t flags;	     /* START_* */
	const char *root;    /* the empty folder, with START_CHROOT */
	uint64_t file_bytes; /* maximum size of any file; 0: write none */
};

/*
 * Enter the sandbox: chroot, groups, IDs, capabilities, an attempt to regain
 * them, no_new_privs, not dumpable, killed when ntpd ends (except ntp-clock),
 * limits, Landlock, seccomp.  Returns 0 and sets *sys_time to whether
 * CAP_SYS_TIME is in force.  On failure returns -1 and sets *what to the step
 * that failed; the caller must then exit.  Files must be opened before this
 * call.
 */
MUST_CHECK int sandbox_enter(const struct sandbox_profile *profile,
    const struct sandbox_identity *id, bool *sys_time, const char **what);

/*
 * Make the process not dumpable and disable core files, so that nobody can read
 * a key from it; memory that was writable can never be executed.  An exec
 * undoes this, except for the core file limit.  Returns 0 or -1 with errno.
 */
MUST_CHECK int sandbox_hide(void);

/* Set only the profile's memory limits.  Returns 0 or -1 with errno. */
MUST_CHECK int sandbox_limit_memory(const struct sandbox_profile *profile);

/* Load only the profile's system call filter.  Returns 0 or -1 with errno. */
MUST_CHECK int sandbox_filter(const struct sandbox_profile *profile);

/* True if this binary was built without sandboxes, for sanitizers. */
bool sandbox_missing(void);

#endif
