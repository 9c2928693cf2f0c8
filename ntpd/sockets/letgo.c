/*
 * Closing a socket in whose queue a descriptor may wait, see letgo.h.  Run by
 * ntpd only, which must never wait.
 *
 * With the last descriptor of a socket the kernel closes what is in its queue,
 * and whoever does that waits: for an hour where it is a TCP socket with
 * SO_LINGER, for ever where it is a file of FUSE that was written to.  Where
 * the kernel refuses to carry descriptors (Linux 6.16) there is none.  Elsewhere
 * the last one is left to a process that was forked for it and does nothing but
 * end: one that ends does not wait for SO_LINGER, and if for something else it
 * has to, nobody waits for it.
 */
#include "ntpd/sockets/letgo.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <unistd.h>

/* The process's life: it ends when ntpd has closed its own descriptors. */
static NORETURN void
end_after(int fd)
{
	char c;

	while (read(fd, &c, 1) > 0)
		continue;
	_exit(0);
}

static pid_t *
free_place(struct letgo *l)
{
	for (size_t i = 0; i < LETGO_MAX; i++)
		if (l->pids[i] == 0)
			return &l->pids[i];
	return NULL;
}

/* Have another process hold all that we hold until ours are closed. */
static int
fork_holder(struct letgo *l, int *release)
{
	pid_t *place = free_place(l);
	int fds[2];

	*release = -1;
	if (place == NULL || pipe2(fds, O_CLOEXEC) == -1)
		return -1;
	*place = fork();
	if (*place == 0) {
		(void)close(fds[1]); /* else it would wait for itself */
		end_after(fds[0]);
	}
	(void)close(fds[0]);
	if (*place == -1) {
		*place = 0;
		(void)close(fds[1]);
		return -1;
	}
	*release = fds[1];
	return 0;
}

void
letgo_sockets(struct letgo *l, const int *fds, size_t n, bool guarded)
{
	int release = -1;

	if (!guarded && fork_holder(l, &release) == -1)
		return; /* they stay open, until we end */
	for (size_t i = 0; i < n; i++)
		if (fds[i] != -1)
			(void)close(fds[i]); /* nothing to be done about it */
	if (release != -1)
		(void)close(release);
}

void
letgo_channel(struct letgo *l, struct channel *ch)
{
	int fd = ch->fd;

	ch->fd = -1;
	if (fd == -1)
		return;
	if (!ch->guarded)
		/* The other end may see it now; cannot fail for a socket. */
		(void)shutdown(fd, SHUT_RDWR);
	letgo_sockets(l, &fd, 1, ch->guarded);
}

void
letgo_reap(struct letgo *l, pid_t pid)
{
	for (size_t i = 0; i < LETGO_MAX; i++)
		if (l->pids[i] == pid)
			l->pids[i] = 0;
}

size_t
letgo_left(const struct letgo *l)
{
	size_t n = 0;

	for (size_t i = 0; i < LETGO_MAX; i++)
		if (l->pids[i] != 0)
			n++;
	return n;
}
