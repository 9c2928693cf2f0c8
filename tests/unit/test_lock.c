/*
 * The lock that keeps two ntpd from setting one clock: which holders count,
 * which do not, and when it ends.  Each holder is a process of its own.
 */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ntpd/kept/lock.h"
#include "tests/tap.h"

#define MS     INT64_C(1000000)
#define NOBODY 65534

static char name[64];
static char folder[] = "/tmp/ntpd-lock.XXXXXX";
static bool root;
static bool may_set_clock; /* CAP_SYS_TIME, which holders inherit */

/* What a holder does before it takes the name, and after. */
struct holder {
	bool (*become)(void); /* NULL: nothing */
	int64_t for_ms;	      /* -1: until it is killed */
	bool deaf;	      /* it does not drain its queue */
};

static void
set_caps(uint64_t permitted)
{
	struct __user_cap_header_struct h = { .version =
						  _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2] = {
		{ .permitted = (uint32_t)permitted },
		{ .permitted = (uint32_t)(permitted >> 32) },
	};

	if (syscall(SYS_capset, &h, d) == -1)
		_exit(9);
}

static bool
has_cap(unsigned int cap)
{
	struct __user_cap_header_struct h = { .version =
						  _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2];

	return syscall(SYS_capget, &h, d) == 0 && (d[0].permitted >> cap & 1);
}

/* After the change of user, which would undo it. */
static bool
ends_with_parent(void)
{
	return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
}

static bool
be_nobody(void)
{
	return setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
	    setresuid(NOBODY, NOBODY, NOBODY) == 0;
}

static bool
be_able(void)
{
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == -1 || !be_nobody())
		return false;
	set_caps(UINT64_C(1) << CAP_SYS_TIME);
	return true;
}

/* All capabilities, in a user namespace of its own. */
static bool
be_mighty(void)
{
	return be_nobody() && unshare(CLONE_NEWUSER) == 0;
}

/* As if ntp-clock had its capability from its file. */
static bool
have_able_child(void)
{
	int ready[2];
	char c;

	if (pipe(ready) == -1)
		return false;
	if (fork() == 0) {
		if (!be_able() || !ends_with_parent() ||
		    write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	return read(ready[0], &c, 1) == 1 && be_nobody();
}

/* As with su(1) waiting for a password: a child of root's. */
static bool
have_root_child(void)
{
	int ready[2];
	char c;

	if (pipe(ready) == -1)
		return false;
	if (fork() == 0) {
		if (setresuid(NOBODY, 0, 0) == -1 || !ends_with_parent() ||
		    write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	return read(ready[0], &c, 1) == 1 && be_nobody();
}

static void
hold(int fd, const struct holder *h)
{
	struct pollfd pfd = { .fd = h->deaf ? -1 : fd, .events = POLLIN };
	struct timespec ts;
	int64_t end_ms;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	end_ms = ts.tv_sec * 1000 + ts.tv_nsec / MS + h->for_ms;
	for (;;) {
		if (poll(&pfd, 1, 20) == 1)
			lock_drain(fd);
		(void)clock_gettime(CLOCK_MONOTONIC, &ts);
		if (h->for_ms >= 0 &&
		    ts.tv_sec * 1000 + ts.tv_nsec / MS >= end_ms)
			_exit(0);
	}
}

/* A process that has the name on return; 0: it failed. */
static pid_t
start_holder(const struct holder *h)
{
	struct lock_owner other;
	int ready[2], fd;
	char c = 1;
	pid_t pid;

	if (pipe(ready) == -1)
		return 0;
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		c = (h->become == NULL || h->become()) &&
		    lock_take_name(name, 0, &fd, &other) == LOCK_HELD;
		if (write(ready[1], &c, 1) != 1 || c == 0)
			_exit(1);
		hold(fd, h);
	}
	(void)close(ready[1]);
	if (read(ready[0], &c, 1) != 1 || c != 1)
		pid = 0;
	(void)close(ready[0]);
	return pid;
}

static void
end(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

static void
test_alone(void)
{
	struct lock_owner other;
	int fd;

	IS_I64(lock_take_name(name, 0, &fd, &other), LOCK_HELD, "a free name");
	OK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0, "no child gets it");
	(void)close(fd);
	IS_I64(lock_take_name(name, 0, &fd, &other), LOCK_HELD,
	    "it is free again");
	(void)close(fd);
}

static void
test_holders(void)
{
	static const struct {
		const char *who;
		struct holder holder;
		enum lock_state want;
		uid_t uid;
	} t[] = {
		{ "root's", { NULL, -1, false }, LOCK_BUSY, 0 },
		{ "a user's that can set the clock", { be_able, -1, false },
		    LOCK_BUSY, NOBODY },
		{ "a user's whose child can", { have_able_child, -1, false },
		    LOCK_BUSY, NOBODY },
		{ "a user's that cannot", { be_nobody, -1, false },
		    LOCK_SQUATTED, NOBODY },
		{ "one that can in its own user name space",
		    { be_mighty, -1, false }, LOCK_SQUATTED, NOBODY },
		{ "a user's with a set-user-ID child",
		    { have_root_child, -1, false }, LOCK_SQUATTED, NOBODY },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct lock_owner other = { 0, 0 };
		pid_t pid;
		int fd;

		if (!may_set_clock && t[i].want == LOCK_BUSY && t[i].uid != 0) {
			SKIP("there is no CAP_SYS_TIME here");
			continue;
		}
		pid = start_holder(&t[i].holder);
		OK(pid > 0, "%s has the name", t[i].who);
		if (pid <= 0)
			continue;
		IS_I64(lock_take_name(name, 100 * MS, &fd, &other), t[i].want,
		    "%s: heeded or not", t[i].who);
		IS_I64(fd, -1, "%s: no descriptor is left", t[i].who);
		OK(other.pid == pid && other.uid == t[i].uid,
		    "%s: named by its process and user", t[i].who);
		end(pid);
	}
}

/* Without root there is one user, who may have the capability or not. */
static void
test_own_user(void)
{
	struct holder plain = { NULL, -1, false };
	struct lock_owner other = { 0, 0 };
	pid_t pid = start_holder(&plain);
	int fd;

	OK(pid > 0, "a process of ours has the name");
	IS_I64(lock_take_name(name, 100 * MS, &fd, &other), LOCK_SQUATTED,
	    "one of our own user's that cannot set the clock is not heeded");
	IS_I64(other.pid, pid, "and named");
	end(pid);
}

static void
test_endings(void)
{
	struct holder restarting = { NULL, 500, false };
	struct holder lasting = { NULL, -1, false };
	struct lock_owner other;
	pid_t pid;
	int fd;

	pid = start_holder(&restarting);
	IS_I64(lock_take_name(name, 3000 * MS, &fd, &other), LOCK_HELD,
	    "one that ends within the time is waited for");
	(void)close(fd);
	(void)waitpid(pid, NULL, 0);
	pid = start_holder(&lasting);
	end(pid);
	IS_I64(lock_take_name(name, 0, &fd, &other), LOCK_HELD,
	    "one that was killed holds nothing");
	(void)close(fd);
}

/* Connections that are not accepted, until the queue is full. */
static void
fill_queue(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
	    strlen(name));

	memcpy(sun.sun_path + 1, name, strlen(name));
	for (int i = 0; i < 200000; i++) {
		int fd = socket(
		    AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		int rc = connect(fd, (const struct sockaddr *)&sun, len);
		int saved = errno;

		(void)close(fd);
		if (rc == -1 && saved == EAGAIN)
			return;
	}
}

static pid_t
start_filler(void)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		fill_queue();
}

static void
test_full_queue(void)
{
	struct holder draining = { NULL, -1, false };
	struct holder deaf = { NULL, -1, true };
	struct lock_owner other;
	pid_t pid = start_holder(&draining), filler = start_filler();
	struct timespec pause = { .tv_nsec = 300 * MS };
	int fd;

	(void)nanosleep(&pause, NULL);
	IS_I64(lock_take_name(name, 1000 * MS, &fd, &other), LOCK_BUSY,
	    "somebody who fills the queue does not hide its holder");
	IS_I64(other.pid, pid, "which is found");
	end(filler);
	end(pid);
	pid = start_holder(&deaf);
	fill_queue();
	IS_I64(lock_take_name(name, 0, &fd, &other), LOCK_SQUATTED,
	    "a holder that lets nobody ask is not heeded");
	end(pid);
}

static pid_t
start_file_holder(const char *path, int64_t for_ms)
{
	struct lock_owner other;
	int ready[2], fd;
	char c;
	pid_t pid;

	if (pipe(ready) == -1)
		return 0;
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (lock_take_file(path, 0, &fd, &other) != LOCK_HELD ||
		    write(ready[1], "", 1) != 1)
			_exit(1);
		(void)poll(NULL, 0, (int)for_ms);
		_exit(0);
	}
	(void)close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		pid = 0;
	(void)close(ready[0]);
	return pid;
}

static void
test_file(void)
{
	struct lock_owner other = { 0, 0 };
	struct stat st;
	char path[64];
	pid_t pid;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/" LOCK_FILE, folder);
	pid = start_file_holder(path, 60000);
	OK(pid > 0, "another process holds the file");
	IS_I64(lock_take_file(path, 100 * MS, &fd, &other), LOCK_BUSY,
	    "it is busy");
	IS_I64(other.pid, pid, "and says whose it is");
	OK(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600,
	    "nobody else can open it");
	end(pid);
	IS_I64(lock_take_file(path, 0, &fd, &other), LOCK_HELD,
	    "after a kill it is free");
	OK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0, "no child gets it");
	(void)close(fd);
	pid = start_file_holder(path, 500);
	IS_I64(lock_take_file(path, 3000 * MS, &fd, &other), LOCK_HELD,
	    "one that ends within the time is waited for");
	(void)close(fd);
	(void)waitpid(pid, NULL, 0);
	OK(chmod(path, 0644) == 0 &&
		lock_take_file(path, 0, &fd, &other) == LOCK_NONE &&
		errno == EPERM,
	    "one that others can open is no lock");
	OK(unlink(path) == 0 && symlink("/dev/null", path) == 0 &&
		lock_take_file(path, 0, &fd, &other) == LOCK_NONE,
	    "nor is a link to another place");
	OK(unlink(path) == 0 && mkfifo(path, 0600) == 0 &&
		lock_take_file(path, 0, &fd, &other) == LOCK_NONE,
	    "nor a pipe");
	(void)unlink(path);
	if (root) {
		fd = open(path, O_WRONLY | O_CREAT, 0600);
		OK(fd != -1 && fchown(fd, NOBODY, NOBODY) == 0 &&
			close(fd) == 0 &&
			lock_take_file(path, 0, &fd, &other) == LOCK_NONE,
		    "nor one of another user's");
		(void)unlink(path);
	}
	IS_I64(lock_take_file("/nowhere/at/all", 0, &fd, &other), LOCK_NONE,
	    "nor one that cannot be");
}

int
main(void)
{
	root = geteuid() == 0 && has_cap(CAP_SETUID) && has_cap(CAP_SETGID);
	may_set_clock = has_cap(CAP_SYS_TIME);
	(void)snprintf(name, sizeof(name), "ntpd/test.%d", (int)getpid());
	if (mkdtemp(folder) == NULL)
		return 1;
	test_alone();
	if (root) {
		test_holders();
		test_endings();
		test_full_queue();
	} else {
		test_own_user();
	}
	test_file();
	(void)rmdir(folder);
	return DONE();
}
