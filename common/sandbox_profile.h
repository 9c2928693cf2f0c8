/*
 * What a program may do once it has begun, as its profile.c says.
 */
#ifndef COMMON_SANDBOX_PROFILE_H
#define COMMON_SANDBOX_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What becomes of a call; a positive number: it fails with that errno. */
enum { SANDBOX_ALLOW = 0, SANDBOX_KILL = -1 };

/*
 * What becomes of one system call, where (argument & mask) == value; a mask of
 * 0: whatever its arguments are.  Several rows for one call are alternatives.
 * A further row makes the one before it stricter; it repeats its call.  The
 * macros in sandbox_rows.h write them.
 */
struct sandbox_rule {
	int call; /* SCMP_SYS(name) */
	int result;
	bool further;
	unsigned int arg; /* 0 to 5 */
	uint64_t mask;
	uint64_t value;
};

/* The first members of a profile with all rows of an array. */
#define SANDBOX_RULES(r) .rules = (r), .rule_count = sizeof(r) / sizeof((r)[0])

struct sandbox_profile {
	const char *name;
	const struct sandbox_rule *rules;
	size_t rule_count;
	int others;		     /* what becomes of calls in no row */
	bool keep_sys_time;	     /* CAP_SYS_TIME, and no other, ever */
	bool keep_root_dir;	     /* no chroot: it reads files */
	const char *const *readable; /* Landlock: NULL-terminated, or NULL */
	uint16_t connect_port;	     /* Landlock: of TCP servers, 0: none */
	unsigned int max_files;	     /* RLIMIT_NOFILE */
	unsigned int data_mib;	     /* RLIMIT_DATA: memory of its own */
	unsigned int space_mib;	     /* RLIMIT_AS: all that is mapped */
};

#endif
