/*
 * The sandbox of ntp-serve, which reads what anybody on the internet sends.  It
 * may only receive and send on the sockets that it was given, map the page of
 * served time for reading, and read its access list.  It cannot make a socket,
 * open a file, or write to memory that others see, except its counters and the
 * fast path's line: of what it is given, only these can be mapped for writing.
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

/* Shared memory of this length, at an address that the kernel chooses. */
#define ALLOW_MAP(call, length, protection)                                    \
	ALLOW_LONG(call, MMAP_LENGTH, length),                                 \
	    AND_LONG(call, MMAP_PROTECTION, protection),                       \
	    AND_LONG(call, MMAP_FLAGS, MAP_SHARED)

/* clang-format off */
static const struct sandbox_rule rules[] = {
	/*
	 * Requests, answers, and waiting for them.  The only choices are a
	 * descriptor and harmless flags; a call whose arguments are not checked
	 * costs no run of the filter.
	 */
	ALLOW(recvmmsg),
	ALLOW(sendmmsg),
	ALLOW(ppoll),
	/* Messages from and to ntpd. */
	ALLOW_INT_ONLY(recvmsg, 2, MSG_DONTWAIT | MSG_CMSG_CLOEXEC),
	ALLOW_INT_ONLY(sendmsg, 2, MSG_DONTWAIT | MSG_NOSIGNAL),
	/* Close descriptors of sockets and memory after setting them up. */
	ALLOW(close),
	/* The address that a socket is bound to. */
	ALLOW(getsockname),
	/* Arrival and transmit timestamps, and destination addresses. */
	ALLOW_OPTION(setsockopt, SOL_SOCKET, SO_TIMESTAMPING),
	ALLOW_OPTION(setsockopt, IPPROTO_IP, IP_PKTINFO),
	ALLOW_OPTION(setsockopt, IPPROTO_IPV6, IPV6_RECVPKTINFO),
	/* The number of datagrams that the kernel dropped. */
	ALLOW_OPTION(getsockopt, SOL_SOCKET, SO_MEMINFO),
	/* The access list. */
	ALLOW(pread64),
	/* The page of served time, the counters, the fast path's line. */
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
