/*
 * The log daemon's socket, see logsock.h.  Run by ntpd only.
 */
#include "ntpd/logsock.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "core/types.h"

#define PATIENCE_MS 100 /* once, then 0 until the daemon reads again */

static void
disconnect(struct logsock *l)
{
	if (l->fd != -1)
		(void)close(l->fd); /* of AF_UNIX: close does not wait */
	l->fd = -1;
}

/* A few log daemons have a stream socket there. */
static bool
connect_to(struct logsock *l)
{
	static const int types[] = { SOCK_DGRAM, SOCK_STREAM };

	for (int i = 0; i < 2; i++) {
		l->fd =
		    socket(AF_UNIX, types[i] | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (l->fd == -1)
			return false;
		if (connect(l->fd, (const struct sockaddr *)&l->at,
			sizeof(l->at)) == 0)
			return true;
		disconnect(l);
		if (errno != EPROTOTYPE)
			break;
	}
	return false;
}

void
logsock_open(struct logsock *l, const char *path)
{
	*l = (struct logsock){ .fd = -1, .at.sun_family = AF_UNIX };
	(void)snprintf(l->at.sun_path, sizeof(l->at.sun_path), "%s", path);
	tzset();
	(void)connect_to(l);
}

/* Wait for room in its queue: a daemon that is only behind makes some soon. */
static bool
room_soon(const struct logsock *l)
{
	struct pollfd pfd = { .fd = l->fd, .events = POLLOUT };

	return l->unread == 0 && poll(&pfd, 1, PATIENCE_MS) == 1 &&
	    (pfd.revents & POLLOUT) != 0;
}

/*
 * A line ends with a 0 octet, which a stream needs.  If a stream takes only a
 * part of a line, disconnect, or the next line would be appended to it.
 */
static bool
send_line(struct logsock *l, const char *line, size_t len)
{
	for (int i = 0; i < 2; i++) {
		ssize_t n;

		if (l->fd == -1 && !connect_to(l))
			return false;
		n = send(l->fd, line, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n == (ssize_t)len)
			return true;
		if (n == -1 && (errno == EAGAIN || errno == ENOBUFS)) {
			if (i == 0 && room_soon(l))
				continue;
			return false; /* nobody reads */
		}
		disconnect(l); /* its daemon has ended: try a new one */
	}
	return false;
}

static bool
send_text(struct logsock *l, int priority, const char *text)
{
	char line[TEXT_LEN + 80], when[32] = "";
	time_t now = clock_read_real() / NS_PER_S;
	struct tm tm;
	int n;

	if (localtime_r(&now, &tm) == NULL ||
	    strftime(when, sizeof(when), "%b %e %H:%M:%S", &tm) == 0)
		return false;
	n = snprintf(line, sizeof(line), "<%d>%s ntpd[%d]: %s",
	    LOG_DAEMON | priority, when, (int)getpid(), text);
	if (n < 0)
		return false;
	if ((size_t)n >= sizeof(line))
		n = (int)sizeof(line) - 1;
	return send_line(l, line, (size_t)n + 1);
}

void
logsock_write(struct logsock *l, int priority, const char *text)
{
	char note[80];

	if (l->unread > 0) {
		(void)snprintf(note, sizeof(note),
		    "ntpd: %u lines were left out here, since nobody read "
		    "them",
		    l->unread);
		if (send_text(l, LOG_WARNING, note))
			l->unread = 0;
	}
	if (l->unread > 0 || !send_text(l, priority, text))
		l->unread += l->unread < UINT32_MAX;
}
