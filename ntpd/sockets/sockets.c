/*
 * Sockets and memory for the children, see sockets.h.  Run by ntpd only, which
 * opens but never reads or writes them.
 */
#include "ntpd/sockets/sockets.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/addr.h"
#include "common/counts.h"
#include "common/ctlpath.h"
#include "common/msg.h"
#include "common/page.h"
#include "common/random.h"

#define SHARED_FOLDER "/dev/shm"
#define RECEIVE_BYTES (1 << 20)

void
socket_text(const struct conf_listen *l, char text[SOCKET_TEXT_LEN])
{
	char host[INET6_ADDRSTRLEN + 12], port[8];

	if (getnameinfo((const struct sockaddr *)&l->addr, l->len, host,
		sizeof(host), port, sizeof(port),
		NI_NUMERICHOST | NI_NUMERICSERV | NI_DGRAM) != 0)
		(void)snprintf(text, SOCKET_TEXT_LEN, "?");
	else if (l->addr.ss_family == AF_INET6)
		(void)snprintf(text, SOCKET_TEXT_LEN, "[%s]:%s", host, port);
	else
		(void)snprintf(text, SOCKET_TEXT_LEN, "%s:%s", host, port);
}

uint16_t
socket_port(const struct conf_listen *l)
{
	struct msg_addr a;

	return addr_from_socket(&l->addr, &a);
}

bool
socket_is_wildcard(const struct conf_listen *l)
{
	struct msg_addr a;

	(void)addr_from_socket(&l->addr, &a);
	return addr_is_any(&a);
}

bool
socket_overlaps(const struct conf_listen *a, const struct conf_listen *b)
{
	return a->addr.ss_family == b->addr.ss_family &&
	    socket_port(a) == socket_port(b) &&
	    (socket_is_wildcard(a) || socket_is_wildcard(b) ||
		memcmp(&a->addr, &b->addr, sizeof(a->addr)) == 0);
}

/* Close after a failure, errno kept. */
static int
give_up(int fd)
{
	int saved = errno;

	if (fd != -1)
		(void)close(fd); /* the first failure is the one that counts */
	errno = saved;
	return -1;
}

/* For a burst of a thousand requests, beyond the system's limit where we may. */
static void
make_room(int fd)
{
	const int bytes = RECEIVE_BYTES;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) ==
	    -1)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes,
		    sizeof(bytes)); /* the limit will do */
}

/*
 * An answer is shorter than the least of all path MTUs, so it is never cut, and
 * nobody can put another's piece into it; and the kernel need not find a number
 * for its pieces, which for every client lies elsewhere in the memory.
 */
static void
never_fragment(int fd, sa_family_t family)
{
	const int how = IP_PMTUDISC_DO;

	if (family == AF_INET)
		(void)setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &how,
		    sizeof(how)); /* without it works too */
}

/*
 * Bind to an address that no interface has: one that the kernel is still trying
 * out (RFC 4862 section 5.4), one of an interface that comes later.
 */
static int
bind_absent(int fd, const struct conf_listen *l)
{
	const int on = 1;

	/* Of IPv6 sockets, too; their own option is younger. */
	if (setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on)) == -1)
		return -1;
	return bind(fd, (const struct sockaddr *)&l->addr, l->len);
}

/* Returns a descriptor or -1; *absent: no interface has the address. */
static int
bind_udp(const struct conf_listen *l, bool shared, bool *absent)
{
	const int on = 1;
	int fd = socket(
	    l->addr.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	*absent = false;
	if (fd == -1)
		return -1;
	if (l->addr.ss_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) == -1)
		return give_up(fd);
	if (shared &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == -1)
		return give_up(fd);
	make_room(fd);
	never_fragment(fd, l->addr.ss_family);
	if (bind(fd, (const struct sockaddr *)&l->addr, l->len) == 0)
		return fd;
	*absent = errno == EADDRNOTAVAIL;
	if (!*absent || bind_absent(fd, l) == -1)
		return give_up(fd);
	return fd;
}

int
socket_try_udp(const struct conf_listen *l)
{
	bool absent;
	int alone = bind_udp(l, false, &absent);

	if (alone == -1)
		return -1;
	(void)close(alone); /* nothing was received with it */
	return 0;
}

static bool
connects(int fd, const struct conf_listen *l)
{
	return connect(fd, (const struct sockaddr *)&l->addr, l->len) == 0;
}

/* The kernel lets a socket send there only if that is asked for. */
bool
socket_is_broadcast(const struct conf_listen *l)
{
	const int on = 1;
	bool broadcast;
	int fd;

	if (l->addr.ss_family != AF_INET || socket_is_wildcard(l))
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return false; /* as will be seen */
	broadcast = !connects(fd, l) && errno == EACCES &&
	    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) == 0 &&
	    connects(fd, l);
	(void)close(fd); /* was only a question */
	return broadcast;
}

int
socket_listen_udp(
    const struct conf_listen *l, int *fds, uint32_t from, uint32_t to)
{
	bool absent = false;

	for (uint32_t i = from; i < to; i++) {
		fds[i] = bind_udp(l, true, &absent);
		if (fds[i] != -1)
			continue;
		while (i > from)
			(void)give_up(fds[--i]);
		return -1;
	}
	return absent ? 1 : 0;
}

/* Descriptors: of a worker, a channel and two of its counters, and all others. */
#define FILES_A_WORKER 3
#define FILES_OTHER    48

static bool
fits(const struct rlimit *limit, uint32_t workers, uint32_t listens)
{
	return FILES_OTHER + (rlim_t)workers * (FILES_A_WORKER + listens) <=
	    limit->rlim_cur;
}

uint32_t
socket_fit_limit(struct conf *c, uint32_t workers)
{
	struct rlimit limit;

	if (workers == 0 || getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return workers;
	while (!fits(&limit, workers, c->listen_count)) {
		if (c->listens[c->listen_count - 1].of_wildcard)
			c->listen_count--;
		else if (workers > 1)
			workers--;
		else
			break; /* what cannot be opened will be said */
	}
	return workers;
}

/*
 * Classic BPF over the network header: 32 bits of the address times an odd
 * number that nobody knows, of which the upper half decides.
 */
static int
share_by(int fd, sa_family_t family, uint32_t count, uint32_t factor)
{
	const bool v6 = family == AF_INET6;
	const uint32_t at = (uint32_t)SKF_NET_OFF + (v6 ? 8 : 12);
	struct sock_filter steps[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at + (v6 ? 4 : 0)),
		BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, v6 ? factor : 1),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at),
		BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
		BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, factor),
		BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 16),
		BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, count),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	struct sock_fprog program = {
		.len = sizeof(steps) / sizeof(steps[0]),
		.filter = steps,
	};

	if (!v6) /* one word: what came first makes no difference to it */
		steps[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, 0);
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program,
	    sizeof(program));
}

int
socket_share(int fd, sa_family_t family, uint32_t count)
{
	uint32_t factor;

	if (random_raw(&factor, sizeof(factor), 0) != (ssize_t)sizeof(factor))
		return -1;
	return share_by(fd, family, count, factor | 1);
}

static int
make_parent(const char *path)
{
	char dir[CONF_PATH_LEN];
	const char *slash = strrchr(path, '/');

	if (slash == NULL || slash == path)
		return 0;
	(void)snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	if (mkdir(dir, 0755) == -1 && errno != EEXIST)
		return -1;
	return 0;
}

/* Remove a socket that nobody listens on any more. */
static int
clear_stale(const struct sockaddr_un *sun)
{
	struct stat st;
	bool stale;
	int fd;

	if (lstat(sun->sun_path, &st) == -1)
		return errno == ENOENT ? 0 : -1;
	if (!S_ISSOCK(st.st_mode)) {
		errno = EEXIST;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	/* Only a refusal says that nobody listens: not a full queue. */
	stale = connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == -1 &&
	    errno == ECONNREFUSED;
	(void)close(fd); /* was only a question */
	if (!stale) {
		errno = EADDRINUSE;
		return -1;
	}
	return unlink(sun->sun_path);
}

int
socket_listen_control(const char *path, mode_t mode, gid_t gid)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	mode_t mask;
	int fd, rc;

	if (strlen(path) >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(sun.sun_path, path, strlen(path));
	if (make_parent(path) == -1 || clear_stale(&sun) == -1)
		return -1;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	/* The socket has its mode before it has a name: no open moment. */
	if (fchmod(fd, mode) == -1)
		return give_up(fd);
	mask = umask(0);
	rc = bind(fd, (const struct sockaddr *)&sun, sizeof(sun));
	(void)umask(mask); /* cannot fail */
	if (rc == -1)
		return give_up(fd);
	if (gid != (gid_t)-1 && lchown(path, (uid_t)-1, gid) == -1)
		return give_up(fd);
	/* It holds for all who connect; an older kernel has no such refusal. */
	(void)msg_refuse_rights(fd);
	if (listen(fd, 16) == -1)
		return give_up(fd);
	return fd;
}

int
socket_listen_fallback(char path[CONF_PATH_LEN], mode_t mode)
{
	char dir[CTL_FALLBACK_DIR_LEN];
	struct stat st;

	(void)snprintf(dir, sizeof(dir), CTL_FALLBACK_DIR, geteuid());
	(void)snprintf(path, CONF_PATH_LEN, CTL_FALLBACK_PATH, geteuid());
	if (mkdir(dir, 0700) == -1 && errno != EEXIST)
		return -1;
	if (lstat(dir, &st) == -1)
		return -1;
	/* Anybody could have made something of this name. */
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
	    (st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		errno = EPERM;
		return -1;
	}
	return socket_listen_control(path, mode, (gid_t)-1);
}

/*
 * The same without /proc, by which alone a memfd is opened a second time: a file
 * in memory that has a name for a moment.  No seal holds for it, but no program
 * that it is given to may make it shorter.
 */
static int
make_memory_file(off_t bytes, int *writer, int *reader)
{
	char path[] = SHARED_FOLDER "/ntpd-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd == -1)
		return -1;
	*reader = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (unlink(path) == -1 || *reader == -1 || ftruncate(fd, bytes) == -1 ||
	    fchmod(fd, 0400) == -1) {
		if (*reader != -1)
			(void)close(*reader); /* nothing is in it */
		*reader = -1;
		return give_up(fd);
	}
	*writer = fd;
	return 0;
}

/* Memory of a fixed size, with a descriptor to write and one to read only. */
static int
make_memory(const char *name, off_t bytes, int *writer, int *reader)
{
	char path[40];
	int fd;

	*writer = *reader = -1;
	if (access("/proc/self/fd", F_OK) == -1)
		return make_memory_file(bytes, writer, reader);
	fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd == -1)
		return -1;
	if (ftruncate(fd, bytes) == -1 || fchmod(fd, 0400) == -1 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) ==
		-1)
		return give_up(fd);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	*reader = open(path, O_RDONLY | O_CLOEXEC);
	if (*reader == -1)
		return give_up(fd);
	*writer = fd;
	return 0;
}

int
socket_make_page(int *writer, int *reader)
{
	return make_memory("ntp-page", PAGE_BYTES, writer, reader);
}

int
socket_make_clock_page(int *writer, int *reader)
{
	return make_memory("ntp-clock", PAGE_BYTES, writer, reader);
}

int
socket_make_counts(int *writer, int *reader)
{
	return make_memory("ntp-counts", COUNTS_BYTES, writer, reader);
}

int
socket_clear_clients(int writer)
{
	/* A hole reads as zeros, and takes no memory until it is used. */
	return fallocate(writer, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
	    COUNTS_CLIENTS_AT, COUNTS_CLIENTS_BYTES);
}

void
file_note(const char *path, struct file_id *id)
{
	struct stat st;

	memset(id, 0, sizeof(*id));
	if (lstat(path, &st) == 0)
		*id = (struct file_id){ st.st_dev, st.st_ino };
}

void
file_remove(const char *path, const struct file_id *id)
{
	struct file_id now;

	file_note(path, &now);
	if (now.ino != 0 && now.ino == id->ino && now.dev == id->dev)
		(void)unlink(path); /* may be forbidden by now */
}

/* One with nothing in it says less than none; errno stays. */
static int
drop_file(const char *path)
{
	int saved = errno;

	(void)unlink(path); /* as it was before */
	errno = saved;
	return -1;
}

int
file_write_pid(const char *path)
{
	int fd;

	if (unlink(path) == -1 && errno != ENOENT)
		return -1;
	fd = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd == -1)
		return -1;
	if (dprintf(fd, "%d\n", (int)getpid()) < 0) {
		(void)give_up(fd);
		return drop_file(path);
	}
	return close(fd);
}
