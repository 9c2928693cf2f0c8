/*
 * The least that a server can do: receive, swap, send, with no look at what is
 * in it.  What it costs is what the system calls and the kernel cost; a real
 * server is measured against it.
 *
 *   bare PORT
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BATCH  64
#define PACKET 48

static struct mmsghdr messages[BATCH];
static struct iovec iovs[BATCH];
static struct sockaddr_in from[BATCH];
static uint8_t octets[BATCH][PACKET];

static void
answer(uint8_t *p)
{
	memcpy(p + 24, p + 40, 8); /* origin */
	p[0] = 0x24;
}

int
main(int argc, char **argv)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (argc != 2)
		errx(1, "a port is needed");
	any.sin_port = htons((uint16_t)atoi(argv[1]));
	if (fd == -1 || bind(fd, (struct sockaddr *)&any, sizeof(any)) == -1)
		err(1, "socket");
	for (int i = 0; i < BATCH; i++) {
		iovs[i] = (struct iovec){ octets[i], PACKET };
		messages[i].msg_hdr = (struct msghdr){ .msg_name = &from[i],
			.msg_namelen = sizeof(from[i]),
			.msg_iov = &iovs[i],
			.msg_iovlen = 1 };
	}
	for (;;) {
		int n = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);

		for (int i = 0; i < n; i++)
			answer(octets[i]);
		for (int at = 0; at < n;) {
			int sent = sendmmsg(
			    fd, messages + at, (unsigned int)(n - at), 0);

			at += sent > 0 ? sent : 1;
		}
	}
}
