/*
 * Telling the service manager, see notify.h.  Run by ntpd only.
 */
#include "ntpd/notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
notify_open(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
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
		sun.sun_path[0] = '\0'; /* the abstract name space */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	if (connect(fd, (const struct sockaddr *)&sun,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) ==
	    -1) {
		(void)close(fd); /* the connection counts, not this */
		return -1;
	}
	(void)unsetenv("NOTIFY_SOCKET"); /* cannot fail for a good name */
	return fd;
}

void
notify_send(int fd, const char *state)
{
	if (fd != -1 &&
	    send(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT) == -1)
		return; /* the manager will notice by itself */
}
