/*
 * The sandbox of ntp-net, which parses what servers on the network send: UDP
 * sockets, clocks, random bits, and the channels that it was given.  No file,
 * no other socket, no process, no executable memory.
 */
#include "profile.h"

#include <sys/mman.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <seccomp.h>

#define TYPE_MASK                                                              \
	(UINT64_C(0xffffffff) & ~(uint64_t)(SOCK_CLOEXEC | SOCK_NONBLOCK))
#define PROT_MASK UINT64_C(0xffffffff)

/* Sources, channels, the page's descriptor, and some to spare. */
#define FILES_MAX (SOURCES_MAX + 32)

/* clang-format off */
static const struct sandbox_rule rules[] = {
	{ SCMP_SYS(ppoll), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(recvmsg), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(shutdown), ARG_EQ, 1, 0, SHUT_RDWR }, /* a sibling's channel */
	{ SCMP_SYS(sendmsg), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(sendto), ARG_EQ, 4, 0, 0 }, /* on a connected socket */
	{ SCMP_SYS(socket), ARG_EQ, 0, 0, AF_INET },
	{ SCMP_SYS(socket), ARG_AND_MASK, 1, TYPE_MASK, SOCK_DGRAM },
	{ SCMP_SYS(socket), ARG_EQ, 0, 0, AF_INET6 },
	{ SCMP_SYS(socket), ARG_AND_MASK, 1, TYPE_MASK, SOCK_DGRAM },
	{ SCMP_SYS(setsockopt), ARG_EQ, 1, 0, SOL_SOCKET },
	{ SCMP_SYS(setsockopt), ARG_AND_EQ, 2, 0, SO_TIMESTAMPING },
	{ SCMP_SYS(setsockopt), ARG_EQ, 1, 0, IPPROTO_IPV6 },
	{ SCMP_SYS(setsockopt), ARG_AND_EQ, 2, 0, IPV6_V6ONLY },
	{ SCMP_SYS(connect), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(getsockname), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(close), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(clock_gettime), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(getrandom), ARG_ANY, 0, 0, 0 },
	/* The page of served time, and nothing that could be run. */
	{ SCMP_SYS(mmap), ARG_MASK, 2, PROT_MASK, PROT_READ | PROT_WRITE },
	{ SCMP_SYS(mmap), ARG_AND_EQ, 3, 0, MAP_SHARED },
	{ SCMP_SYS(restart_syscall), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(rt_sigreturn), ARG_ANY, 0, 0, 0 },
	{ SCMP_SYS(exit_group), ARG_ANY, 0, 0, 0 },
	/* Only where a recording is configured: its two files. */
	{ SCMP_SYS(write), ARG_EQ, 0, 0, RECORD_FD },
	{ SCMP_SYS(write), ARG_EQ, 0, 0, RECORD_FD + 1 },
	{ SCMP_SYS(ftruncate), ARG_EQ, 0, 0, RECORD_FD },
	{ SCMP_SYS(ftruncate), ARG_EQ, 0, 0, RECORD_FD + 1 },
};
/* clang-format on */

#define RULES	     (sizeof(rules) / sizeof(rules[0]))
#define RECORD_RULES 4 /* the last ones */

const struct sandbox_profile net_recording_profile = {
	.name = "ntp-net",
	.rules = rules,
	.rule_count = RULES,
	.max_files = FILES_MAX,
};

const struct sandbox_profile net_profile = {
	.name = "ntp-net",
	.rules = rules,
	.rule_count = RULES - RECORD_RULES,
	.max_files = FILES_MAX,
	.recording = &net_recording_profile,
};
