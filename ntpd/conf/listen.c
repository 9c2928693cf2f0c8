/*
 * An address that is listened on, see listen.h.  Run by ntpd only.
 */
#include "ntpd/conf/listen.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

#include "common/addr.h"

void
listen_text(const struct conf_listen *l, char text[LISTEN_TEXT_LEN])
{
	char host[INET6_ADDRSTRLEN + 12], port[8];

	if (getnameinfo((const struct sockaddr *)&l->addr, l->len, host,
		sizeof(host), port, sizeof(port),
		NI_NUMERICHOST | NI_NUMERICSERV | NI_DGRAM) != 0)
		(void)snprintf(text, LISTEN_TEXT_LEN, "?");
	else if (l->addr.ss_family == AF_INET6)
		(void)snprintf(text, LISTEN_TEXT_LEN, "[%s]:%s", host, port);
	else
		(void)snprintf(text, LISTEN_TEXT_LEN, "%s:%s", host, port);
}

uint16_t
listen_port(const struct conf_listen *l)
{
	struct msg_addr a;

	return addr_from_socket(&l->addr, &a);
}

bool
listen_is_wildcard(const struct conf_listen *l)
{
	struct msg_addr a;

	(void)addr_from_socket(&l->addr, &a);
	return addr_is_any(&a);
}

/* Are address and port the same? */
static bool
is_same(const struct conf_listen *a, const struct conf_listen *b)
{
	return a->len == b->len && memcmp(&a->addr, &b->addr, a->len) == 0;
}

bool
listen_overlaps(const struct conf_listen *a, const struct conf_listen *b)
{
	return a->addr.ss_family == b->addr.ss_family &&
	    listen_port(a) == listen_port(b) &&
	    (listen_is_wildcard(a) || listen_is_wildcard(b) || is_same(a, b));
}

int
listen_find(
    const struct conf_listen *list, uint32_t count, const struct conf_listen *l)
{
	for (uint32_t i = 0; i < count; i++)
		if (is_same(&list[i], l))
			return (int)i;
	return -1;
}
