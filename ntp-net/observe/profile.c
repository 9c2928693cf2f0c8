/*
 * The sandbox of ntp-observe: it reads what local users send, so it may do
 * nothing but accept connections on the socket it was given, receive and send on
 * these, and read what ntp-serve and the program in the kernel count.  The
 * latter's counters are a map, which without bpf(2) is read as memory: that may
 * be mapped for reading alone.
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
	/* Waiting for ntpd, ntp-net and those who ask. */
	ALLOW(ppoll),
	/* Who asks; nobody wants to know the address. */
	ALLOW_LONG(accept4, 1, 0),
	AND_INT(accept4, 3, SOCK_CLOEXEC | SOCK_NONBLOCK),
	ALLOW_INT_ONLY(recvmsg, 2, MSG_DONTWAIT | MSG_CMSG_CLOEXEC | MSG_PEEK),
	ALLOW_INT_ONLY(sendmsg, 2, MSG_DONTWAIT | MSG_NOSIGNAL),
	ALLOW(close),
	/*
	 * A sibling's channel is closed; unseen: where the kernel can refuse
	 * descriptors (Linux 6.16), it need not be emptied before.
	 */
	ALLOW_INT(shutdown, 1, SHUT_RDWR),
	/* Ticks that end a close that waits, and the way back from them. */
	ALLOW_INT(setitimer, 0, ITIMER_REAL),
	/* unseen: a close seldom lasts until a tick. */
	ALLOW(rt_sigreturn),
	/* The counters of ntp-serve, and the clients. */
	ALLOW(pread64),
	/* Those of the program in the kernel, less than a bound of them. */
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
	.data_mib = 4, /* 1 MiB was seen; what clients wait for is static */
	.space_mib = 32,
};
