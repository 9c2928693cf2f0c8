/*
 * The sandbox of ntp-observe: it reads what local users send, so it may do
 * nothing but accept connections on the socket it was given, receive and send on
 * these, and read what ntp-serve counts.
 */
#include "profile.h"

#include <seccomp.h>

static const struct sandbox_rule rules[] = {
	{ SCMP_SYS(accept4), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(recvmsg), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(sendmsg), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(pread64), ARG_ANY, 0, 0, 0 }, /* of counters */
	{ SCMP_SYS(ppoll), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(close), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(clock_gettime), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(rt_sigreturn), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(restart_syscall), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(exit_group), ARG_ANY, 0, 0, 0 },
};

const struct sandbox_profile observe_profile = {
	.name = "ntp-observe",
	.rules = rules,
	.rule_count = sizeof(rules) / sizeof(rules[0]),
	.max_files = OBSERVE_CLIENTS_MAX + WORKERS_MAX + 16,
};
