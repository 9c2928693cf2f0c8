/*
 * The kernel's notices, see notices.h.  Run by ntpd only.
 */
#include "ntpd/sockets/notices.h"

#include <sys/socket.h>

#include <linux/netlink.h>

#include "ntpd/file.h"

int
notices_open(uint32_t groups)
{
	const struct sockaddr_nl sa = { .nl_family = AF_NETLINK,
		.nl_groups = groups };
	int fd = socket(
	    AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd == -1 || bind(fd, (const struct sockaddr *)&sa, sizeof(sa)) == 0)
		return fd;
	return file_give_up(fd);
}
