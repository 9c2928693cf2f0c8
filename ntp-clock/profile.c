/*
 * The sandbox of ntp-clock: CAP_SYS_TIME, two channels, and nothing else.  No
 * file, no socket of its own, no memory that is not there at the start.
 */
#include "ntp-clock/profile.h"

#include <sys/mman.h>
#include <sys/socket.h>

#include <time.h>

#include "common/page.h"
#include "common/sandbox_rows.h"

/* clang-format off */
static const struct sandbox_rule rules[] = {
	/* The one clock that may be set. */
	ALLOW_INT(clock_adjtime, 0, CLOCK_REALTIME),
	/*
	 * Those that are read.  unseen: the vDSO reads them without a call,
	 * where the clock source allows it.
	 */
	ALLOW_CLOCKS(clock_gettime),
	/* The channels that it was given; it cannot make one. */
	ALLOW(ppoll),
	ALLOW_INT_ONLY(recvmsg, 2, MSG_DONTWAIT | MSG_CMSG_CLOEXEC | MSG_PEEK),
	ALLOW_INT_ONLY(sendmsg, 2, MSG_DONTWAIT | MSG_NOSIGNAL),
	/* The page of its state, once, wherever the kernel puts it. */
	ALLOW_LONG(mmap, MMAP_LENGTH, PAGE_BYTES),
	AND_LONG(mmap, MMAP_PROTECTION, PROT_READ | PROT_WRITE),
	AND_LONG(mmap, MMAP_FLAGS, MAP_SHARED),
	/* A channel that a newer one replaces. */
	ALLOW(close),
	/*
	 * A sibling's channel is closed; unseen: where the kernel can refuse
	 * descriptors (Linux 6.16), it need not be emptied before.
	 */
	ALLOW_INT(shutdown, 1, SHUT_RDWR),
	/*
	 * The RTC's file, the only thing that it is given which has offsets.
	 * unseen: where there is no RTC.
	 */
	ALLOW(pread64),
	/* The end; signals are ignored.  unseen: ntpd may be quicker to kill. */
	ALLOW(exit_group),
};
/* clang-format on */

const struct sandbox_profile clock_profile = {
	.name = "ntp-clock",
	SANDBOX_RULES(rules),
	.others = SANDBOX_KILL,
	.keep_sys_time = true,
	.max_files = 40, /* a channel in which a descriptor waits is kept */
	.data_mib = 2,	 /* 1/4 MiB was seen, all of it static */
	.space_mib = 32,
};
