/*
 * The sandbox of ntp-resolve: what the resolver of the C library needs, and
 * the modules for it that nsswitch.conf(5) may name.  These are loaded when a
 * name is first looked up, or when that file has changed, so memory may be
 * mapped for execution, though never for writing and execution at once, and
 * where the kernel has Landlock only from the folders of libraries.  It may
 * open files for reading only, cannot start a program, and has no socket that
 * listens.
 *
 * A filter cannot see paths: where the kernel has no Landlock, it can open what
 * its user may read.  That is the file of keys where all programs have one
 * user, and there a filter is all that stands between.
 *
 * Nobody knows what a module tries, and most do without what they cannot have,
 * so the calls in no row fail as if the kernel did not know them, for which the
 * C library has other ways.  Those by which an intruder would go on end it.
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
	 * Without a module that needs a local service there is none: not the
	 * control socket of ntpd, nor the system's bus, nor nscd, which the C
	 * library tries first and does without.  This is the first row.
	 */
	FAIL_INT(socket, SOCKET_FAMILY, AF_UNIX, EAFNOSUPPORT),

	/* The channels, and talking to a name server. */
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
	 * A sibling's channel is closed; unseen: where the kernel can refuse
	 * descriptors (Linux 6.16), it need not be emptied before.
	 */
	ALLOW_INT(shutdown, 1, SHUT_RDWR),
	/* Name servers, by UDP; and from which address they are asked. */
	ALLOW_SOCKET(socket, AF_INET, SOCK_DGRAM, 0),
	ALLOW_SOCKET(socket, AF_INET6, SOCK_DGRAM, 0),
	/* unseen: answers that do not fit into a datagram, by TCP. */
	ALLOW_SOCKET(socket, AF_INET, SOCK_STREAM, 0),
	ALLOW_SOCKET(socket, AF_INET6, SOCK_STREAM, 0),
	/* unseen: a module may name the protocol. */
	ALLOW_SOCKET(socket, AF_INET, SOCK_DGRAM, IPPROTO_UDP),
	ALLOW_SOCKET(socket, AF_INET6, SOCK_DGRAM, IPPROTO_UDP),
	ALLOW_SOCKET(socket, AF_INET, SOCK_STREAM, IPPROTO_TCP),
	ALLOW_SOCKET(socket, AF_INET6, SOCK_STREAM, IPPROTO_TCP),
	/* Has this machine an address of the family?  It binds to nothing else. */
	ALLOW_SOCKET(socket, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE),
	ALLOW(bind),
	/* An error of the network at once, and not after the time is over. */
	ALLOW_OPTION(setsockopt, IPPROTO_IP, IP_RECVERR),
	ALLOW_OPTION(setsockopt, IPPROTO_IPV6, IPV6_RECVERR),
	/* unseen: resolve, myhostname and sss ask for these. */
	ALLOW_OPTION(setsockopt, SOL_SOCKET, SO_RCVBUF),
	ALLOW_OPTION(setsockopt, SOL_SOCKET, SO_SNDBUF),
	ALLOW_OPTION(setsockopt, SOL_NETLINK, NETLINK_EXT_ACK),
	ALLOW_OPTION(setsockopt, SOL_NETLINK, NETLINK_GET_STRICT_CHK),
	ALLOW_OPTION(setsockopt, SOL_NETLINK, NETLINK_PKTINFO),
	ALLOW_OPTION(getsockopt, SOL_SOCKET, SO_ERROR),
	ALLOW_OPTION(getsockopt, SOL_SOCKET, SO_TYPE),
	ALLOW_OPTION(getsockopt, SOL_SOCKET, SO_PEERCRED),
	/* Which number the interface of an address with a scope has. */
	ALLOW_INT(ioctl, 1, SIOCGIFINDEX),
	/* How long the answer is. */
	ALLOW_INT(ioctl, 1, FIONREAD),
	/* unseen: answers by TCP have their length in front. */
	ALLOW(writev),
	/*
	 * unseen: modules; what turns a descriptor into a signal for any
	 * process, F_SETOWN and its kin and O_ASYNC, is not among these.
	 */
	ALLOW_INT(fcntl, 1, F_GETFD),
	ALLOW_INT(fcntl, 1, F_SETFD),
	ALLOW_INT(fcntl, 1, F_GETFL),
	ALLOW_INT(fcntl, 1, F_DUPFD_CLOEXEC),
	ALLOW_INT(fcntl, 1, F_SETFL),
	AND_INT_ONLY(fcntl, 2, O_ACCMODE | O_NONBLOCK),
	/* unseen: modules ask who is at the other end. */
	ALLOW(getpeername),

	/* The resolver's files, and the libraries of modules. */
	ALLOW_BITS(openat, OPENAT_FLAGS, NO_WRITE, O_RDONLY),
	ALLOW(read),
	ALLOW(lseek),
	ALLOW(newfstatat),
	/* unseen: an older or a newer C library asks the same with these. */
	ALLOW_BITS(open, OPEN_FLAGS, NO_WRITE, O_RDONLY),
	ALLOW(fstat),
	ALLOW(stat),
	ALLOW(statx),
	/* unseen: modules and their libraries; all of it reads. */
	ALLOW(pread64),
	ALLOW(access),
	ALLOW(faccessat),
	ALLOW(faccessat2),
	ALLOW(readlink),
	ALLOW(readlinkat),
	/* unseen: modules that have found a service write to it. */
	ALLOW(write),

	/* Memory of malloc(3). */
	ALLOW(brk),
	ALLOW_INT(madvise, 2, MADV_DONTNEED),
	/* unseen: a library of a module; writable or executable, not both. */
	ALLOW_LONG_ONLY(mmap, MMAP_PROTECTION, PROT_READ | PROT_WRITE),
	ALLOW_LONG_ONLY(mmap, MMAP_PROTECTION, PROT_READ | PROT_EXEC),
	ALLOW_LONG_ONLY(mprotect, 2, PROT_READ | PROT_WRITE),
	ALLOW(munmap),
	/* unseen: an answer that grows; it moves to no address that is named. */
	ALLOW_INT_ONLY(mremap, 3, MREMAP_MAYMOVE),

	/* Locks; the only thread waits for no other. */
	ALLOW_INT(futex, 1, FUTEX_WAKE_PRIVATE),
	ALLOW_INT(futex, 1, FUTEX_WAKE),
	/* The name of the machine, whose domain may be searched. */
	ALLOW(uname),
	/* unseen: numbers of queries, and what a library draws when it starts. */
	ALLOW_INT_ONLY(getrandom, 2, GRND_NONBLOCK),
	/* unseen: who am I?  Modules ask. */
	ALLOW(getpid),
	ALLOW(gettid),
	ALLOW(getuid),
	ALLOW(geteuid),
	ALLOW(getgid),
	ALLOW(getegid),
	/* unseen: the vDSO reads the clocks, where the clock source allows it. */
	ALLOW_CLOCKS(clock_gettime),
	ALLOW_INT(clock_gettime, 0, CLOCK_REALTIME_COARSE),
	ALLOW_INT(clock_gettime, 0, CLOCK_MONOTONIC_COARSE),
	ALLOW(gettimeofday),
	ALLOW(time),
	/* unseen: modules wait before they ask again. */
	ALLOW_INT(clock_nanosleep, 0, CLOCK_REALTIME),
	ALLOW_INT(clock_nanosleep, 0, CLOCK_MONOTONIC),
	/* unseen: a wait with an end goes on after SIGSTOP and SIGCONT. */
	ALLOW(restart_syscall),
	/* unseen: modules hold back signals while they talk to a service. */
	ALLOW(rt_sigprocmask),
	ALLOW(rt_sigaction),
	/* The end.  unseen: ntpd may be quicker to end it by a signal. */
	ALLOW(exit_group),

	/* Nobody tries these in good faith. */
	KILL_ATTACKS,
	KILL(execve), KILL(vfork), KILL(fork), KILL(clone), KILL(kill), KILL(tgkill),
	KILL(setuid), KILL(setgid), KILL(setresuid), KILL(setresgid),
	KILL(setgroups), KILL(capset), KILL(clock_adjtime),
	KILL(listen), KILL(accept4), KILL(chroot), KILL(unshare),
	KILL(seccomp), KILL(unlink), KILL(unlinkat), KILL(rename),
	KILL(renameat), KILL(renameat2), KILL(link), KILL(linkat), KILL(mkdir),
	KILL(mkdirat), KILL(creat), KILL(truncate), KILL(ftruncate),

	/* A module's local service, where there is one; the last rows. */
	ALLOW_SOCKET(socket, AF_UNIX, SOCK_STREAM, 0),
	ALLOW_SOCKET(socket, AF_UNIX, SOCK_DGRAM, 0),
	ALLOW_SOCKET(socket, AF_UNIX, SOCK_SEQPACKET, 0),
};
/* clang-format on */

const char *const resolve_readable[] = {
	"/etc/resolv.conf", /* or what it links to, wherever that is */
	"/etc/hosts",
	RESOLVE_NSSWITCH,
	"/etc/host.conf",
	"/etc/gai.conf",
	"/etc/ld.so.cache", /* where the libraries of modules are */
	"/etc/mdns.allow",  /* of the module mdns4 */
	"/lib",
	"/lib64",
	"/usr/lib",
	"/usr/lib64",
	NULL,
};

#define RULES	    (sizeof(rules) / sizeof(rules[0]))
#define LOCAL_FIRST 1 /* row that forbids local services */
#define LOCAL_ROWS  9 /* that allow them */

/*
 * Data: 1/3 MiB was seen.  An answer has 64 KiB at most, and an address takes
 * some hundred bytes.  What is mapped: 3 MiB were seen, 5 with the modules of
 * systemd and sssd, and others have more libraries.
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
