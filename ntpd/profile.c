/*
 * The system calls of the supervisor.  A filter is inherited over exec, so this
 * list holds what the supervisor needs, what the dynamic loader needs, what a
 * child does before its own filter is on, and what the children's own filters
 * allow.  It leaves out what an attacker in the supervisor would want: ptrace
 * and other processes' memory, kernel modules, mounts and namespaces, bpf,
 * io_uring, key rings, the older ways to set the clock, reboot.
 *
 * An unknown call fails but does not kill, since libraries of modules that
 * ntp-resolve loads try some, and a restarted ntp-resolve has this filter as
 * well as its own.  This includes clone3(2), whose arguments a filter cannot
 * see: the C library then uses clone(2).
 */
#include "ntpd/profile.h"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <malloc.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

#include "common/sandbox_rows.h"

#define FORK_FLAGS   (CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | SIGCHLD)
#define PR_SET_MDWE_ 65 /* Linux 6.3 */
#define SECCOMP_OPS  3	/* none beyond SECCOMP_GET_NOTIF_SIZES */

/* clang-format off */
static const struct sandbox_rule rules[] = {
	/* Waiting and messages; the flags of children and of their filters. */
	ALLOW(ppoll),
	ALLOW(poll),
	ALLOW(recvmsg), ALLOW(sendmsg), ALLOW(recvfrom), ALLOW(sendto),
	ALLOW(recvmmsg), ALLOW(sendmmsg),
	/* A channel for a child. */
	ALLOW_SOCKET(socketpair, AF_UNIX, SOCK_SEQPACKET, 0),
	/*
	 * Listening sockets at a reload; query sockets of ntp-net and
	 * ntp-resolve; interfaces and their addresses.
	 */
	ALLOW_SOCKET(socket, AF_INET, SOCK_DGRAM, 0),
	ALLOW_SOCKET(socket, AF_INET6, SOCK_DGRAM, 0),
	ALLOW_SOCKET(socket, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE),
	ALLOW(bind), ALLOW(connect), ALLOW(getsockname),
	/* unseen: reconnecting to the log daemon; services of modules. */
	ALLOW_SOCKET(socket, AF_UNIX, SOCK_DGRAM, 0),
	ALLOW_SOCKET(socket, AF_UNIX, SOCK_STREAM, 0),
	ALLOW_SOCKET(socket, AF_UNIX, SOCK_SEQPACKET, 0),
	/* unseen: ntp-resolve, see its profile. */
	ALLOW_SOCKET(socket, AF_INET, SOCK_STREAM, 0),
	ALLOW_SOCKET(socket, AF_INET6, SOCK_STREAM, 0),
	ALLOW_SOCKET(socket, AF_INET, SOCK_DGRAM, IPPROTO_UDP),
	ALLOW_SOCKET(socket, AF_INET6, SOCK_DGRAM, IPPROTO_UDP),
	ALLOW_SOCKET(socket, AF_INET, SOCK_STREAM, IPPROTO_TCP),
	ALLOW_SOCKET(socket, AF_INET6, SOCK_STREAM, IPPROTO_TCP),
	ALLOW(getpeername), ALLOW_INT(shutdown, 1, SHUT_RDWR),
	/* Clients of ntp-observe. */
	ALLOW(accept4),
	/* Sockets and channels at a reload. */
	ALLOW_OPTION(setsockopt, SOL_SOCKET, SO_SNDBUF),
	ALLOW_OPTION(setsockopt, SOL_SOCKET, SO_PASSRIGHTS),
	ALLOW_OPTION(setsockopt, SOL_SOCKET, SO_RCVBUF),
	ALLOW_OPTION(setsockopt, SOL_SOCKET, SO_RCVBUFFORCE),
	ALLOW_OPTION(setsockopt, SOL_SOCKET, SO_REUSEPORT),
	ALLOW_OPTION(setsockopt, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF),
	ALLOW_OPTION(setsockopt, SOL_SOCKET, SO_BROADCAST),
	ALLOW_OPTION(setsockopt, IPPROTO_IP, IP_MTU_DISCOVER),
	ALLOW_OPTION(setsockopt, IPPROTO_IP, IP_FREEBIND),
	ALLOW_OPTION(setsockopt, IPPROTO_IPV6, IPV6_V6ONLY),
	/* Timestamps and addresses: ntp-net and ntp-serve. */
	ALLOW_OPTION(setsockopt, SOL_SOCKET, SO_TIMESTAMPING),
	ALLOW_OPTION(setsockopt, IPPROTO_IP, IP_PKTINFO),
	ALLOW_OPTION(setsockopt, IPPROTO_IPV6, IPV6_RECVPKTINFO),
	/* ntp-resolve, see its profile. */
	ALLOW_OPTION(setsockopt, IPPROTO_IP, IP_RECVERR),
	ALLOW_OPTION(setsockopt, IPPROTO_IPV6, IPV6_RECVERR),
	ALLOW_OPTION(setsockopt, SOL_NETLINK, NETLINK_EXT_ACK),
	ALLOW_OPTION(setsockopt, SOL_NETLINK, NETLINK_GET_STRICT_CHK),
	ALLOW_OPTION(setsockopt, SOL_NETLINK, NETLINK_PKTINFO),
	/*
	 * The peer's identity, and the count of datagrams that the kernel
	 * dropped.
	 */
	ALLOW_OPTION(getsockopt, SOL_SOCKET, SO_TYPE),
	ALLOW_OPTION(getsockopt, SOL_SOCKET, SO_ACCEPTCONN),
	ALLOW_OPTION(getsockopt, SOL_SOCKET, SO_PEERCRED),
	ALLOW_OPTION(getsockopt, SOL_SOCKET, SO_PEERGROUPS),
	ALLOW_OPTION(getsockopt, SOL_SOCKET, SO_PEERPIDFD),
	ALLOW_OPTION(getsockopt, SOL_SOCKET, SO_MEMINFO),
	ALLOW_OPTION(getsockopt, SOL_SOCKET, SO_ERROR),

	/* Another child: fork(2), without a new namespace or shared memory. */
	ALLOW_LONG(clone, 0, FORK_FLAGS),
	ALLOW(execve), ALLOW(wait4), ALLOW(setpgid),
	/*
	 * Ending a child.  A filter cannot tell whether a pid is that of a
	 * child.
	 */
	ALLOW_INT(kill, 1, SIGTERM),
	ALLOW_INT(kill, 1, SIGKILL),
	/* unseen: abort(3), after a failed assertion. */
	ALLOW_INT(tgkill, 2, SIGABRT),
	ALLOW(exit_group),
	ALLOW(getpid), ALLOW(gettid),
	/* Signals that ntpd handles. */
	ALLOW(rt_sigaction), ALLOW(rt_sigprocmask), ALLOW(rt_sigreturn),
	/* unseen: a timed wait continues after SIGSTOP and SIGCONT. */
	ALLOW(restart_syscall),

	/* ntp-clock: the only clock that may be set. */
	ALLOW_INT(clock_adjtime, 0, CLOCK_REALTIME),
	/* ntp-observe's ticks. */
	ALLOW_INT(setitimer, 0, ITIMER_REAL),
	/* unseen: the vDSO reads the clocks if the clock source allows it. */
	ALLOW_CLOCKS(clock_gettime),
	ALLOW_INT(clock_gettime, 0, CLOCK_REALTIME_COARSE),
	ALLOW_INT(clock_gettime, 0, CLOCK_MONOTONIC_COARSE),
	ALLOW(gettimeofday), ALLOW(time),
	/* unseen: ntp-resolve, see its profile. */
	ALLOW_INT(clock_nanosleep, 0, CLOCK_REALTIME),
	ALLOW_INT(clock_nanosleep, 0, CLOCK_MONOTONIC),

	/*
	 * Configuration, keys, state, libraries: a filter cannot see the paths.
	 */
	ALLOW(openat), ALLOW(close), ALLOW(read), ALLOW(write),
	ALLOW(pread64), ALLOW(lseek), ALLOW(newfstatat), ALLOW(access),
	ALLOW(fstatfs), ALLOW(uname),
	/* A child closes what is not for it. */
	ALLOW_INT(close_range, 1, UINT32_MAX),
	AND_INT(close_range, 2, 0),
	ALLOW(dup2),
	/* unseen: a process that holds a descriptor whose close would wait. */
	ALLOW_INT(pipe2, 1, O_CLOEXEC),
	/* unseen: the two files of a recording at the wrong descriptors. */
	ALLOW_INT(dup3, 2, O_CLOEXEC),
	/* unseen: another C library or module uses these for the same. */
	ALLOW(open), ALLOW(fstat), ALLOW(stat), ALLOW(lstat), ALLOW(statx),
	ALLOW(statfs), ALLOW(faccessat), ALLOW(faccessat2), ALLOW(readlink),
	ALLOW(readlinkat), ALLOW(writev),
	/* The state is written to a new file, which is then renamed. */
	ALLOW(renameat), ALLOW(fsync),
	/* unseen: the same by another C library. */
	ALLOW(renameat2),
	/* The control socket, and the rest of a failed write. */
	ALLOW(unlink), ALLOW(unlinkat),
	/* The access list, and the counters of a new worker. */
	ALLOW_INT_ONLY(memfd_create, 1, MFD_CLOEXEC | MFD_ALLOW_SEALING),
	ALLOW(fallocate),
	/* The counters of one more worker; a recording that starts again. */
	ALLOW(ftruncate), ALLOW(fchmod),
	/* Seals; whether exec closes a descriptor; a duplicate of a file. */
	ALLOW_INT(fcntl, 1, F_ADD_SEALS),
	ALLOW_INT(fcntl, 1, F_GETFD),
	ALLOW_INT(fcntl, 1, F_SETFD),
	ALLOW_INT(fcntl, 1, F_DUPFD_CLOEXEC),
	/*
	 * fdopen(3) reads the mode of a file; modules use non-blocking sockets.
	 */
	ALLOW_INT(fcntl, 1, F_GETFL),
	ALLOW_INT(fcntl, 1, F_SETFL),
	AND_INT_ONLY(fcntl, 2, O_ACCMODE | O_NONBLOCK),
	/* Interfaces; a check for a terminal; ntp-resolve's answers. */
	ALLOW_INT(ioctl, 1, SIOCGIFINDEX),
	ALLOW_INT(ioctl, 1, SIOCETHTOOL),
	ALLOW_INT(ioctl, 1, TCGETS),
	ALLOW_INT(ioctl, 1, FIONREAD),
	/* Whether a child has read its messages, and ntp-clock its samples. */
	ALLOW_INT(ioctl, 1, SIOCOUTQ),

	/* Memory: writable or executable, not both. */
	ALLOW_BITS(mmap, MMAP_PROTECTION, PROT_EXEC, 0),
	ALLOW_BITS(mmap, MMAP_PROTECTION, PROT_WRITE, 0),
	ALLOW_BITS(mprotect, 2, PROT_EXEC, 0),
	ALLOW_BITS(mprotect, 2, PROT_WRITE, 0),
	ALLOW(munmap), ALLOW(brk),
	ALLOW_INT(madvise, 2, MADV_DONTNEED),
	/* unseen: an array that grows; not to a given address. */
	ALLOW_INT_ONLY(mremap, 3, MREMAP_MAYMOVE),
	/* unseen: the number of processors, for the workers, if none is set. */
	ALLOW_INT(sched_getaffinity, 0, 0),
	/* Locks of the C library, none of which is held for long. */
	ALLOW(futex),
	/* Random factors and hash keys; ntp-net. */
	ALLOW_INT_ONLY(getrandom, 2, GRND_NONBLOCK),
	/* The dynamic loader, in a child. */
	ALLOW(arch_prctl), ALLOW(rseq), ALLOW(set_tid_address),
	ALLOW(set_robust_list),

	/* The children's entry into their own sandboxes, and nothing else. */
	ALLOW_INT(prctl, 0, PR_SET_NO_NEW_PRIVS),
	ALLOW_INT(prctl, 0, PR_GET_NO_NEW_PRIVS),
	ALLOW_INT(prctl, 0, PR_SET_DUMPABLE),
	ALLOW_INT(prctl, 0, PR_SET_PDEATHSIG),
	ALLOW_INT(prctl, 0, PR_SET_KEEPCAPS),
	ALLOW_INT(prctl, 0, PR_CAPBSET_READ),
	ALLOW_INT(prctl, 0, PR_CAPBSET_DROP),
	ALLOW_INT(prctl, 0, PR_CAP_AMBIENT),
	ALLOW_INT(prctl, 0, PR_GET_SECUREBITS),
	ALLOW_INT(prctl, 0, PR_SET_SECCOMP),
	ALLOW_INT(prctl, 0, PR_GET_SECCOMP),
	ALLOW_INT(prctl, 0, PR_SET_MDWE_),
	ALLOW_INT_ONLY(seccomp, 0, SECCOMP_OPS),
	ALLOW(landlock_create_ruleset), ALLOW(landlock_add_rule),
	ALLOW(landlock_restrict_self),
	ALLOW(capget), ALLOW(capset), ALLOW(setuid), ALLOW(setgid),
	ALLOW(setgroups), ALLOW(setresuid), ALLOW(setresgid),
	ALLOW(chroot), ALLOW(chdir),
	/* unseen: only an ordinary user's ntpd compares owners with its own uid. */
	ALLOW(geteuid),
	/* Limits of the process itself. */
	ALLOW_INT(prlimit64, 0, 0),
	/* unseen: ntp-resolve's modules, and another C library. */
	ALLOW(getuid), ALLOW(getgid), ALLOW(getegid), ALLOW(getgroups),
	ALLOW(getrlimit), ALLOW(setrlimit),
	/* unseen: a way to leave a bounding set that may not be emptied. */
	ALLOW_LONG(unshare, 0, CLONE_NEWUSER),

	/* No program of ours uses these. */
	KILL_ATTACKS,
	KILL(listen), KILL(fork), KILL(vfork), KILL(rename), KILL(link),
	KILL(linkat), KILL(symlink), KILL(symlinkat), KILL(chmod), KILL(chown),
	KILL(mknod), KILL(mknodat), KILL(setpriority),
};
/* clang-format on */

const struct sandbox_profile ntpd_profile = {
	.name = "ntpd",
	SANDBOX_RULES(rules),
	.others = ENOSYS, /* ntp-resolve needs it too */
	.keep_root_dir = true,
	.max_files = 256,
	/* 13 MiB were measured at a reload with 131072 prefixes: old and new */
	.data_mib = 64,
	.space_mib = 128, /* at least that of any child */
};

int
profile_enter(bool keep_file_capability, const char **what)
{
	if (sandbox_missing())
		return 0;
	*what = "not dumpable";
	if (sandbox_hide() == -1) /* a change of capabilities may undo it */
		return -1;
	*what = "limits of memory";
	if (sandbox_limit_memory(&ntpd_profile) == -1)
		return -1;
	if (keep_file_capability)
		return 0;
	*what = "no_new_privs";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	*what = "system call filter";
	if (sandbox_filter(&ntpd_profile) == -1)
		return -1;
	(void)malloc_trim(0); /* memory that building the filter took */
	return 0;
}
