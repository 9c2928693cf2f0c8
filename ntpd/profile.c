/*
 * The system calls of the supervisor.  A filter is inherited over exec, so
 * this list holds what the supervisor needs, what the dynamic loader needs,
 * what a child does before its own filter is on, and what the children's own
 * filters let through.  What it leaves out is what a broken supervisor would
 * want: ptrace and other processes' memory, kernel modules, mounts and name
 * spaces, bpf, io_uring, key rings, the older ways to set the clock, reboot.
 */
#include "profile.h"

#include <sys/prctl.h>
#include <sys/time.h>

#include <malloc.h>
#include <sched.h>
#include <seccomp.h>

#define ALLOW(name)                                                            \
	{                                                                      \
		SCMP_SYS(name), ARG_ANY, 0, 0, 0                               \
	}

/* clang-format off */
static const struct sandbox_rule rules[] = {
	/* waiting, messages, processes */
	ALLOW(ppoll), ALLOW(poll), ALLOW(recvmsg), ALLOW(sendmsg),
	ALLOW(recvfrom), ALLOW(sendto), ALLOW(recvmmsg), ALLOW(sendmmsg),
	ALLOW(socketpair), ALLOW(socket), ALLOW(bind), ALLOW(connect),
	ALLOW(listen), ALLOW(accept4), ALLOW(setsockopt), ALLOW(getsockopt),
	ALLOW(getsockname), ALLOW(getpeername), ALLOW(shutdown),
	ALLOW(clone), ALLOW(clone3), ALLOW(vfork), ALLOW(fork), ALLOW(execve),
	ALLOW(wait4), ALLOW(waitid), ALLOW(kill), ALLOW(tgkill), ALLOW(exit),
	ALLOW(exit_group), ALLOW(setpgid), ALLOW(getpid), ALLOW(getppid), ALLOW(gettid),
	ALLOW(rt_sigaction), ALLOW(rt_sigprocmask), ALLOW(rt_sigreturn),
	ALLOW(restart_syscall), ALLOW(sigaltstack),
	/* time */
	ALLOW(clock_gettime), ALLOW(gettimeofday), ALLOW(time),
	ALLOW(clock_adjtime), ALLOW(clock_nanosleep), ALLOW(nanosleep),
	ALLOW(clock_getres),
	/* files: configuration, state, libraries */
	ALLOW(openat), ALLOW(open), ALLOW(close), ALLOW(close_range),
	ALLOW(read), ALLOW(write), ALLOW(readv), ALLOW(writev), ALLOW(pread64),
	ALLOW(lseek), ALLOW(fstat), ALLOW(newfstatat), ALLOW(stat),
	ALLOW(lstat), ALLOW(statx), ALLOW(access), ALLOW(faccessat),
	ALLOW(faccessat2), ALLOW(readlink), ALLOW(readlinkat),
	ALLOW(getdents64), ALLOW(getcwd), ALLOW(chdir), ALLOW(fchdir),
	ALLOW(mkdir), ALLOW(mkdirat), ALLOW(unlink), ALLOW(unlinkat),
	ALLOW(rename), ALLOW(renameat), ALLOW(renameat2), ALLOW(fsync),
	ALLOW(ftruncate), ALLOW(fallocate), ALLOW(fchmod), ALLOW(umask), ALLOW(dup),
	ALLOW(dup2), ALLOW(dup3), ALLOW(pipe2), ALLOW(fcntl), ALLOW(ioctl),
	ALLOW(memfd_create), ALLOW(statfs), ALLOW(fstatfs),
	ALLOW(getxattr), ALLOW(uname), ALLOW(sysinfo),
	/* memory and threads, as libc needs them */
	ALLOW(mmap), ALLOW(mprotect), ALLOW(munmap), ALLOW(mremap), ALLOW(brk),
	ALLOW(madvise), ALLOW(futex), ALLOW(arch_prctl), ALLOW(rseq),
	ALLOW(set_tid_address), ALLOW(set_robust_list), ALLOW(getrandom),
	ALLOW(sched_yield), ALLOW(sched_getaffinity),
	/* the children's way into their own sandboxes */
	ALLOW(prctl), ALLOW(seccomp), ALLOW(capget), ALLOW(capset),
	ALLOW(setuid), ALLOW(setgid), ALLOW(setgroups), ALLOW(setresuid),
	ALLOW(setresgid), ALLOW(setreuid), ALLOW(setregid), 
	ALLOW(getuid), ALLOW(geteuid), ALLOW(getgid), ALLOW(getegid),
	ALLOW(getresuid), ALLOW(getresgid), ALLOW(getgroups), ALLOW(chroot),
	ALLOW(getrlimit), ALLOW(setrlimit), ALLOW(prlimit64),
	ALLOW(landlock_create_ruleset), ALLOW(landlock_add_rule),
	ALLOW(landlock_restrict_self),
	{ SCMP_SYS(setitimer), ARG_EQ, 0, 0, ITIMER_REAL }, /* ntp-observe */
	{ SCMP_SYS(unshare), ARG_EQ, 0, 0, CLONE_NEWUSER },
};
/* clang-format on */

const struct sandbox_profile ntpd_profile = {
	.name = "ntpd",
	.rules = rules,
	.rule_count = sizeof(rules) / sizeof(rules[0]),
	.keep_root_dir = true,
	.max_files = 256,
};

int
profile_enter(const char **what)
{
	if (sandbox_missing())
		return 0;
	*what = "no_new_privs";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	*what = "not dumpable";
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		return -1;
	*what = "system call filter";
	if (sandbox_filter(&ntpd_profile) == -1)
		return -1;
	(void)malloc_trim(0); /* what making the filter took */
	return 0;
}
