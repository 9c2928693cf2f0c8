/*
 * The kernel's table of UDP sockets, see taken.h.  Run by ntpd only.
 */
#include "ntpd/sockets/taken.h"

#include <sys/stat.h>

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "ntpd/conf/listen.h"

#define TABLE_V4 "/proc/self/net/udp"
#define TABLE_V6 "/proc/self/net/udp6"

/* proc(5): words of the address, as they are in memory, and then the rest. */
#define WORDS_V4 "%*d: %8" SCNx32
#define WORDS_V6 "%*d: %8" SCNx32 "%8" SCNx32 "%8" SCNx32 "%8" SCNx32
#define REST	 ":%4" SCNx16 " %*s %*s %*s %*s %*s %*s %*s %ju"

static bool
is_own(const struct taken_own *own, uintmax_t inode)
{
	struct stat st;

	for (uint32_t w = 0; w < own->workers; w++)
		for (uint32_t i = 0; i < own->listens; i++)
			if (fstat(own->fds[w][i], &st) == 0 &&
			    st.st_ino == inode)
				return true;
	return false;
}

/* One line of a table; false: it is none of a socket. */
static bool
read_v4(const char *line, struct conf_listen *l, uintmax_t *inode)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	uint16_t port;

	if (sscanf(line, WORDS_V4 REST, &in.sin_addr.s_addr, &port, inode) != 3)
		return false;
	in.sin_port = htons(port);
	memcpy(&l->addr, &in, sizeof(in));
	return true;
}

static bool
read_v6(const char *line, struct conf_listen *l, uintmax_t *inode)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	uint32_t *w = in6.sin6_addr.s6_addr32;
	uint16_t port;

	if (sscanf(line, WORDS_V6 REST, &w[0], &w[1], &w[2], &w[3], &port,
		inode) != 6)
		return false;
	in6.sin6_port = htons(port);
	memcpy(&l->addr, &in6, sizeof(in6));
	return true;
}

/* The table has no scope: an address of one link may be that of another, too. */
static bool
is_in_the_way(const struct conf_listen *other, const struct conf_listen *l)
{
	struct sockaddr_in6 in6;

	if (l->addr.ss_family == AF_INET6) {
		memcpy(&in6, &l->addr, sizeof(in6));
		if (IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr) &&
		    !listen_is_wildcard(other))
			return false;
	}
	return listen_overlaps(other, l);
}

int
taken_check(const struct conf_listen *l, const struct taken_own *own)
{
	bool v6 = l->addr.ss_family == AF_INET6;
	FILE *table = fopen(v6 ? TABLE_V6 : TABLE_V4, "re");
	bool taken = false;
	char line[512];

	if (table == NULL)
		return 0;
	while (!taken && fgets(line, sizeof(line), table) != NULL) {
		struct conf_listen other = { .len = l->len };
		uintmax_t inode;

		taken = (v6 ? read_v6 : read_v4)(line, &other, &inode) &&
		    is_in_the_way(&other, l) && !is_own(own, inode);
	}
	(void)fclose(table); /* it was only read */
	errno = EADDRINUSE;
	return taken ? -1 : 0;
}
