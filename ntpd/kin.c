/*
 * Whether a process is one of ours, see kin.h.  Run by ntpd only.
 *
 * All programs may run under one uid, so the uid does not show who asks.
 * Descent does: the programs are children of ntpd, their filters do not let
 * them fork, and only a process whose parent has ended gets a new parent.  The
 * pid of a process that has ended may be reused, so the kernel is asked whether
 * the very process that connected is still alive: the pidfd of SO_PEERPIDFD
 * refers to that process, whatever has its pid now.
 */
#include "ntpd/kin.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ntpd/file.h"

#define DEPTH_MAX 64 /* of parents; no honest process has so many */

/* Newer than the headers; these two architectures have numbers of their own. */
#if !defined(SO_PEERPIDFD) && !defined(__hppa__) && !defined(__sparc__)
#define SO_PEERPIDFD 77
#endif

/* The parent's pid; 0 if it has none here; -1 if it cannot be read. */
static pid_t
parent_of(const char *proc, pid_t pid)
{
	char path[64], text[512];
	const char *end;
	int parent;

	(void)snprintf(path, sizeof(path), "%s/%d/stat", proc, (int)pid);
	if (!file_text(path, text, sizeof(text)))
		return -1;
	end = strrchr(text, ')'); /* the name may contain any other */
	if (end == NULL || sscanf(end, ") %*c %d", &parent) != 1 || parent < 0)
		return -1;
	return parent;
}

enum kin
kin_of(const char *proc, pid_t self, pid_t pid)
{
	for (int i = 0; i < DEPTH_MAX; i++) {
		if (pid == self)
			return KIN_OURS;
		if (pid <= 0)
			return i > 0 && pid == 0 ? KIN_NONE : KIN_UNKNOWN;
		pid = parent_of(proc, pid);
	}
	return KIN_UNKNOWN;
}

/* A pidfd of the process that connected, or -1 with errno. */
static int
peer_pidfd(int fd)
{
#ifdef SO_PEERPIDFD
	int pidfd = -1;
	socklen_t len = sizeof(pidfd);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &len) == -1)
		return -1;
	return pidfd;
#else
	(void)fd;
	errno = ENOPROTOOPT;
	return -1;
#endif
}

/* A pidfd is readable once its process has ended. */
static bool
has_ended(int pidfd)
{
	struct pollfd pfd = { .fd = pidfd, .events = POLLIN };

	return poll(&pfd, 1, 0) != 0;
}

static bool
was_ours(const struct kin_dead *d, pid_t pid)
{
	for (int i = 0; i < KIN_DEAD; i++)
		if (pid != 0 && d->pids[i] == pid)
			return true;
	return false;
}

void
kin_note_dead(struct kin_dead *d, pid_t pid)
{
	d->pids[d->next++ % KIN_DEAD] = pid;
}

enum kin
kin_of_peer(const char *proc, pid_t self, int fd, pid_t pid,
    const struct kin_dead *dead)
{
	int pidfd = peer_pidfd(fd);
	enum kin kin = KIN_GONE;

	if (pidfd == -1 && errno != ENOPROTOOPT)
		return KIN_GONE; /* already waited for: no pidfd is possible */
	if (pidfd == -1)
		return was_ours(dead, pid) ? KIN_OURS : kin_of(proc, self, pid);
	if (!has_ended(pidfd))
		kin = kin_of(proc, self, pid);
	if (has_ended(pidfd))
		kin = KIN_GONE;
	(void)close(pidfd); /* a pidfd: close does not wait */
	return kin;
}
