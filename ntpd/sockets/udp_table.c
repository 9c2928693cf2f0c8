/*
 * The kernel's table of UDP sockets, see udp_table.h.  Run by ntpd only.
 */
#include "ntpd/sockets/udp_table.h"

#include <sys/stat.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/addr.h"
#include "ntpd/conf/listen.h"

#define TABLE_V4 "/proc/self/net/udp"
#define TABLE_V6 "/proc/self/net/udp6"

/* proc(5): the address as words in memory order, and then the rest. */
#define WORDS_V4 "%*d: %8" SCNx32
#define WORDS_V6 "%*d: %8" SCNx32 "%8" SCNx32 "%8" SCNx32 "%8" SCNx32
#define REST	 ":%4" SCNx16 " %*s %*s %*s %*s %*s %*s %*s %ju"

static bool
is_own(const struct udp_table_own *own, uintmax_t inode)
{
	struct stat st;

	for (uint32_t w = 0; w < own->workers; w++)
		for (uint32_t i = 0; i < own->listens; i++)
			if (fstat(own->fds[w][i], &st) == 0 &&
			    st.st_ino == inode)
				return true;
	return false;
}

/* Parse one line of a table; false: it describes no socket. */
static bool
read_line(const char *line, bool v6, struct conf_listen *l, uintmax_t *inode)
{
	struct msg_addr a = { .family = v6 ? 6 : 4 };
	uint32_t w[4] = { 0 };
	uint16_t port;

	if (v6 ? sscanf(line, WORDS_V6 REST, &w[0], &w[1], &w[2], &w[3], &port,
		     inode) != 6
	       : sscanf(line, WORDS_V4 REST, &w[0], &port, inode) != 3)
		return false;
	memcpy(a.addr, w, sizeof(a.addr));
	l->len = addr_to_socket(&a, port, &l->addr);
	return true;
}

/* The table has no scope: an address on one link may match that on another. */
static bool
is_in_the_way(const struct conf_listen *other, const struct conf_listen *l)
{
	struct msg_addr a;

	(void)addr_from_socket(&l->addr, &a);
	return (!addr_link_local(&a) || listen_is_wildcard(other)) &&
	    listen_overlaps(other, l);
}

int
udp_table_check(const struct conf_listen *l, const struct udp_table_own *own)
{
	bool v6 = l->addr.ss_family == AF_INET6;
	FILE *table = fopen(v6 ? TABLE_V6 : TABLE_V4, "re");
	bool taken = false;
	char line[512];

	if (table == NULL)
		return 0;
	while (!taken && fgets(line, sizeof(line), table) != NULL) {
		struct conf_listen other = { .len = 0 };
		uintmax_t inode;

		taken = read_line(line, v6, &other, &inode) &&
		    is_in_the_way(&other, l) && !is_own(own, inode);
	}
	(void)fclose(table); /* it was only read */
	errno = EADDRINUSE;
	return taken ? -1 : 0;
}
