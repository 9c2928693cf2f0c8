/*
 * Asking over the control socket, see asking.h.
 */
#include "tests/attack/asking.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/ctlpath.h"

#define WAIT_MS 3000
#define ROUNDS	4

int
ask_connect(const char *path, const char *suffix)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	(void)snprintf(to.sun_path, sizeof(to.sun_path), "%s%s", path, suffix);
	if (fd == -1 ||
	    connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	(void)close(fd); /* nothing was sent */
	return -1;
}

/* Returns true if more is to come. */
static bool
converse(int fd, char *said, size_t size)
{
	struct pollfd pfd = { fd, POLLIN, 0 };
	union msg msg;
	ssize_t n;

	if (poll(&pfd, 1, WAIT_MS) != 1 ||
	    (n = recv(fd, &msg, sizeof(msg), MSG_DONTWAIT)) <= 0) {
		(void)snprintf(said, size, "no answer");
		return false;
	}
	if (msg.h.type == MSG_CTL_RESULT) {
		msg.ctl_result.text[REASON_LEN - 1] = '\0';
		(void)snprintf(said, size, "ok=%u: %s", msg.ctl_result.ok,
		    msg.ctl_result.text);
		return false;
	}
	/* The same back: that is what confirms it. */
	return send(fd, &msg, (size_t)n, MSG_NOSIGNAL) == n;
}

void
ask_for_change(const char *path, enum ctl_command command, int64_t step_ns,
    char *said, size_t size)
{
	struct msg_ctl_change m = { .h = { MSG_CTL_CHANGE, sizeof(m) },
		.version = CTL_VERSION,
		.command = (uint32_t)command,
		.step_ns = step_ns,
		.margin_ns = step_ns == 0 ? 0 : CTL_MARGIN_NS(step_ns) };
	int fd = ask_connect(path, CTL_CHANGE_SUFFIX);

	if (fd == -1) {
		(void)snprintf(
		    said, size, "no connection: %s", strerrordesc_np(errno));
		return;
	}
	(void)snprintf(said, size, "cut off");
	if (send(fd, &m, sizeof(m), MSG_NOSIGNAL) == (ssize_t)sizeof(m))
		for (int i = 0; i < ROUNDS && converse(fd, said, size); i++)
			;
	(void)close(fd); /* the answer is known */
}
