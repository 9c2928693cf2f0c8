/*
 * The sandbox of ntp-observe: it reads what local users send, so it may do
 * nothing but accept connections on the socket it was given, receive and send on
 * these, and read what ntp-serve and the program in the kernel count.  The
 * latter's counters are a map, which without bpf(2) is read as memory: that may
 * be mapped for reading alone.
 */
#include "profile.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <seccomp.h>

#include "fastmap.h"

#define LENGTH	   1 /* arguments of mmap(2) */
#define PROTECTION 2
#define MAPPING	   3

static const struct sandbox_rule rules[] = {
	{ SCMP_SYS(accept4), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(recvmsg), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(shutdown), ARG_EQ, 1, 0,
	    SHUT_RDWR }, /* a sibling's channel */
	{ SCMP_SYS(sendmsg), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(pread64), ARG_ANY, 0, 0, 0 }, /* of counters */
	{ SCMP_SYS(mmap), ARG_EQ, PROTECTION, 0, PROT_READ },
	{ SCMP_SYS(mmap), ARG_AND_EQ, MAPPING, 0, MAP_SHARED },
	{ SCMP_SYS(mmap), ARG_AND_MASK, LENGTH,
	    ~(uint64_t)(FAST_COUNTERS_BYTES - 1), 0 },
	{ SCMP_SYS(ppoll), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(close), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(setitimer), ARG_EQ, 0, 0, ITIMER_REAL }, /* see client.c */
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
