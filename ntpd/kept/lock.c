/*
 * One clock, one ntpd, see lock.h.  Run by ntpd only, before it gives up the
 * privileges of the start.
 */
#include "ntpd/kept/lock.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "ntpd/file.h"

#define AGAIN_MS     50
#define DRAIN_MAX    64
#define ASK_WAIT_US  900000
/* ntp-clock, which identifies an owner, may be restarting. */
#define SQUATTING_NS INT64_C(1500000000)

/* --- who can set the clock ----------------------------------------------- */

struct process {
	pid_t parent;
	uid_t uids[4]; /* real, effective, saved, of files */
	uint64_t permitted;
};

static bool
read_process(const char *pid, struct process *p)
{
	char path[64], line[256];
	int found = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/status", pid);
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	while (fgets(line, sizeof(line), f) != NULL) {
		found += sscanf(line, "PPid: %d", &p->parent) == 1;
		found += sscanf(line, "Uid: %u %u %u %u", &p->uids[0],
			     &p->uids[1], &p->uids[2], &p->uids[3]) == 4;
		found += sscanf(line, "CapPrm: %" SCNx64, &p->permitted) == 1;
	}
	(void)fclose(f); /* only read */
	return found == 3;
}

/*
 * In a user namespace of its own anybody has every capability, but none that
 * counts outside.  The namespace of a process is recognised by its uid mapping,
 * which everybody may read, and which an ordinary user cannot make equal to
 * ours.
 */
static bool
shares_users(const char *pid)
{
	char path[64], theirs[512], ours[512];

	(void)snprintf(path, sizeof(path), "/proc/%.20s/uid_map", pid);
	return file_text(path, theirs, sizeof(theirs)) &&
	    file_text("/proc/self/uid_map", ours, sizeof(ours)) &&
	    strcmp(theirs, ours) == 0;
}

/*
 * Does this process of that user have the capability?  All its ids must be the
 * user's, since a process waiting in a set-user-ID root program has the
 * capability too.
 */
static bool
has_sys_time(const char *pid, const struct process *p, uid_t uid)
{
	for (int i = 0; i < 4; i++)
		if (p->uids[i] != uid)
			return false;
	return (p->permitted >> CAP_SYS_TIME & 1) != 0 && shares_users(pid);
}

/*
 * The owner can set the clock if it is root's; or if it has the capability, to
 * hand it to ntp-clock; or if its child has it, an ntp-clock that got it from
 * its file.  The name or executable of a process proves nothing.
 */
static bool
can_set_clock(const struct lock_owner *who)
{
	DIR *all;
	const struct dirent *e;
	bool can = false;

	if (who->uid == 0)
		return true;
	if (who->pid <= 0)
		return false;
	all = opendir("/proc");
	if (all == NULL)
		return false;
	while (!can && (e = readdir(all)) != NULL) {
		struct process p;

		if (e->d_name[0] < '1' || e->d_name[0] > '9' ||
		    !read_process(e->d_name, &p))
			continue;
		can = (atoi(e->d_name) == who->pid || p.parent == who->pid) &&
		    has_sys_time(e->d_name, &p, who->uid);
	}
	(void)closedir(all); /* only read */
	return can;
}

/* --- the name ------------------------------------------------------------ */

/* Close after a failure; errno is kept. */
static enum lock_state
give_up(int *fd, enum lock_state why)
{
	*fd = file_give_up(*fd);
	return why;
}

static int
open_socket(int flags)
{
	return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0);
}

/*
 * Find the owner of the name, the process that called listen(2), as the kernel
 * reports it.  Waits a moment for a free place if others have filled the queue.
 */
static bool
ask_owner(const struct sockaddr_un *sun, socklen_t len, struct lock_owner *who)
{
	const struct timeval wait = { .tv_usec = ASK_WAIT_US };
	socklen_t cred_len = sizeof(struct ucred);
	int fd = open_socket(0);
	struct ucred cred;
	bool told;

	*who = (struct lock_owner){ .uid = (uid_t)-1 };
	if (fd == -1)
		return false;
	told =
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) == 0 &&
	    connect(fd, (const struct sockaddr *)sun, len) == 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &cred_len) == 0;
	(void)close(fd); /* only used to ask */
	if (told)
		*who = (struct lock_owner){ cred.pid, cred.uid };
	return told;
}

static enum lock_state
try_name(const char *name, int *fd, struct lock_owner *other)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	size_t n = strlen(name);
	socklen_t len =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + n);

	*fd = -1;
	if (n + 1 > sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return LOCK_NONE;
	}
	memcpy(sun.sun_path + 1, name, n);
	*fd = open_socket(SOCK_NONBLOCK);
	if (*fd == -1)
		return LOCK_NONE;
	if (bind(*fd, (const struct sockaddr *)&sun, len) == 0) {
		if (listen(*fd, SOMAXCONN) == 0)
			return LOCK_HELD;
		return give_up(fd, LOCK_NONE);
	}
	if (errno != EADDRINUSE)
		return give_up(fd, LOCK_NONE);
	if (ask_owner(&sun, len, other) && can_set_clock(other))
		return give_up(fd, LOCK_BUSY);
	return give_up(fd, LOCK_SQUATTED);
}

void
lock_drain(int fd)
{
	for (int i = 0; i < DRAIN_MAX; i++) {
		int change = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

		if (change == -1)
			return;
		(void)close(change); /* it has its answer */
	}
}

/* --- the file ------------------------------------------------------------ */

/* A user who could open it could keep us from starting. */
static bool
is_private(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return false;
	if (S_ISREG(st.st_mode) && (st.st_uid == 0 || st.st_uid == geteuid()) &&
	    (st.st_mode & (S_IRWXG | S_IRWXO)) == 0)
		return true;
	errno = EPERM;
	return false;
}

static void
read_owner(int fd, struct lock_owner *other)
{
	char text[16] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	*other = (struct lock_owner){ .uid = geteuid() };
	if (n > 0)
		other->pid = atoi(text);
}

/*
 * The lock belongs to the open file: it ends with this process, and with no
 * other.
 */
static enum lock_state
try_file(const char *path, int *fd, struct lock_owner *other)
{
	struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	*fd = open(
	    path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (*fd == -1 || !is_private(*fd))
		return give_up(fd, LOCK_NONE);
	if (fcntl(*fd, F_OFD_SETLK, &all) == -1) {
		if (errno != EAGAIN && errno != EACCES)
			return give_up(fd, LOCK_NONE);
		read_owner(*fd, other);
		return give_up(fd, LOCK_BUSY);
	}
	/* For a process that finds it busy; the lock does not need it. */
	if (ftruncate(*fd, 0) == 0)
		(void)dprintf(*fd, "%d\n", (int)getpid());
	return LOCK_HELD;
}

/* --- patience ------------------------------------------------------------ */

static enum lock_state
take(enum lock_state (*try)(const char *, int *, struct lock_owner *),
    const char *where, int64_t patience_ns, int *fd, struct lock_owner *other)
{
	int64_t began = clock_read_boot();

	for (;;) {
		enum lock_state state = try(where, fd, other);
		int64_t waited_ns = clock_read_boot() - began;

		if (state == LOCK_HELD || state == LOCK_NONE ||
		    waited_ns >= patience_ns ||
		    (state == LOCK_SQUATTED && waited_ns >= SQUATTING_NS))
			return state;
		(void)poll(NULL, 0, AGAIN_MS);
	}
}

enum lock_state
lock_take_name(
    const char *name, int64_t patience_ns, int *fd, struct lock_owner *other)
{
	return take(try_name, name, patience_ns, fd, other);
}

enum lock_state
lock_take_file(
    const char *path, int64_t patience_ns, int *fd, struct lock_owner *other)
{
	return take(try_file, path, patience_ns, fd, other);
}
