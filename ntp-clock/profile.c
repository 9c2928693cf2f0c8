/*
 * The sandbox of ntp-clock: CAP_SYS_TIME, two channels, and nothing else.  No
 * file, no socket of its own, no memory that is not there at the start.
 */
#include "profile.h"

#include <sys/socket.h>

#include <seccomp.h>
#include <time.h>

/* clang-format off */
static const struct sandbox_rule rules[] = {
	/* The one clock that may be set, and those that are read. */
	{ SCMP_SYS(clock_adjtime), ARG_EQ, 0, 0, CLOCK_REALTIME },
	{ SCMP_SYS(clock_gettime), ARG_EQ, 0, 0, CLOCK_REALTIME },
	{ SCMP_SYS(clock_gettime), ARG_EQ, 0, 0, CLOCK_MONOTONIC },
	{ SCMP_SYS(clock_gettime), ARG_EQ, 0, 0, CLOCK_MONOTONIC_RAW },
	{ SCMP_SYS(clock_gettime), ARG_EQ, 0, 0, CLOCK_BOOTTIME },
	/* The channels that it was given; it cannot make one. */
	{ SCMP_SYS(ppoll), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(recvmsg), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(shutdown), ARG_EQ, 1, 0, SHUT_RDWR }, /* a sibling's channel */
	{ SCMP_SYS(sendmsg), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(close), ARG_ANY, 0, 0, 0 },
	/* The RTC's file, the only thing that it is given which has offsets. */
	{ SCMP_SYS(pread64), ARG_ANY, 0, 0, 0 },
	/* The end.  Signals are ignored. */
	{ SCMP_SYS(exit_group), ARG_ANY, 0, 0, 0 },
};
/* clang-format on */

const struct sandbox_profile clock_profile = {
	.name = "ntp-clock",
	.rules = rules,
	.rule_count = sizeof(rules) / sizeof(rules[0]),
	.keep_sys_time = true,
	.max_files = 8,
};
