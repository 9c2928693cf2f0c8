/*
 * Closing a socket that may have a descriptor in its queue, see letgo.h.  Run
 * by ntpd only, which must never wait.
 *
 * When the last descriptor of a socket is closed, the kernel closes what is in
 * its queue, and the closing process waits: for an hour if that is a TCP socket
 * with SO_LINGER, for ever if it is a FUSE file that was written to.  If the
 * kernel refuses to carry descriptors (Linux 6.16), there are none.  Otherwise
 * a forked process closes the last one: it does nothing but end.  An ending
 * process does not wait for SO_LINGER, and if it has to wait for something
 * else, nobody waits for it.
 */
#include "ntpd/sockets/letgo.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <unistd.h>

/* The forked process: it ends when ntpd has closed its own descriptors. */
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

/* Fork a process that holds all our descriptors until ours are closed. */
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
		return; /* they stay open until we end */
	for (size_t i = 0; i < n; i++)
		if (fds[i] != -1)
			(void)close(fds[i]); /* a failure cannot be helped */
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
