/*
 * Every program's sandbox, entered for real by a process of this test, which
 * then tries what a broken-in program would try.  The profiles are the very
 * objects that the programs are linked with.  Arguments of calls that are
 * allowed with others are in test_arguments.c.
 *
 * Nothing here can change the clock: where a call to set it is let through,
 * its argument is one that the kernel refuses.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/counts.h"
#include "common/fastmap.h"
#include "ntp-clock/profile.h"
#include "ntp-net/observe/profile.h"
#include "ntp-net/poll/profile.h"
#include "ntp-net/resolve/profile.h"
#include "ntp-net/serve/profile.h"
#include "tests/sandbox/inside.h"
#include "tests/tap.h"

#define RECORD_BYTES INSIDE_FILE_BYTES /* that it may have */

static int
try_read(void)
{
	return outcome_of(open("/etc/hosts", O_RDONLY | O_CLOEXEC));
}

static int
try_write(void)
{
	return outcome_of(open(
	    "/tmp/sandbox-test-file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int
try_unlink(void)
{
	return outcome_of(unlink("/tmp/sandbox-test-file"));
}

static int
try_udp(void)
{
	return outcome_of(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

static int
try_udp6(void)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd == -1 && errno != EAFNOSUPPORT ? REFUSED : DONE_OK;
}

static int
try_tcp(void)
{
	return outcome_of(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int
try_packet(void)
{
	return outcome_of(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
}

static int
try_unix(void)
{
	return outcome_of(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int
try_exec(void)
{
	char name[] = "true";
	char *argv[] = { name, NULL };

	return outcome_of(execve("/bin/true", argv, argv + 1));
}

static int
try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return outcome_of(pid);
}

/* An impossible time: refused by the kernel, were it to get so far. */
static int
try_settime(void)
{
	struct timespec ts = { .tv_sec = 0, .tv_nsec = -1 };

	return outcome_of(syscall(SYS_clock_settime, CLOCK_REALTIME, &ts));
}

static int
try_settimeofday(void)
{
	struct timeval tv = { .tv_sec = 0, .tv_usec = -1 };

	return outcome_of(syscall(SYS_settimeofday, &tv, NULL));
}

/* An impossible tick: EPERM without the capability, EINVAL with it. */
static int
try_adjtime(void)
{
	struct timex tx = { .modes = ADJ_TICK, .tick = 0 };

	return outcome_of(syscall(SYS_clock_adjtime, CLOCK_REALTIME, &tx));
}

static int
try_adjtime_other(void)
{
	struct timex tx = { .modes = 0 };

	return outcome_of(syscall(SYS_clock_adjtime, CLOCK_TAI, &tx));
}

static int
try_ptrace(void)
{
	return outcome_of(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static int
try_kill(void)
{
	return outcome_of(kill(getppid(), 0));
}

static int
try_exec_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? REFUSED : DONE_OK;
}

/* There is no such descriptor: what the filter lets through fails. */
static int
try_map(size_t len, int protection, int flags)
{
	void *p = mmap(NULL, len, protection, flags, -1, 0);

	return p == MAP_FAILED ? REFUSED : DONE_OK;
}

static int
try_share(void)
{
	return try_map(4096, PROT_READ | PROT_WRITE, MAP_SHARED);
}

static int
try_share_more(void)
{
	return try_map(8192, PROT_READ | PROT_WRITE, MAP_SHARED);
}

static int
try_share_code(void)
{
	return try_map(4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED);
}

static int
try_bpf(void)
{
	return outcome_of(syscall(SYS_bpf, 1, NULL, 0));
}

static int
try_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? REFUSED : DONE_OK;
}

static int
try_root(void)
{
	return outcome_of(syscall(SYS_setuid, 0));
}

static int
try_dumpable(void)
{
	return outcome_of(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static int
try_mount(void)
{
	return outcome_of(syscall(SYS_mount, "/", "/mnt", "none", 0, NULL));
}

static int
try_unshare(void)
{
	return outcome_of(syscall(SYS_unshare, 0x10000000 /* a user space */));
}

/* clang-format off */
static const struct attempt {
	const char *what;
	int (*run)(void);
	/* ntp-clock, ntp-net, ntp-serve, ntp-resolve, ntp-observe */
	enum outcome expect[INSIDE_PROFILES];
} attempts[] = {
	{ "read a file", try_read,
	    { KILLED, KILLED, KILLED, WORKS, KILLED } },
	{ "write a file", try_write,
	    { KILLED, KILLED, KILLED, STOPPED, KILLED } },
	{ "remove a file", try_unlink,
	    { KILLED, KILLED, KILLED, KILLED, KILLED } },
	{ "make a UDP socket", try_udp,
	    { KILLED, WORKS, KILLED, WORKS, KILLED } },
	{ "make an IPv6 UDP socket", try_udp6,
	    { KILLED, WORKS, KILLED, WORKS, KILLED } },
	{ "make a TCP socket", try_tcp,
	    { KILLED, KILLED, KILLED, WORKS, KILLED } },
	{ "make a packet socket", try_packet,
	    { KILLED, KILLED, KILLED, FAILS, KILLED } },
	{ "make a UNIX socket", try_unix,
	    { KILLED, KILLED, KILLED, FAILS, KILLED } },
	{ "execute a program", try_exec,
	    { KILLED, KILLED, KILLED, KILLED, KILLED } },
	{ "fork", try_fork,
	    { KILLED, KILLED, KILLED, KILLED, KILLED } },
	{ "set the clock with clock_settime", try_settime,
	    { KILLED, KILLED, KILLED, KILLED, KILLED } },
	{ "set the clock with settimeofday", try_settimeofday,
	    { KILLED, KILLED, KILLED, KILLED, KILLED } },
	{ "adjust the clock", try_adjtime,
	    { FAILS, KILLED, KILLED, KILLED, KILLED } },
	{ "look at another clock's adjustment", try_adjtime_other,
	    { KILLED, KILLED, KILLED, KILLED, KILLED } },
	{ "trace another process", try_ptrace,
	    { KILLED, KILLED, KILLED, KILLED, KILLED } },
	{ "send a signal", try_kill,
	    { KILLED, KILLED, KILLED, KILLED, KILLED } },
	{ "get memory to write code into", try_exec_memory,
	    { KILLED, KILLED, KILLED, FAILS, KILLED } },
	{ "get more memory", try_memory,
	    { KILLED, KILLED, KILLED, WORKS, KILLED } },
	/* ntp-clock maps the one of its state; it is given no other. */
	{ "map a page of a file for writing", try_share,
	    { FAILS, FAILS, FAILS, FAILS, KILLED } },
	{ "map two pages of a file for writing", try_share_more,
	    { KILLED, KILLED, KILLED, FAILS, KILLED } },
	{ "map a page of a file to write code into", try_share_code,
	    { KILLED, KILLED, KILLED, FAILS, KILLED } },
	{ "call bpf(2)", try_bpf,
	    { KILLED, KILLED, KILLED, KILLED, KILLED } },
	{ "become root", try_root,
	    { KILLED, KILLED, KILLED, KILLED, KILLED } },
	{ "become dumpable", try_dumpable,
	    { KILLED, KILLED, KILLED, FAILS, KILLED } },
	{ "mount", try_mount,
	    { KILLED, KILLED, KILLED, KILLED, KILLED } },
	{ "make a user name space", try_unshare,
	    { KILLED, KILLED, KILLED, KILLED, KILLED } },
};
/* clang-format on */

/* To the files of a recording, and one beside them that there is not. */
static int
try_record(void)
{
	return outcome_of(write(EXTRA_FD, "x", 1));
}

static int
try_record_second(void)
{
	return outcome_of(ftruncate(EXTRA_FD + 1, 0));
}

static int
try_record_more(void)
{
	/* As much of it as the bound allows is written. */
	return write(EXTRA_FD, "0123456789", 10) == 10 ? DONE_OK : REFUSED;
}

static int
try_write_other(void)
{
	return outcome_of(write(EXTRA_FD + RECORD_FILES, "x", 1));
}

static int
try_read_record(void)
{
	char c;

	return outcome_of(read(EXTRA_FD, &c, 1));
}

/* clang-format off */
static const struct record_attempt {
	const char *what;
	int (*run)(void);
	enum outcome plain;	/* ntp-net */
	enum outcome recording;	/* where a recording is configured */
} record_attempts[] = {
	{ "write to a recording", try_record, KILLED, WORKS },
	{ "empty its other file", try_record_second, KILLED, WORKS },
	{ "write beyond its bound", try_record_more, KILLED, FAILS },
	{ "write to another descriptor", try_write_other, KILLED, KILLED },
	{ "read a recording", try_read_record, KILLED, KILLED },
	{ "open a file", try_write, KILLED, KILLED },
	{ "remove a file", try_unlink, KILLED, KILLED },
	{ "execute a program", try_exec, KILLED, KILLED },
};
/* clang-format on */

/* Memory as ntp-serve has it for its counters; open before the sandbox is. */
static int counts_fd = -1;

static int
map(int protection, int flags, int fd)
{
	void *p = mmap(NULL, COUNTS_BYTES, protection, flags, fd, 0);

	return p == MAP_FAILED ? REFUSED : DONE_OK;
}

static int
try_map_counts(void)
{
	return map(PROT_READ | PROT_WRITE, MAP_SHARED, counts_fd);
}

static int
try_map_code(void)
{
	return map(PROT_READ | PROT_EXEC, MAP_SHARED, counts_fd);
}

static int
try_map_all(void)
{
	return map(PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED, counts_fd);
}

static int
try_map_private(void)
{
	return map(PROT_READ | PROT_WRITE, MAP_PRIVATE, counts_fd);
}

static int
try_map_anonymous(void)
{
	return map(PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
}

static int
try_map_part(void)
{
	void *p = mmap(NULL, COUNTS_CLIENTS_AT, PROT_READ | PROT_WRITE,
	    MAP_SHARED, counts_fd, 0);

	return p == MAP_FAILED ? REFUSED : DONE_OK;
}

/* Over memory that is there: our own. */
static int
try_map_over(void)
{
	static _Alignas(4096) char page[COUNTS_BYTES];
	void *p = mmap(page, COUNTS_BYTES, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_FIXED, counts_fd, 0);

	return p == MAP_FAILED ? REFUSED : DONE_OK;
}

/* As ntp-observe maps the counters of the program in the kernel. */
static int
map_fast(size_t length, int protection, int flags)
{
	void *p = mmap(NULL, length, protection, flags, counts_fd, 0);

	return p == MAP_FAILED ? REFUSED : DONE_OK;
}

static int
try_map_fast(void)
{
	return map_fast(
	    4 * sizeof(struct fast_counters), PROT_READ, MAP_SHARED);
}

static int
try_map_page(void)
{
	return map_fast(4096, PROT_READ, MAP_SHARED);
}

static int
try_map_most(void)
{
	return map_fast(FAST_PROCESSORS_MAX * sizeof(struct fast_counters),
	    PROT_READ, MAP_SHARED);
}

static int
try_map_long(void)
{
	return map_fast(FAST_COUNTERS_BYTES, PROT_READ, MAP_SHARED);
}

static int
try_map_fast_private(void)
{
	return map_fast(4096, PROT_READ, MAP_PRIVATE);
}

static int
try_map_fast_write(void)
{
	return map_fast(4096, PROT_WRITE, MAP_SHARED);
}

static int
try_protect_fast(void)
{
	void *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, counts_fd, 0);

	return outcome_of(mprotect(p, 4096, PROT_READ | PROT_WRITE));
}

static int
try_protect(void)
{
	static _Alignas(4096) char page[4096];

	return outcome_of(mprotect(page, sizeof(page), PROT_READ | PROT_EXEC));
}

static int
try_read_counts(void)
{
	char c;

	return outcome_of(pread(counts_fd, &c, 1, 0));
}

static int
try_write_counts(void)
{
	return outcome_of(pwrite(counts_fd, "x", 1, 0));
}

static int
try_grow_counts(void)
{
	return outcome_of(ftruncate(counts_fd, 8192));
}

/* clang-format off */
static const struct counts_attempt {
	const char *what;
	int (*run)(void);
	enum outcome serve;
	enum outcome observe;
} counts_attempts[] = {
	{ "map its counters for writing", try_map_counts, WORKS, KILLED },
	{ "map them to be executed", try_map_code, KILLED, KILLED },
	{ "map them for all of it", try_map_all, KILLED, KILLED },
	{ "map them for itself", try_map_private, KILLED, KILLED },
	{ "map memory of no file", try_map_anonymous, KILLED, KILLED },
	{ "map a part of them", try_map_part, KILLED, KILLED },
	{ "map over its own memory", try_map_over, KILLED, KILLED },
	{ "map memory for reading", try_map_fast, KILLED, WORKS },
	{ "map a page for reading", try_map_page, WORKS, WORKS },
	{ "map what the most processors have", try_map_most, KILLED, WORKS },
	{ "map more than that for reading", try_map_long, KILLED, KILLED },
	{ "map for reading, not shared", try_map_fast_private, KILLED, KILLED },
	{ "map for writing alone", try_map_fast_write, KILLED, KILLED },
	{ "write to what it may read", try_protect_fast, KILLED, KILLED },
	{ "execute its memory", try_protect, KILLED, KILLED },
	{ "read counters", try_read_counts, WORKS, WORKS },
	{ "write to a file", try_write_counts, KILLED, KILLED },
	{ "make a file longer", try_grow_counts, KILLED, KILLED },
};
/* clang-format on */

static size_t
distinct_calls(const struct sandbox_profile *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->rule_count; i++) {
		size_t j = 0;

		while (j < i && p->rules[j].call != p->rules[i].call)
			j++;
		n += j == i;
	}
	return n;
}

/* Empty files without a name, at the numbers that they have in ntp-net. */
static bool
open_records(void)
{
	char name[] = "/tmp/sandbox-record-XXXXXX";

	for (int i = 0; i < RECORD_FILES; i++) {
		int fd = mkostemp(name, O_APPEND | O_CLOEXEC);

		if (fd == -1 || unlink(name) == -1)
			return false;
		memcpy(name + sizeof(name) - 7, "XXXXXX", 6);
		if (fd == EXTRA_FD + i)
			continue;
		if (dup2(fd, EXTRA_FD + i) == -1 || close(fd) == -1)
			return false;
	}
	return true;
}

static void
test_record(void)
{
	OK(open_records(), "two files for a recording");
	for (size_t a = 0;
	     a < sizeof(record_attempts) / sizeof(record_attempts[0]); a++) {
		const struct record_attempt *r = &record_attempts[a];

		OK(as_expected(run_inside(&net_profile, r->run), r->plain),
		    "ntp-net: an attempt to %s", r->what);
		OK(as_expected(run_inside(&net_recording_profile, r->run),
		       r->recording),
		    "ntp-net that records: an attempt to %s", r->what);
	}
}

static void
test_counts(void)
{
	counts_fd = memfd_create("sandbox-counts", MFD_CLOEXEC);
	OK(counts_fd != -1 && ftruncate(counts_fd, COUNTS_BYTES) == 0,
	    "memory for counters");
	for (size_t i = 0;
	     i < sizeof(counts_attempts) / sizeof(counts_attempts[0]); i++) {
		const struct counts_attempt *a = &counts_attempts[i];

		OK(as_expected(run_inside(&serve_profile, a->run), a->serve),
		    "ntp-serve: an attempt to %s", a->what);
		OK(as_expected(
		       run_inside(&observe_profile, a->run), a->observe),
		    "ntp-observe: an attempt to %s", a->what);
	}
}

int
main(void)
{
	size_t calls;

	if (sandbox_missing()) {
		printf("1..0 # SKIP this build has no sandbox\n");
		return 0;
	}
	if (!inside_begin())
		return 1;
	for (size_t a = 0; a < sizeof(attempts) / sizeof(attempts[0]); a++)
		for (size_t p = 0; p < INSIDE_PROFILES; p++)
			OK(as_expected(
			       run_inside(inside_profiles[p], attempts[a].run),
			       attempts[a].expect[p]),
			    "%s: an attempt to %s %s", inside_profiles[p]->name,
			    attempts[a].what,
			    inside_word(attempts[a].expect[p]));
	test_record();
	test_counts();
	calls = distinct_calls(&clock_profile);
	OK(calls <= 15, "ntp-clock may make at most 15 system calls");
	printf("# ntp-clock: %zu system calls\n", calls);
	inside_end();
	return DONE();
}
