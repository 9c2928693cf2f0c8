/*
 * UDP sockets for ntp-serve, see sockets.h.  Run by ntpd only, which opens them
 * but never reads or writes them.
 */
#include "ntpd/sockets/sockets.h"

#include <sys/resource.h>

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <unistd.h>

#include "common/random.h"
#include "ntpd/conf/listen.h"
#include "ntpd/file.h"

#define RECEIVE_BYTES (1 << 20)

/*
 * Room for a burst of a thousand requests, beyond the system's limit if
 * allowed.
 */
static void
make_room(int fd)
{
	const int bytes = RECEIVE_BYTES;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) ==
	    -1)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes,
		    sizeof(bytes)); /* else the limit applies */
}

/*
 * An answer is shorter than any path's MTU, so it is never fragmented, and
 * nobody can insert a fragment of their own.  It also saves the kernel an IP
 * identifier, which lies elsewhere in memory for every client.
 */
static void
never_fragment(int fd, sa_family_t family)
{
	const int how = IP_PMTUDISC_DO;

	if (family == AF_INET)
		(void)setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &how,
		    sizeof(how)); /* works without it too */
}

/*
 * Bind to an address that no interface has: one that the kernel is still
 * checking for duplicates (RFC 4862 section 5.4), or one of an interface that
 * appears later.
 */
static int
bind_absent(int fd, const struct conf_listen *l)
{
	const int on = 1;

	/* Works for IPv6 sockets too; the IPv6 option is younger. */
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
		return file_give_up(fd);
	if (shared &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == -1)
		return file_give_up(fd);
	make_room(fd);
	never_fragment(fd, l->addr.ss_family);
	if (bind(fd, (const struct sockaddr *)&l->addr, l->len) == 0)
		return fd;
	*absent = errno == EADDRNOTAVAIL;
	if (!*absent || bind_absent(fd, l) == -1)
		return file_give_up(fd);
	return fd;
}

int
socket_try_udp(const struct conf_listen *l)
{
	bool absent;
	int alone = bind_udp(l, false, &absent);

	if (alone == -1)
		return -1;
	(void)close(alone); /* nothing was received on it */
	return 0;
}

static bool
connects(int fd, const struct conf_listen *l)
{
	return connect(fd, (const struct sockaddr *)&l->addr, l->len) == 0;
}

/* The kernel lets a socket send there only if SO_BROADCAST is set. */
bool
socket_is_broadcast(const struct conf_listen *l)
{
	const int on = 1;
	bool broadcast;
	int fd;

	if (l->addr.ss_family != AF_INET || listen_is_wildcard(l))
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return false; /* the later bind will show it */
	broadcast = !connects(fd, l) && errno == EACCES &&
	    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) == 0 &&
	    connects(fd, l);
	(void)close(fd); /* only used to ask */
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
			(void)file_give_up(fds[--i]);
		return -1;
	}
	return absent ? 1 : 0;
}

/* Descriptors of a worker, a channel and two of its counters; all others. */
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
			break; /* opening them will fail and be logged */
	}
	return workers;
}

/*
 * Classic BPF over the network header: hashes the client's address by
 * multiplying its 32-bit words by a secret odd number; the upper half of the
 * product decides.
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

	if (!v6) /* one word: there is no other to mix in */
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
