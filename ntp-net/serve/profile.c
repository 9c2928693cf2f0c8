/*
 * The sandbox of ntp-serve: it reads what anybody on the internet sends, so
 * it may do nothing but receive and send on the sockets it was given, map the
 * page of served time for reading, and read the access list that it was given.
 * It can make no socket, open no file, and write to no memory that others see
 * but its counters and the fast path's: the only things that it is given which
 * can be mapped for writing.
 */
#include "profile.h"

#include <sys/mman.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <seccomp.h>

#include "counts.h"
#include "fastmap.h"

#define OPTION_NAME 2 /* the argument of setsockopt(2) */
#define LENGTH	    1 /* arguments of mmap(2) */
#define PROTECTION  2
#define MAPPING	    3

static const struct sandbox_rule rules[] = {
	{ SCMP_SYS(recvmmsg), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(sendmmsg), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(recvmsg), ARG_ANY, 0, 0, 0 }, /* from and to ntpd */
	{ SCMP_SYS(sendmsg), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(ppoll), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(close), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(getsockname), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(setsockopt), ARG_EQ, OPTION_NAME, 0, SO_TIMESTAMPNS },
	{ SCMP_SYS(setsockopt), ARG_EQ, OPTION_NAME, 0, SO_TIMESTAMPING },
	{ SCMP_SYS(setsockopt), ARG_EQ, OPTION_NAME, 0, IP_PKTINFO },
	{ SCMP_SYS(setsockopt), ARG_EQ, OPTION_NAME, 0, IPV6_RECVPKTINFO },
	{ SCMP_SYS(getsockopt), ARG_EQ, OPTION_NAME, 0, SO_MEMINFO },
	{ SCMP_SYS(pread64), ARG_ANY, 0, 0, 0 }, /* of the access list */
	{ SCMP_SYS(mmap), ARG_MASK, PROTECTION, ~(uint64_t)PROT_READ, 0 },
	{ SCMP_SYS(mmap), ARG_EQ, PROTECTION, 0, PROT_READ | PROT_WRITE },
	{ SCMP_SYS(mmap), ARG_AND_EQ, MAPPING, 0, MAP_SHARED },
	{ SCMP_SYS(mmap), ARG_AND_EQ, LENGTH, 0, FAST_BYTES },
	{ SCMP_SYS(mmap), ARG_EQ, PROTECTION, 0, PROT_READ | PROT_WRITE },
	{ SCMP_SYS(mmap), ARG_AND_EQ, MAPPING, 0, MAP_SHARED },
	{ SCMP_SYS(mmap), ARG_AND_EQ, LENGTH, 0, COUNTS_BYTES },
	{ SCMP_SYS(clock_gettime), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(rt_sigreturn), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(restart_syscall), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(exit_group), ARG_ANY, 0, 0, 0 },
};

const struct sandbox_profile serve_profile = {
	.name = "ntp-serve",
	.rules = rules,
	.rule_count = sizeof(rules) / sizeof(rules[0]),
	.max_files = SERVE_SOCKETS_MAX + 16,
};
