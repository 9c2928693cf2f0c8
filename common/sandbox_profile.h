/* What a program may do after its start, as declared in its profile.c. */
#ifndef COMMON_SANDBOX_PROFILE_H
#define COMMON_SANDBOX_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Result of a call.  A positive number makes it fail with that errno. */
enum { SANDBOX_ALLOW = 0, SANDBOX_KILL = -1 };

/*
 * The result of one system call if (argument & mask) == value; a mask of 0
 * matches any arguments.  Several rows for one call are alternatives.  A row
 * with further set adds a condition to the row before it and repeats its call.
 * The macros in sandbox_rows.h write these rows.
 */
struct sandbox_rule {
	int call; /* SCMP_SYS(name) */
	int result;
	bool further;
	unsigned int arg; /* 0 to 5 */
	uint64_t mask;
	uint64_t value;
};

/* The first members of a profile: all rows of an array. */
#define SANDBOX_RULES(r) .rules = (r), .rule_count = sizeof(r) / sizeof((r)[0])

struct sandbox_profile {
	const char *name;
	const struct sandbox_rule *rules;
	size_t rule_count;
	int others;		     /* result of calls without a row */
	bool keep_sys_time;	     /* CAP_SYS_TIME; no other is ever kept */
	bool keep_root_dir;	     /* no chroot: it reads files */
	const char *const *readable; /* Landlock: NULL-terminated, or NULL */
	uint16_t connect_port;	     /* Landlock: TCP port to use, 0: none */
	unsigned int max_files;	     /* RLIMIT_NOFILE */
	unsigned int data_mib;	     /* RLIMIT_DATA: private memory */
	unsigned int space_mib;	     /* RLIMIT_AS: address space */
};

#endif
