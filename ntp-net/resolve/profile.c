/*
 * The sandbox of ntp-resolve: what the C library's resolver needs, and the
 * modules that nsswitch.conf(5) may name.  The C library loads these modules at
 * the first look-up, or when that file has changed.  So memory may be mapped
 * executable, but never writable and executable at once, and with Landlock only
 * from library folders.  The process may open files for reading only, cannot
 * start a program, and has no listening socket.
 *
 * A filter cannot see paths.  Without Landlock the process can open anything
 * that its user may read.  That includes the key file if all programs run as
 * one user; then nothing but this filter protects it.
 *
 * Nobody knows which calls a module tries, and most modules do without what is
 * refused.  So calls without a row fail with ENOSYS, as in a kernel that lacks
 * them, and the C library falls back to other ways.  Calls that an intruder
 * would need kill the process.
 */
#include "ntp-net/resolve/profile.h"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <time.h>

#include "common/sandbox_rows.h"

#define DNS_PORT     53
#define OPENAT_FLAGS 2 /* arguments, by number */
#define OPEN_FLAGS   1
#define NO_WRITE     (O_ACCMODE | O_CREAT | O_TRUNC) /* none of these set */

/* clang-format off */
static const struct sandbox_rule rules[] = {
	/*
	 * Without a module that needs a local service, no local socket is
	 * allowed: not ntpd's control socket, not the system bus, not nscd,
	 * which the C library tries first and does without.  This must be the
	 * first row.
	 */
	FAIL_INT(socket, SOCKET_FAMILY, AF_UNIX, EAFNOSUPPORT),

	/* The channels, and the traffic with name servers. */
	ALLOW(ppoll),
	ALLOW(poll),
	ALLOW_INT_ONLY(recvmsg, 2,
	    MSG_DONTWAIT | MSG_CMSG_CLOEXEC | MSG_NOSIGNAL | MSG_PEEK | MSG_TRUNC),
	ALLOW_INT_ONLY(sendmsg, 2, MSG_DONTWAIT | MSG_NOSIGNAL),
	ALLOW_INT_ONLY(recvfrom, 3, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_PEEK | MSG_TRUNC),
	ALLOW_INT_ONLY(sendto, 3, MSG_DONTWAIT | MSG_NOSIGNAL),
	ALLOW_INT_ONLY(sendmmsg, 3, MSG_DONTWAIT | MSG_NOSIGNAL),
	ALLOW(connect),
	ALLOW(getsockname),
	ALLOW(close),
	/*
	 * A peer's channel is closed; unseen: if the kernel can refuse
	 * descriptors (Linux 6.16), the channel need not be drained first.
	 */
	ALLOW_INT(shutdown, 1, SHUT_RDWR),
	/* Name servers over UDP, and the local address used for them. */
	ALLOW_SOCKET(socket, AF_INET, SOCK_DGRAM, 0),
	ALLOW_SOCKET(socket, AF_INET6, SOCK_DGRAM, 0),
	/* unseen: TCP, for answers that do not fit into a datagram. */
	ALLOW_SOCKET(socket, AF_INET, SOCK_STREAM, 0),
	ALLOW_SOCKET(socket, AF_INET6, SOCK_STREAM, 0),
	/* unseen: a module may name the protocol. */
	ALLOW_SOCKET(socket, AF_INET, SOCK_DGRAM, IPPROTO_UDP),
	ALLOW_SOCKET(socket, AF_INET6, SOCK_DGRAM, IPPROTO_UDP),
	ALLOW_SOCKET(socket, AF_INET, SOCK_STREAM, IPPROTO_TCP),
	ALLOW_SOCKET(socket, AF_INET6, SOCK_STREAM, IPPROTO_TCP),
	/*
	 * Does this machine have an address of the family?  It binds nothing
	 * else.
	 */
	ALLOW_SOCKET(socket, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE),
	ALLOW(bind),
	/* Report network errors at once instead of waiting for a timeout. */
	ALLOW_OPTION(setsockopt, IPPROTO_IP, IP_RECVERR),
	ALLOW_OPTION(setsockopt, IPPROTO_IPV6, IPV6_RECVERR),
	/* unseen: the modules resolve, myhostname and sss use these. */
	ALLOW_OPTION(setsockopt, SOL_SOCKET, SO_RCVBUF),
	ALLOW_OPTION(setsockopt, SOL_SOCKET, SO_SNDBUF),
	ALLOW_OPTION(setsockopt, SOL_NETLINK, NETLINK_EXT_ACK),
	ALLOW_OPTION(setsockopt, SOL_NETLINK, NETLINK_GET_STRICT_CHK),
	ALLOW_OPTION(setsockopt, SOL_NETLINK, NETLINK_PKTINFO),
	ALLOW_OPTION(getsockopt, SOL_SOCKET, SO_ERROR),
	ALLOW_OPTION(getsockopt, SOL_SOCKET, SO_TYPE),
	ALLOW_OPTION(getsockopt, SOL_SOCKET, SO_PEERCRED),
	/* The interface number of an address with a scope. */
	ALLOW_INT(ioctl, 1, SIOCGIFINDEX),
	/* The length of an answer. */
	ALLOW_INT(ioctl, 1, FIONREAD),
	/* unseen: TCP messages start with their length. */
	ALLOW(writev),
	/*
	 * unseen: modules.  F_SETOWN and its kin and O_ASYNC, which can make a
	 * descriptor signal any process, are not allowed.
	 */
	ALLOW_INT(fcntl, 1, F_GETFD),
	ALLOW_INT(fcntl, 1, F_SETFD),
	ALLOW_INT(fcntl, 1, F_GETFL),
	ALLOW_INT(fcntl, 1, F_DUPFD_CLOEXEC),
	ALLOW_INT(fcntl, 1, F_SETFL),
	AND_INT_ONLY(fcntl, 2, O_ACCMODE | O_NONBLOCK),
	/* unseen: modules ask who the peer is. */
	ALLOW(getpeername),

	/* The resolver's files and the libraries of modules. */
	ALLOW_BITS(openat, OPENAT_FLAGS, NO_WRITE, O_RDONLY),
	ALLOW(read),
	ALLOW(lseek),
	ALLOW(newfstatat),
	/* unseen: other versions of the C library use these instead. */
	ALLOW_BITS(open, OPEN_FLAGS, NO_WRITE, O_RDONLY),
	ALLOW(fstat),
	ALLOW(stat),
	ALLOW(statx),
	/* unseen: modules and their libraries; all of these only read. */
	ALLOW(pread64),
	ALLOW(access),
	ALLOW(faccessat),
	ALLOW(faccessat2),
	ALLOW(readlink),
	ALLOW(readlinkat),
	/* unseen: modules that found a service write to it. */
	ALLOW(write),

	/* Memory of malloc(3). */
	ALLOW(brk),
	ALLOW_INT(madvise, 2, MADV_DONTNEED),
	/* unseen: a module's library; writable or executable, never both. */
	ALLOW_LONG_ONLY(mmap, MMAP_PROTECTION, PROT_READ | PROT_WRITE),
	ALLOW_LONG_ONLY(mmap, MMAP_PROTECTION, PROT_READ | PROT_EXEC),
	ALLOW_LONG_ONLY(mprotect, 2, PROT_READ | PROT_WRITE),
	ALLOW(munmap),
	/* unseen: a growing answer; it cannot move to a chosen address. */
	ALLOW_INT_ONLY(mremap, 3, MREMAP_MAYMOVE),

	/* Locks; there is one thread, so it never waits for another. */
	ALLOW_INT(futex, 1, FUTEX_WAKE_PRIVATE),
	ALLOW_INT(futex, 1, FUTEX_WAKE),
	/* The machine's name: its domain may be searched. */
	ALLOW(uname),
	/* unseen: query IDs, and random numbers at the start of a library. */
	ALLOW_INT_ONLY(getrandom, 2, GRND_NONBLOCK),
	/* unseen: modules ask for their own IDs. */
	ALLOW(getpid),
	ALLOW(gettid),
	ALLOW(getuid),
	ALLOW(geteuid),
	ALLOW(getgid),
	ALLOW(getegid),
	/* unseen: the vDSO reads the clocks if the clock source allows it. */
	ALLOW_CLOCKS(clock_gettime),
	ALLOW_INT(clock_gettime, 0, CLOCK_REALTIME_COARSE),
	ALLOW_INT(clock_gettime, 0, CLOCK_MONOTONIC_COARSE),
	ALLOW(gettimeofday),
	ALLOW(time),
	/* unseen: modules wait before they retry. */
	ALLOW_INT(clock_nanosleep, 0, CLOCK_REALTIME),
	ALLOW_INT(clock_nanosleep, 0, CLOCK_MONOTONIC),
	/* unseen: a timed wait is restarted after SIGSTOP and SIGCONT. */
	ALLOW(restart_syscall),
	/* unseen: modules block signals while they talk to a service. */
	ALLOW(rt_sigprocmask),
	ALLOW(rt_sigaction),
	/* Exit.  unseen: ntpd may kill it with a signal first. */
	ALLOW(exit_group),

	/* No program makes these calls in good faith. */
	KILL_ATTACKS,
	KILL(execve), KILL(vfork), KILL(fork), KILL(clone), KILL(kill), KILL(tgkill),
	KILL(setuid), KILL(setgid), KILL(setresuid), KILL(setresgid),
	KILL(setgroups), KILL(capset), KILL(clock_adjtime),
	KILL(listen), KILL(accept4), KILL(chroot), KILL(unshare),
	KILL(seccomp), KILL(unlink), KILL(unlinkat), KILL(rename),
	KILL(renameat), KILL(renameat2), KILL(link), KILL(linkat), KILL(mkdir),
	KILL(mkdirat), KILL(creat), KILL(truncate), KILL(ftruncate),

	/*
	 * A module's local service, if one is needed; these must be the last
	 * rows.
	 */
	ALLOW_SOCKET(socket, AF_UNIX, SOCK_STREAM, 0),
	ALLOW_SOCKET(socket, AF_UNIX, SOCK_DGRAM, 0),
	ALLOW_SOCKET(socket, AF_UNIX, SOCK_SEQPACKET, 0),
};
/* clang-format on */

const char *const resolve_readable[] = {
	"/etc/resolv.conf", /* or the target of its links */
	"/etc/hosts",
	RESOLVE_NSSWITCH,
	"/etc/host.conf",
	"/etc/gai.conf",
	"/etc/ld.so.cache", /* the library cache for modules */
	"/etc/mdns.allow",  /* for the module mdns4 */
	"/lib",
	"/lib64",
	"/usr/lib",
	"/usr/lib64",
	NULL,
};

#define RULES	    (sizeof(rules) / sizeof(rules[0]))
#define LOCAL_FIRST 1 /* skips the row that forbids local services */
#define LOCAL_ROWS  9 /* the rows that allow them */

/*
 * Data: 1/3 MiB was seen.  An answer has at most 64 KiB, and an address takes a
 * few hundred octets.  Address space: 3 MiB were seen, 5 with the modules of
 * systemd and sssd; other modules have more libraries.
 */
#define DATA_MIB  16
#define SPACE_MIB 80

const struct sandbox_profile resolve_profile = {
	.name = "ntp-resolve",
	.rules = rules,
	.rule_count = RULES - LOCAL_ROWS,
	.others = ENOSYS,
	.keep_root_dir = true,
	.readable = resolve_readable,
	.connect_port = DNS_PORT,
	.max_files = 64,
	.data_mib = DATA_MIB,
	.space_mib = SPACE_MIB,
};

const struct sandbox_profile resolve_local_profile = {
	.name = "ntp-resolve",
	.rules = rules + LOCAL_FIRST,
	.rule_count = RULES - LOCAL_FIRST,
	.others = ENOSYS,
	.keep_root_dir = true,
	.readable = resolve_readable,
	.connect_port = DNS_PORT,
	.max_files = 64,
	.data_mib = DATA_MIB,
	.space_mib = SPACE_MIB,
};
