/*
 * The sandbox of ntp-clock: CAP_SYS_TIME, two channels, and nothing else.  No
 * file, no socket of its own, no memory that is not there at the start.
 */
#include "profile.h"

#include <seccomp.h>
#include <time.h>

#define ANY(call)                                                              \
	{                                                                      \
		SCMP_SYS(call), ARG_ANY, 0, 0, 0                               \
	}
#define EQ(call, arg, value)                                                   \
	{                                                                      \
		SCMP_SYS(call), ARG_EQ, arg, 0, value                          \
	}

/* clang-format off */
static const struct sandbox_rule rules[] = {
	/* The one clock that may be set, and those that are read. */
	EQ(clock_adjtime, 0, CLOCK_REALTIME),
	EQ(clock_gettime, 0, CLOCK_REALTIME),
	EQ(clock_gettime, 0, CLOCK_MONOTONIC),
	EQ(clock_gettime, 0, CLOCK_MONOTONIC_RAW),
	EQ(clock_gettime, 0, CLOCK_BOOTTIME),
	/* The channels that it was given; it cannot make one. */
	ANY(ppoll),
	ANY(recvmsg),
	ANY(sendmsg),
	ANY(close),
	/* Signals and the end. */
	ANY(rt_sigreturn),
	ANY(restart_syscall),
	ANY(exit_group),
};
/* clang-format on */

const struct sandbox_profile clock_profile = {
	.name = "ntp-clock",
	.rules = rules,
	.rule_count = sizeof(rules) / sizeof(rules[0]),
	.keep_sys_time = true,
	.max_files = 8,
};
