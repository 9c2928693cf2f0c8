/*
 * The sandbox of ntp-net, which parses what servers on the network send.  It
 * has UDP sockets, clocks, random bits, and the channels that it was given.  No
 * file, no other socket, no process, no executable memory.
 */
#include "ntp-net/poll/profile.h"

#include <sys/ioctl.h> /* for SIOCOUTQ */
#include <sys/mman.h>
#include <sys/socket.h>

#include <linux/sockios.h>
#include <netinet/in.h>
#include <time.h>

#include "common/page.h"
#include "common/sandbox_rows.h"

/* Sources, channels, the page's descriptor, and a reserve. */
#define FILES_MAX (SOURCES_MAX + 32)

/* clang-format off */
static const struct sandbox_rule rules[] = {
	/* The channels, and waiting for answers. */
	ALLOW(ppoll),
	/* Messages, answers, and transmit timestamps. */
	ALLOW_INT_ONLY(recvmsg, 2,
	    MSG_DONTWAIT | MSG_CMSG_CLOEXEC | MSG_PEEK | MSG_ERRQUEUE),
	ALLOW_INT_ONLY(sendmsg, 2, MSG_DONTWAIT | MSG_NOSIGNAL),
	/* A query on a connected socket: it cannot go to another address. */
	ALLOW_LONG(sendto, 4, 0),
	AND_INT(sendto, 3, 0),
	/* A socket with a new port for each query. */
	ALLOW_SOCKET(socket, AF_INET, SOCK_DGRAM, 0),
	ALLOW_SOCKET(socket, AF_INET6, SOCK_DGRAM, 0),
	ALLOW(connect),
	ALLOW(getsockname),
	ALLOW(close),
	/*
	 * A sibling's channel is closed; unseen: if the kernel can refuse
	 * descriptors (Linux 6.16), the channel need not be drained first.
	 */
	ALLOW_INT(shutdown, 1, SHUT_RDWR),
	/* The kernel's timestamps; IPv6 only. */
	ALLOW_OPTION(setsockopt, SOL_SOCKET, SO_TIMESTAMPING),
	ALLOW_OPTION(setsockopt, IPPROTO_IPV6, IPV6_V6ONLY),
	/* Nonces, ports, intervals. */
	ALLOW_INT(getrandom, 2, 0),
	/* unseen: the vDSO reads the clocks if the clock source allows it. */
	ALLOW_CLOCKS(clock_gettime),
	/*
	 * The page of served time, once, at an address that the kernel chooses.
	 */
	ALLOW_LONG(mmap, MMAP_LENGTH, PAGE_BYTES),
	AND_LONG(mmap, MMAP_PROTECTION, PROT_READ | PROT_WRITE),
	AND_LONG(mmap, MMAP_FLAGS, MAP_SHARED),
	/* Checks whether ntp-clock has read the last sample. */
	ALLOW_INT(ioctl, 1, SIOCOUTQ),
	/* Exit.  unseen: ntpd may kill it with a signal first. */
	ALLOW(exit_group),
	/* Only if a recording is configured: its two files. */
	ALLOW_INT(write, 0, EXTRA_FD),
	ALLOW_INT(write, 0, EXTRA_FD + 1),
	/* unseen: a file must be full first. */
	ALLOW_INT(ftruncate, 0, EXTRA_FD),
	ALLOW_INT(ftruncate, 0, EXTRA_FD + 1),
};
/* clang-format on */

#define RULES	     (sizeof(rules) / sizeof(rules[0]))
#define RECORD_RULES 4 /* at the end of the rules */

/* 1 MiB was seen with 64 sources; all of it is static. */
#define DATA_MIB  4
#define SPACE_MIB 32

const struct sandbox_profile net_recording_profile = {
	.name = "ntp-net",
	.rules = rules,
	.rule_count = RULES,
	.others = SANDBOX_KILL,
	.max_files = FILES_MAX,
	.data_mib = DATA_MIB,
	.space_mib = SPACE_MIB,
};

const struct sandbox_profile net_profile = {
	.name = "ntp-net",
	.rules = rules,
	.rule_count = RULES - RECORD_RULES,
	.others = SANDBOX_KILL,
	.max_files = FILES_MAX,
	.data_mib = DATA_MIB,
	.space_mib = SPACE_MIB,
};
