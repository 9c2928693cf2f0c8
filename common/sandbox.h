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

#include "msg.h"

enum sandbox_check {
	ARG_ANY,     /* no argument is looked at */
	ARG_EQ,	     /* argument == value */
	ARG_MASK,    /* (argument & mask) == value */
	ARG_ERRNO,   /* the call fails with errno value, and does not kill */
	ARG_AND_EQ,  /* one more condition on the row before: as ARG_EQ */
	ARG_AND_MASK /* likewise, as ARG_MASK */
};

/*
 * One allowed system call; several rows for one call are alternatives.  Rows
 * with ARG_AND_* make the row before them stricter; they repeat its call.
 */
struct sandbox_rule {
	int call; /* SCMP_SYS(name) */
	enum sandbox_check check;
	unsigned int arg; /* 0 to 5 */
	uint64_t mask;
	uint64_t value;
};

struct sandbox_profile {
	const char *name;
	const struct sandbox_rule *rules;
	size_t rule_count;
	bool keep_sys_time;	     /* CAP_SYS_TIME, and no other, ever */
	bool keep_root_dir;	     /* no chroot: it reads files */
	const char *const *readable; /* Landlock: NULL-terminated, or NULL */
	unsigned int max_files;	     /* RLIMIT_NOFILE */
	/* in place of this one where it is to write a recording, or NULL */
	const struct sandbox_profile *recording;
};

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
 * back, no_new_privs, not dumpable, limits, Landlock, seccomp.  Returns 0 and
 * sets *sys_time to whether CAP_SYS_TIME is in force; on failure -1, and *what
 * says what could not be done: the caller must then exit.  Everything that
 * needs a file must have been opened before.
 */
MUST_CHECK int sandbox_enter(const struct sandbox_profile *profile,
    const struct sandbox_identity *id, bool *sys_time, const char **what);

/* Load the profile's system call filter alone.  Returns 0 or -1 with errno. */
MUST_CHECK int sandbox_filter(const struct sandbox_profile *profile);

/* True where this binary was built without sandboxes, for sanitizers. */
bool sandbox_missing(void);

#endif
