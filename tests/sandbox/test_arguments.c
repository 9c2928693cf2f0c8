/*
 * Arguments: what each sandbox lets through and what not of the calls that it
 * allows with others.  See test_sandbox.c for the calls themselves.  Where the
 * kernel looks at the lower half of an argument, so must the filter: attempts
 * with something in the upper half are among these.
 *
 * Run as root, ntpd's own sandbox leaves it root: nothing is tried there that
 * would do harm if it worked.
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/landlock.h"
#include "ntp-clock/profile.h"
#include "ntp-net/resolve/profile.h"
#include "ntpd/profile.h"
#include "tests/sandbox/inside.h"
#include "tests/tap.h"

#define UPPER (INT64_C(1) << 32) /* a bit that an int does not have */
#define MIB   (UINT64_C(1) << 20)

/* A UDP socket, a pair of local ones and a memory, from before the sandbox. */
static int udp = -1, local = -1, memory = -1;

/* --- signals by the back door ---------------------------------------------- */

static int
try_fcntl(long command, long value)
{
	return outcome_of(syscall(SYS_fcntl, udp, command, value));
}

static int
try_setown(void)
{
	return try_fcntl(F_SETOWN, getppid());
}

static int
try_setown_upper(void)
{
	return try_fcntl(F_SETOWN | UPPER, getppid());
}

static int
try_setown_ex(void)
{
	struct f_owner_ex who = { F_OWNER_PID, getppid() };

	return outcome_of(syscall(SYS_fcntl, udp, F_SETOWN_EX, &who));
}

static int
try_setsig(void)
{
	return try_fcntl(F_SETSIG, SIGKILL);
}

static int
try_async(void)
{
	return try_fcntl(F_SETFL, O_ASYNC | O_NONBLOCK);
}

static int
try_lease(void)
{
	return try_fcntl(F_SETLEASE, F_RDLCK);
}

static int
try_notify(void)
{
	return try_fcntl(F_NOTIFY, 0);
}

static int
try_pipe_size(void)
{
	return try_fcntl(F_SETPIPE_SZ, 1 << 20);
}

static int
try_ioctl_async(void)
{
	int on = 1;

	return outcome_of(ioctl(udp, FIOASYNC, &on));
}

static int
try_ioctl_owner(void)
{
	int pid = getppid();

	return outcome_of(ioctl(udp, FIOSETOWN, &pid));
}

static int
try_stop_own(void)
{
	return outcome_of(kill(getpid(), SIGSTOP));
}

/* --- sockets --------------------------------------------------------------- */

static int
try_socket(long family, long type, long protocol)
{
	return outcome_of(syscall(SYS_socket, family, type, protocol));
}

static int
try_raw(void)
{
	return try_socket(AF_INET, SOCK_RAW, IPPROTO_UDP);
}

/* What the kernel takes for SOCK_RAW. */
static int
try_raw_upper(void)
{
	return try_socket(AF_INET, SOCK_RAW | UPPER, IPPROTO_UDP);
}

/* What the kernel takes for a UDP socket: there is no harm in it. */
static int
try_udp_upper(void)
{
	return try_socket(AF_INET | UPPER, SOCK_DGRAM | UPPER, UPPER);
}

static int
try_udplite(void)
{
	return try_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE);
}

static int
try_udplite_upper(void)
{
	return try_socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE | UPPER);
}

static int
try_ping(void)
{
	return try_socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
}

static int
try_l2tp(void)
{
	return try_socket(AF_INET, SOCK_DGRAM, 115);
}

static int
try_mptcp(void)
{
	return try_socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
}

static int
try_sctp(void)
{
	return try_socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);
}

static int
try_route(void)
{
	return try_socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
}

static int
try_netfilter(void)
{
	return try_socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
}

static int
try_netlink_upper(void)
{
	return try_socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC | UPPER);
}

static int
try_vsock(void)
{
	return try_socket(AF_VSOCK, SOCK_STREAM, 0);
}

static int
try_option(long level, long name, long long value)
{
	return outcome_of(
	    syscall(SYS_setsockopt, udp, level, name, &value, sizeof(value)));
}

static int
try_linger(void)
{
	return try_option(SOL_SOCKET, SO_LINGER, 1);
}

static int
try_attach(void)
{
	return try_option(SOL_SOCKET, SO_ATTACH_FILTER, 0);
}

/* The numbers of SO_TIMESTAMPING and others at another level. */
static int
try_other_level(void)
{
	return try_option(IPPROTO_IP, SO_TIMESTAMPING, 1);
}

static int
try_membership(void)
{
	return try_option(IPPROTO_IP, IP_ADD_MEMBERSHIP, 0);
}

static int
try_membership_upper(void)
{
	return try_option(IPPROTO_IP | UPPER, IP_ADD_MEMBERSHIP | UPPER, 0);
}

/* IP_PKTINFO is 8, and so is SO_RCVBUF. */
static int
try_buffer(void)
{
	return try_option(SOL_SOCKET, SO_RCVBUF, 1 << 20);
}

static int
try_stamps(void)
{
	return try_option(SOL_SOCKET, SO_TIMESTAMPING, 0);
}

static int
try_get_option(void)
{
	char buf[256];
	socklen_t len = sizeof(buf);

	return outcome_of(
	    getsockopt(udp, SOL_SOCKET, SO_BINDTODEVICE, buf, &len));
}

static int
try_receive(long flags)
{
	char buf[8];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };

	return outcome_of(syscall(SYS_recvmsg, local, &mh, flags));
}

static int
try_urgent(void)
{
	return try_receive(MSG_OOB | MSG_DONTWAIT);
}

static int
try_plain(void)
{
	return try_receive(MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
}

static int
try_send_urgent(void)
{
	char buf[8] = { 0 };
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };

	return outcome_of(syscall(
	    SYS_sendmsg, local, &mh, MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL));
}

static int
try_send_anywhere(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return outcome_of(
	    sendto(udp, "x", 1, MSG_OOB, (struct sockaddr *)&to, sizeof(to)));
}

/* --- memory, processes, time ----------------------------------------------- */

static int
try_map(size_t length, long protection, long flags)
{
	void *p = (void *)syscall(
	    SYS_mmap, NULL, length, protection, flags, memory, 0);

	return p == MAP_FAILED ? REFUSED : DONE_OK;
}

static int
try_map_long(void)
{
	return try_map(4096 + (size_t)UPPER, PROT_READ, MAP_SHARED);
}

static int
try_map_exec_upper(void)
{
	return try_map(
	    4096, PROT_READ | PROT_WRITE | PROT_EXEC | UPPER, MAP_SHARED);
}

static int
try_map_fixed(void)
{
	static _Alignas(4096) char page[4096];
	void *p =
	    mmap(page, 4096, PROT_READ, MAP_SHARED | MAP_FIXED, memory, 0);

	return p == MAP_FAILED ? REFUSED : DONE_OK;
}

static int
try_map_locked(void)
{
	return try_map(4096, PROT_READ, MAP_SHARED | MAP_LOCKED);
}

/* Room for page tables without an end. */
static int
try_reserve(void)
{
	void *p = mmap(NULL, 1024 * MIB, PROT_READ,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? REFUSED : DONE_OK;
}

static int
try_write_memory(void)
{
	for (int i = 0; i < 70; i++) {
		void *p = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			return REFUSED;
		memset(p, 1, MIB);
	}
	return DONE_OK;
}

static int
try_break(void)
{
	return sbrk(70 * MIB) == (void *)-1 ? REFUSED : DONE_OK;
}

static int
try_make_exec(void)
{
	static _Alignas(4096) char page[4096];

	return outcome_of(
	    mprotect(page, sizeof(page), PROT_READ | PROT_WRITE | PROT_EXEC));
}

static int
try_move_over(void)
{
	static _Alignas(4096) char page[2][4096];
	void *p =
	    mremap(page[0], 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, page[1]);

	return p == MAP_FAILED ? REFUSED : DONE_OK;
}

static int
try_poison(void)
{
	static _Alignas(4096) char page[4096];

	return outcome_of(madvise(page, sizeof(page), MADV_HWPOISON));
}

/* The parent's time on a processor, which tells what it does. */
static int
try_other_clock(void)
{
	struct timespec ts;
	long id = (long)(~(unsigned int)getppid() << 3 | 2);

	return outcome_of(syscall(SYS_clock_gettime, id, &ts));
}

static int
try_clock(void)
{
	struct timespec ts;

	return outcome_of(syscall(SYS_clock_gettime, CLOCK_MONOTONIC_RAW, &ts));
}

static int
try_name_space(void)
{
	return outcome_of(
	    syscall(SYS_clone, CLONE_NEWNET | SIGCHLD, 0, 0, 0, 0));
}

static int
try_thread(void)
{
	return outcome_of(syscall(
	    SYS_clone, CLONE_VM | CLONE_THREAD | CLONE_SIGHAND, 0, 0, 0, 0));
}

static int
try_clone3(void)
{
	return outcome_of(syscall(SYS_clone3, NULL, 0));
}

static int
try_mount_space(void)
{
	return outcome_of(syscall(SYS_unshare, CLONE_NEWNS));
}

static int
try_user_space_upper(void)
{
	return outcome_of(syscall(SYS_unshare, CLONE_NEWUSER | UPPER));
}

static int
try_rename_self(void)
{
	return outcome_of(prctl(PR_SET_NAME, "ntp-clock", 0, 0, 0));
}

static int
try_trace_me(void)
{
	return outcome_of(syscall(SYS_prctl, PR_SET_PTRACER | UPPER, -1));
}

static int
try_limit_of_other(void)
{
	struct rlimit now;

	return outcome_of(
	    syscall(SYS_prlimit64, getppid(), RLIMIT_CORE, NULL, &now));
}

static int
try_limit(void)
{
	const struct rlimit none = { 0, 0 };

	return outcome_of(setrlimit(RLIMIT_CORE, &none));
}

/* clang-format off */
static const struct attempt {
	const char *what;
	int (*run)(void);
	/* ntp-clock, ntp-net, ntp-serve, ntp-resolve, ntp-observe; ntpd */
	enum outcome expect[INSIDE_PROFILES + 1];
} attempts[] = {
	{ "own another's signals (F_SETOWN)", try_setown,
	    { KILLED, KILLED, KILLED, KILLED, KILLED, KILLED } },
	{ "do so with a command above 32 bits", try_setown_upper,
	    { KILLED, KILLED, KILLED, KILLED, KILLED, KILLED } },
	{ "do so with F_SETOWN_EX", try_setown_ex,
	    { KILLED, KILLED, KILLED, KILLED, KILLED, KILLED } },
	{ "do so with FIOSETOWN", try_ioctl_owner,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "choose a signal (F_SETSIG)", try_setsig,
	    { KILLED, KILLED, KILLED, KILLED, KILLED, KILLED } },
	{ "have it sent (O_ASYNC)", try_async,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "have it sent with FIOASYNC", try_ioctl_async,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "take a lease", try_lease,
	    { KILLED, KILLED, KILLED, KILLED, KILLED, KILLED } },
	{ "have a folder watched", try_notify,
	    { KILLED, KILLED, KILLED, KILLED, KILLED, KILLED } },
	{ "make a pipe larger", try_pipe_size,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "stop a process", try_stop_own,
	    { KILLED, KILLED, KILLED, KILLED, KILLED, FAILS } },
	{ "make a raw socket", try_raw,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "make a raw socket, with more than 32 bits", try_raw_upper,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "make a UDP socket, with more than 32 bits", try_udp_upper,
	    { KILLED, WORKS, KILLED, WORKS, KILLED, WORKS } },
	{ "make a UDP-Lite socket", try_udplite,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "make one with more than 32 bits", try_udplite_upper,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "make a socket for echo requests", try_ping,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "make an L2TP socket", try_l2tp,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "make an MPTCP socket", try_mptcp,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "make an SCTP socket", try_sctp,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "ask for addresses and routes", try_route,
	    { KILLED, KILLED, KILLED, WORKS, KILLED, WORKS } },
	{ "talk to netfilter", try_netfilter,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "talk to generic netlink, with more than 32 bits",
	    try_netlink_upper,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "talk to the host of a virtual machine", try_vsock,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "have a close that waits (SO_LINGER)", try_linger,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "attach a program to a socket", try_attach,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "set an allowed option's number at another level", try_other_level,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "join a multicast group", try_membership,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "join one with more than 32 bits", try_membership_upper,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "make a receive buffer larger", try_buffer,
	    { KILLED, KILLED, KILLED, WORKS, KILLED, WORKS } },
	{ "ask for time stamps", try_stamps,
	    { KILLED, WORKS, WORKS, FAILS, KILLED, WORKS } },
	{ "read an option that is not for it", try_get_option,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "receive a message", try_plain,
	    { FAILS, FAILS, FAILS, FAILS, FAILS, FAILS } },
	{ "receive urgent data (MSG_OOB)", try_urgent,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "send urgent data", try_send_urgent,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "send to another address than it is connected to",
	    try_send_anywhere,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "map more than 4 GiB", try_map_long,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "map for execution, with more than 32 bits", try_map_exec_upper,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "map over what is there", try_map_fixed,
	    { KILLED, KILLED, KILLED, WORKS, KILLED, WORKS } },
	{ "map locked memory", try_map_locked,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, WORKS } },
	{ "map 1 GiB to read", try_reserve,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "write to 70 MiB of memory", try_write_memory,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "have 70 MiB by brk(2)", try_break,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "make written memory executable", try_make_exec,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "move memory over other memory", try_move_over,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "poison memory", try_poison,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "read the clock of another process", try_other_clock,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "read a clock", try_clock,
	    { WORKS, WORKS, WORKS, WORKS, WORKS, WORKS } },
	{ "fork into a name space", try_name_space,
	    { KILLED, KILLED, KILLED, KILLED, KILLED, FAILS } },
	{ "make a thread", try_thread,
	    { KILLED, KILLED, KILLED, KILLED, KILLED, FAILS } },
	{ "fork by clone3(2), which no filter can check", try_clone3,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "leave the name space of mounts", try_mount_space,
	    { KILLED, KILLED, KILLED, KILLED, KILLED, FAILS } },
	{ "make a user name space, with more than 32 bits",
	    try_user_space_upper,
	    { KILLED, KILLED, KILLED, KILLED, KILLED, FAILS } },
	{ "take another's name", try_rename_self,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "let itself be traced, with more than 32 bits", try_trace_me,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "look at the limits of another process", try_limit_of_other,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, FAILS } },
	{ "change its limits", try_limit,
	    { KILLED, KILLED, KILLED, FAILS, KILLED, WORKS } },
};
/* clang-format on */

static const struct sandbox_profile *
profile_of(size_t i)
{
	return i < INSIDE_PROFILES ? inside_profiles[i] : &ntpd_profile;
}

static void
test_attempts(void)
{
	for (size_t a = 0; a < sizeof(attempts) / sizeof(attempts[0]); a++)
		for (size_t p = 0; p <= INSIDE_PROFILES; p++)
			OK(as_expected(
			       run_inside(profile_of(p), attempts[a].run),
			       attempts[a].expect[p]),
			    "%s: an attempt to %s %s", profile_of(p)->name,
			    attempts[a].what,
			    inside_word(attempts[a].expect[p]));
}

/* --- ntp-resolve ----------------------------------------------------------- */

static int
try_local(void)
{
	return try_socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* Softly: the C library tries it first, and must go on. */
static int
try_local_softly(void)
{
	return try_local() == REFUSED && errno == EAFNOSUPPORT ? DONE_OK
							       : REFUSED;
}

static int
try_open(const char *path)
{
	return outcome_of(open(path, O_RDONLY | O_CLOEXEC));
}

static int
try_hosts(void)
{
	return try_open("/etc/hosts");
}

static int
try_passwd(void)
{
	return try_open("/etc/passwd");
}

static int
try_etc(void)
{
	return try_open("/etc");
}

static int
try_libraries(void)
{
	return try_open("/usr/lib");
}

static int
try_state(void)
{
	return try_open("/var/lib");
}

static int
try_proc(void)
{
	return try_open("/proc/self/maps");
}

/* Nobody listens there: what is let through is refused by the other end. */
static int
try_connect(uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return DONE_OK;
	return errno == EACCES ? REFUSED : DONE_OK;
}

static int
try_tcp_dns(void)
{
	return try_connect(53);
}

static int
try_tcp_other(void)
{
	return try_connect(123);
}

static int
try_tcp_bind(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return outcome_of(bind(fd, (struct sockaddr *)&to, sizeof(to)));
}

/* clang-format off */
static const struct resolve_attempt {
	const char *what;
	int (*run)(void);
	int landlock; /* from which version on */
	enum outcome plain;
	enum outcome local; /* where a module needs a service */
} resolve_attempts[] = {
	{ "talk to a local service", try_local, 0, FAILS, WORKS },
	{ "find that there is none", try_local_softly, 0, WORKS, FAILS },
	{ "read a file of the resolver", try_hosts, 1, WORKS, WORKS },
	{ "read another file of /etc", try_passwd, 1, FAILS, FAILS },
	{ "list the files of /etc", try_etc, 1, FAILS, FAILS },
	{ "read where libraries are", try_libraries, 1, WORKS, WORKS },
	{ "read where state is kept", try_state, 1, FAILS, FAILS },
	{ "read about itself", try_proc, 1, FAILS, FAILS },
	{ "connect to a name server by TCP", try_tcp_dns, 4, WORKS, WORKS },
	{ "connect to something else", try_tcp_other, 4, FAILS, FAILS },
	{ "bind a TCP socket", try_tcp_bind, 4, FAILS, FAILS },
};
/* clang-format on */

static void
test_resolve(void)
{
	int version = landlock_version();

	for (size_t i = 0;
	     i < sizeof(resolve_attempts) / sizeof(resolve_attempts[0]); i++) {
		const struct resolve_attempt *a = &resolve_attempts[i];

		if (version < a->landlock) {
			SKIP("this kernel's Landlock is older or not there");
			continue;
		}
		OK(as_expected(run_inside(&resolve_profile, a->run), a->plain),
		    "ntp-resolve: an attempt to %s %s", a->what,
		    inside_word(a->plain));
		OK(as_expected(
		       run_inside(&resolve_local_profile, a->run), a->local),
		    "ntp-resolve with modules: an attempt to %s %s", a->what,
		    inside_word(a->local));
	}
}

/* --- Landlock alone -------------------------------------------------------- */

/* Without a filter, which would be first. */
static int
under_landlock(int (*run)(void))
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    landlock_enter(&clock_profile) == -1)
		return 1;
	return run();
}

static int
try_signal(void)
{
	return outcome_of(kill(getppid(), 0));
}

static int
signal_under_landlock(void)
{
	return under_landlock(try_signal);
}

static int
tcp_under_landlock(void)
{
	return under_landlock(try_tcp_dns);
}

static int
file_under_landlock(void)
{
	return under_landlock(try_hosts);
}

static void
test_landlock(void)
{
	static const struct {
		const char *what;
		int (*run)(void);
		int version;
	} cases[] = {
		{ "reads no file", file_under_landlock, 1 },
		{ "has no TCP", tcp_under_landlock, 4 },
		{ "sends no signal", signal_under_landlock, 6 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (landlock_version() >= cases[i].version)
			OK(as_expected(run_inside(NULL, cases[i].run), FAILS),
			    "by Landlock alone ntp-clock %s", cases[i].what);
		else
			SKIP("this kernel's Landlock is older or not there");
}

static bool
open_all(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int pair[2];

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	memory = memfd_create("sandbox-arguments", MFD_CLOEXEC);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return false;
	local = pair[0];
	return udp != -1 && memory != -1 && ftruncate(memory, 8192) == 0 &&
	    connect(udp, (struct sockaddr *)&to, sizeof(to)) == 0;
}

int
main(void)
{
	if (sandbox_missing()) {
		printf("1..0 # SKIP this build has no sandbox\n");
		return 0;
	}
	if (!inside_begin() || !open_all())
		return 1;
	printf("# Landlock: version %d\n", landlock_version());
	test_attempts();
	test_resolve();
	test_landlock();
	inside_end();
	return DONE();
}
