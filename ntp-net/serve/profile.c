/*
 * The sandbox of ntp-serve: it reads what anybody on the internet sends, so
 * it may do nothing but receive and send on the sockets it was given, map the
 * page of served time for reading, and read the access list that it was given.
 * It can make no socket, open no file, and write to no memory that others see
 * but its counters and the fast path's: the only things that it is given which
 * can be mapped for writing.
 */
#include "ntp-net/serve/profile.h"

#include <sys/mman.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <time.h>

#include "common/counts.h"
#include "common/fastmap.h"
#include "common/page.h"
#include "common/sandbox_rows.h"

/* Memory of a length, shared, wherever the kernel puts it. */
#define ALLOW_MAP(call, length, protection)                                    \
	ALLOW_LONG(call, MMAP_LENGTH, length),                                 \
	    AND_LONG(call, MMAP_PROTECTION, protection),                       \
	    AND_LONG(call, MMAP_FLAGS, MAP_SHARED)

/* clang-format off */
static const struct sandbox_rule rules[] = {
	/*
	 * Requests, answers, and waiting for them.  Nothing but a descriptor
	 * and flags of no power can be chosen here, and a call whose arguments
	 * are not looked at costs no run of the filter.
	 */
	ALLOW(recvmmsg),
	ALLOW(sendmmsg),
	ALLOW(ppoll),
	/* From and to ntpd. */
	ALLOW_INT_ONLY(recvmsg, 2, MSG_DONTWAIT | MSG_CMSG_CLOEXEC),
	ALLOW_INT_ONLY(sendmsg, 2, MSG_DONTWAIT | MSG_NOSIGNAL),
	/* Sockets and memory that it was given, when it has what it needs. */
	ALLOW(close),
	/* Which address a socket is bound to. */
	ALLOW(getsockname),
	/* When requests come and answers leave; to which address they came. */
	ALLOW_OPTION(setsockopt, SOL_SOCKET, SO_TIMESTAMPING),
	ALLOW_OPTION(setsockopt, IPPROTO_IP, IP_PKTINFO),
	ALLOW_OPTION(setsockopt, IPPROTO_IPV6, IPV6_RECVPKTINFO),
	/* What the kernel had no room for. */
	ALLOW_OPTION(getsockopt, SOL_SOCKET, SO_MEMINFO),
	/* The access list. */
	ALLOW(pread64),
	/* The page of served time, its counters, the fast path's line. */
	ALLOW_MAP(mmap, PAGE_BYTES, PROT_READ),
	ALLOW_MAP(mmap, COUNTS_BYTES, PROT_READ | PROT_WRITE),
	ALLOW_MAP(mmap, FAST_BYTES, PROT_READ | PROT_WRITE),
	/* unseen: the vDSO reads the clocks, where the clock source allows it. */
	ALLOW_CLOCKS(clock_gettime),
	/* The end.  unseen: ntpd may be quicker to end it by a signal. */
	ALLOW(exit_group),
};
/* clang-format on */

const struct sandbox_profile serve_profile = {
	.name = "ntp-serve",
	SANDBOX_RULES(rules),
	.others = SANDBOX_KILL,
	.max_files = SERVE_SOCKETS_MAX + 16,
	.data_mib = 24, /* 17 MiB are static: 131072 prefixes, 65536 clients */
	.space_mib = 64,
};
