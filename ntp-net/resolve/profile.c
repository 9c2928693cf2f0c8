/*
 * The sandbox of ntp-resolve: what the resolver of the C library needs, and
 * the modules for it that nsswitch.conf(5) may name.  These are loaded when a
 * name is first looked up, or when that file has changed, so memory may be
 * mapped for execution, though never for writing and execution at once, and
 * where the kernel has Landlock only from the folders below.  It may open
 * files for reading only, cannot start a program, and has no socket that
 * listens.
 */
#include "profile.h"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>

/* Numbers of arguments: open flags, protection, socket family, ioctl. */
#define OPENAT_FLAGS 2
#define OPEN_FLAGS   1
#define PROTECTION   2
#define FAMILY	     0
#define REQUEST	     1
#define NO_WRITE     (O_ACCMODE | O_CREAT | O_TRUNC) /* none of these set */

#define ANY(name)                                                              \
	{                                                                      \
		SCMP_SYS(name), ARG_ANY, 0, 0, 0                               \
	}
#define SOFT(name, error)                                                      \
	{                                                                      \
		SCMP_SYS(name), ARG_ERRNO, 0, 0, error                         \
	}
#define SOCKET(family)                                                         \
	{                                                                      \
		SCMP_SYS(socket), ARG_EQ, FAMILY, 0, family                    \
	}

static const struct sandbox_rule rules[] = {
	/* channels, and talking to a name server or a local service */
	ANY(recvmsg),
	ANY(sendmsg),
	ANY(recvfrom),
	ANY(sendto),
	ANY(sendmmsg),
	ANY(recvmmsg),
	ANY(read),
	ANY(write),
	ANY(readv),
	ANY(writev),
	ANY(poll),
	ANY(ppoll),
	ANY(select),
	ANY(pselect6),
	{ SCMP_SYS(ioctl), ARG_EQ, REQUEST, 0, FIONREAD },
	ANY(fcntl),
	SOCKET(AF_INET),
	SOCKET(AF_INET6),
	SOCKET(AF_UNIX),
	SOCKET(AF_NETLINK),
	ANY(connect),
	ANY(bind),
	ANY(setsockopt),
	ANY(getsockopt),
	ANY(getsockname),
	ANY(getpeername),
	ANY(shutdown),
	ANY(close),

	/* reading files */
	{ SCMP_SYS(openat), ARG_MASK, OPENAT_FLAGS, NO_WRITE, O_RDONLY },
	{ SCMP_SYS(open), ARG_MASK, OPEN_FLAGS, NO_WRITE, O_RDONLY },
	ANY(fstat),
	ANY(stat),
	ANY(lstat),
	ANY(newfstatat),
	ANY(statx),
	ANY(statfs),
	ANY(fstatfs),
	ANY(lseek),
	ANY(pread64),
	ANY(access),
	ANY(faccessat),
	ANY(faccessat2),
	ANY(readlink),
	ANY(readlinkat),
	ANY(getdents64),
	ANY(getcwd),

	/* memory: writable or executable, not both */
	{ SCMP_SYS(mmap), ARG_MASK, PROTECTION, PROT_EXEC, 0 },
	{ SCMP_SYS(mmap), ARG_MASK, PROTECTION, PROT_WRITE, 0 },
	{ SCMP_SYS(mprotect), ARG_MASK, PROTECTION, PROT_EXEC, 0 },
	ANY(munmap),
	ANY(mremap),
	ANY(madvise),
	ANY(brk),

	/* itself and the time */
	ANY(getpid),
	ANY(gettid),
	ANY(getppid),
	ANY(getuid),
	ANY(geteuid),
	ANY(getgid),
	ANY(getegid),
	ANY(getresuid),
	ANY(getresgid),
	ANY(getrandom),
	ANY(getrlimit),
	ANY(sysinfo),
	ANY(uname),
	ANY(time),
	ANY(gettimeofday),
	ANY(clock_gettime),
	ANY(clock_getres),
	ANY(clock_nanosleep),
	ANY(nanosleep),
	ANY(futex),
	ANY(sched_yield),
	ANY(sched_getaffinity),
	ANY(rt_sigaction),
	ANY(rt_sigprocmask),
	ANY(rt_sigreturn),
	ANY(restart_syscall),
	ANY(exit),
	ANY(exit_group),
	{ SCMP_SYS(prctl), ARG_EQ, 0, 0, PR_SET_PDEATHSIG },

	/* what a module may try and can do without */
	SOFT(socketpair, EPERM),
	SOFT(clone3, ENOSYS),
	SOFT(epoll_create1, EPERM),
	SOFT(inotify_init1, EPERM),
	SOFT(timerfd_create, EPERM),
	SOFT(eventfd2, EPERM),
	SOFT(memfd_create, EPERM),
	SOFT(rseq, ENOSYS),
};

/* Where the resolver's files and modules are; missing ones do no harm. */
static const char *const readable[] = {
	"/etc",
	"/lib",
	"/lib64",
	"/usr/lib",
	"/usr/lib64",
	"/run/systemd/resolve",
	"/run/resolvconf",
	"/run/NetworkManager",
	NULL,
};

const struct sandbox_profile resolve_profile = {
	.name = "ntp-resolve",
	.rules = rules,
	.rule_count = sizeof(rules) / sizeof(rules[0]),
	.keep_root_dir = true,
	.readable = readable,
	.max_files = 64,
};
