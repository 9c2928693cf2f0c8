/*
 * A connection whose close waits, see lingering.h.
 */
#include "tests/attack/lingering.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#define LINGER_S  3600
#define WAIT_MS	  50 /* without room in the connection: it is full */
#define FULL_SEEN 3

/* As much as goes in; the kernel makes more room for a while. */
static void
fill(int fd)
{
	static char block[65536];

	for (int full = 0; full < FULL_SEEN;) {
		if (send(fd, block, sizeof(block),
			MSG_DONTWAIT | MSG_NOSIGNAL) != -1)
			continue;
		full++;
		(void)poll(NULL, 0, WAIT_MS); /* early is good enough */
	}
}

int
lingering_socket(uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	const struct linger linger = { 1, LINGER_S };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1)
		return -1;
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) ==
		-1) {
		(void)close(fd); /* nothing was sent */
		return -1;
	}
	fill(fd);
	return fd;
}
