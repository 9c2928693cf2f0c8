/*
 * Sockets and memory for the children, see sockets.h.  Run by ntpd only, which
 * opens but never reads or writes them.
 */
#include "sockets.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "page.h"

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

int
socket_listen_udp(const struct conf_listen *l)
{
	const int on = 1;
	int fd = socket(
	    l->addr.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd == -1)
		return -1;
	if (l->addr.ss_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) == -1)
		return give_up(fd);
	/* One that the kernel is still trying out, or a cable that is out. */
	if (l->of_interface &&
	    setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on)) == -1)
		return give_up(fd);
	if (bind(fd, (const struct sockaddr *)&l->addr, l->len) == -1)
		return give_up(fd);
	return fd;
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
	if (listen(fd, 16) == -1)
		return give_up(fd);
	return fd;
}

int
socket_make_page(int *writer, int *reader)
{
	char path[40];
	int fd;

	*writer = *reader = -1;
	fd = memfd_create("ntp-page", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd == -1)
		return -1;
	if (ftruncate(fd, PAGE_BYTES) == -1 || fchmod(fd, 0400) == -1 ||
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
	if (dprintf(fd, "%d\n", (int)getpid()) < 0)
		return give_up(fd);
	return close(fd);
}
