/*
 * Status reports to whoever started ntpd, see manager.h.  Run by ntpd only,
 * which must not wait for any of them.
 */
#include "ntpd/manager.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/stdfds.h"
#include "ntpd/daemon_log.h"

#define TELL_EVERY_NS NS_PER_S

static int
connect_to(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	size_t len;
	int fd;

	if (path == NULL || (path[0] != '/' && path[0] != '@'))
		return -1;
	len = strlen(path);
	if (len >= sizeof(sun.sun_path))
		return -1;
	memcpy(sun.sun_path, path, len);
	if (path[0] == '@')
		sun.sun_path[0] = '\0'; /* the abstract namespace */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	if (connect(fd, (const struct sockaddr *)&sun,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) ==
	    -1) {
		(void)close(fd); /* a failed close does not matter */
		return -1;
	}
	return fd;
}

void
manager_open(struct manager *m, int started_fd)
{
	m->started_fd = started_fd;
	m->due_ns = INT64_MAX;
	m->fd = connect_to(getenv("NOTIFY_SOCKET"));
	if (m->fd != -1)
		(void)unsetenv("NOTIFY_SOCKET"); /* cannot fail for this name */
}

static void
notify(const struct manager *m, const char *state)
{
	if (m->fd != -1 &&
	    send(m->fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT) ==
		-1)
		return; /* the manager will notice by itself */
}

void
manager_announce(struct manager *m)
{
	m->announced = true;
	notify(m, "READY=1");
	if (m->started_fd == -1)
		return;
	if (write(m->started_fd, "", 1) == -1)
		daemon_log(LOG_LEVEL_DEBUG, "nobody is waiting for the start");
	(void)close(m->started_fd);
	m->started_fd = -1;
	daemon_log_watched(false);
	/* Keep nobody's terminal or pipe open. */
	(void)stdfds_leave();
}

void
manager_stop(const struct manager *m)
{
	notify(m, "STOPPING=1");
}

/* However often ntp-net's state changes, the last one is reported. */
void
manager_tell(struct manager *m, uint32_t state, int64_t now_ns)
{
	m->due_ns = INT64_MAX;
	if (m->fd == -1 || (m->told_ns != 0 && state == m->told))
		return;
	if (m->told_ns != 0 && now_ns - m->told_ns < TELL_EVERY_NS) {
		m->due_ns = m->told_ns + TELL_EVERY_NS;
		return;
	}
	m->told_ns = now_ns;
	m->told = state;
	notify(m,
	    (state & NET_HOLDOVER) != 0	    ? "STATUS=holdover"
		: (state & NET_SYNCED) != 0 ? "STATUS=synchronized"
					    : "STATUS=not synchronized");
}
