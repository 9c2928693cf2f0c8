/*
 * Giving up privileges: the one place where any program does it.
 *
 * A program states what it needs in a struct sandbox_profile, which stands in
 * profile.c of its folder; the order of the drop is the same for all.
 */
#ifndef COMMON_SANDBOX_H
#define COMMON_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"
#include "common/sandbox_profile.h"

/* What ntpd decided about this process, from MSG_START. */
struct sandbox_identity {
	uint32_t uid;
	uint32_t gid;
	uint32_t flags;	     /* START_* */
	const char *root;    /* the empty folder, with START_CHROOT */
	uint64_t file_bytes; /* no file may grow beyond it, 0: write none */
};

/*
 * Enter the sandbox: chroot, groups, ids, capabilities, a try to get them
 * back, no_new_privs, not dumpable, killed when ntpd ends (all but ntp-clock),
 * limits, Landlock, seccomp.  Returns 0 and
 * sets *sys_time to whether CAP_SYS_TIME is in force; on failure -1, and *what
 * says what could not be done: the caller must then exit.  Everything that
 * needs a file must have been opened before.
 */
MUST_CHECK int sandbox_enter(const struct sandbox_profile *profile,
    const struct sandbox_identity *id, bool *sys_time, const char **what);

/*
 * Not dumpable and no core file, so that nobody reads a key from this process;
 * and memory that was written is never executed.  Lost at exec, but for the
 * core file.  Returns 0 or -1 with errno.
 */
MUST_CHECK int sandbox_hide(void);

/* The limits of the profile's memory alone.  Returns 0 or -1 with errno. */
MUST_CHECK int sandbox_limit_memory(const struct sandbox_profile *profile);

/* Load the profile's system call filter alone.  Returns 0 or -1 with errno. */
MUST_CHECK int sandbox_filter(const struct sandbox_profile *profile);

/* True where this binary was built without sandboxes, for sanitizers. */
bool sandbox_missing(void);

#endif
