/*
 * The sandbox of ntp-observe, which reads what local users send.  It may only
 * accept connections on the socket that it was given, receive and send on them,
 * and read the counters of ntp-serve and of the fast path.  The fast path's
 * counters are a map, which without bpf(2) can only be read as memory: it may
 * be mapped for reading only.
 */
#include "ntp-net/observe/profile.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <time.h>

#include "common/fastmap.h"
#include "common/sandbox_rows.h"

/* clang-format off */
static const struct sandbox_rule rules[] = {
	/* Wait for ntpd, ntp-net and clients. */
	ALLOW(ppoll),
	/* Accept clients; their addresses are not used. */
	ALLOW_LONG(accept4, 1, 0),
	AND_INT(accept4, 3, SOCK_CLOEXEC | SOCK_NONBLOCK),
	ALLOW_INT_ONLY(recvmsg, 2, MSG_DONTWAIT | MSG_CMSG_CLOEXEC | MSG_PEEK),
	ALLOW_INT_ONLY(sendmsg, 2, MSG_DONTWAIT | MSG_NOSIGNAL),
	ALLOW(close),
	/*
	 * Close a sibling's channel.  unseen: where the kernel can refuse
	 * descriptors (Linux 6.16), it need not be emptied first.
	 */
	ALLOW_INT(shutdown, 1, SHUT_RDWR),
	/* Ticks that interrupt a slow close, and the return from them. */
	ALLOW_INT(setitimer, 0, ITIMER_REAL),
	/* unseen: a close seldom lasts until a tick. */
	ALLOW(rt_sigreturn),
	/* The counters and clients of ntp-serve. */
	ALLOW(pread64),
	/* The counters of the fast path; FAST_COUNTERS_BYTES is a bound. */
	ALLOW_BITS(mmap, MMAP_LENGTH, ~(uint64_t)(FAST_COUNTERS_BYTES - 1), 0),
	AND_LONG(mmap, MMAP_PROTECTION, PROT_READ),
	AND_LONG(mmap, MMAP_FLAGS, MAP_SHARED),
	/* unseen: the vDSO reads the clocks, where the clock source allows it. */
	ALLOW_CLOCKS(clock_gettime),
	/* The end.  unseen: ntpd may be quicker to end it by a signal. */
	ALLOW(exit_group),
};
/* clang-format on */

const struct sandbox_profile observe_profile = {
	.name = "ntp-observe",
	SANDBOX_RULES(rules),
	.others = SANDBOX_KILL,
	.max_files = OBSERVE_CLIENTS_MAX + WORKERS_MAX + 16,
	.data_mib = 4, /* 1 MiB was seen in use; clients' memory is static */
	.space_mib = 32,
};
