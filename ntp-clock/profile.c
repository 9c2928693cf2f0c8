/*
 * The sandbox of ntp-clock: CAP_SYS_TIME, two channels, and nothing else.  Run
 * by ntp-clock at its start.  It must never allow a file, a socket of its own,
 * or memory that is not there at the start.
 */
#include "ntp-clock/profile.h"

#include <sys/mman.h>
#include <sys/socket.h>

#include <time.h>

#include "common/page.h"
#include "common/sandbox_rows.h"

/* clang-format off */
static const struct sandbox_rule rules[] = {
	/* The only clock that may be set. */
	ALLOW_INT(clock_adjtime, 0, CLOCK_REALTIME),
	/*
	 * The clocks that are read.  unseen: the vDSO reads them without a
	 * system call if the clock source allows it.
	 */
	ALLOW_CLOCKS(clock_gettime),
	/* The channels that were given; it cannot make one. */
	ALLOW(ppoll),
	ALLOW_INT_ONLY(recvmsg, 2, MSG_DONTWAIT | MSG_CMSG_CLOEXEC | MSG_PEEK),
	ALLOW_INT_ONLY(sendmsg, 2, MSG_DONTWAIT | MSG_NOSIGNAL),
	/* The page with its state, once, wherever the kernel maps it. */
	ALLOW_LONG(mmap, MMAP_LENGTH, PAGE_BYTES),
	AND_LONG(mmap, MMAP_PROTECTION, PROT_READ | PROT_WRITE),
	AND_LONG(mmap, MMAP_FLAGS, MAP_SHARED),
	/* For a channel that a newer one replaces. */
	ALLOW(close),
	/*
	 * To close a sibling's channel.  unseen: if the kernel can refuse
	 * descriptors (Linux 6.16), the channel need not be emptied first.
	 */
	ALLOW_INT(shutdown, 1, SHUT_RDWR),
	/*
	 * For the RTC's file, the only descriptor with offsets.  unseen: if
	 * there is no RTC.
	 */
	ALLOW(pread64),
	/* The end; signals are ignored.  unseen: ntpd may kill it earlier. */
	ALLOW(exit_group),
};
/* clang-format on */

const struct sandbox_profile clock_profile = {
	.name = "ntp-clock",
	SANDBOX_RULES(rules),
	.others = SANDBOX_KILL,
	.keep_sys_time = true,
	.max_files = 40, /* a channel with a waiting descriptor is kept */
	.data_mib = 2,	 /* 1/4 MiB was seen, all of it static */
	.space_mib = 32,
};
