/*
 * Where this machine answers itself, see answers.h.  Run by ntpd only.
 */
#include "ntpd/sockets/answers.h"

#include <netinet/in.h>
#include <string.h>

_Static_assert(LISTENS_MAX >= CONF_LISTEN_MAX, "listens");

static uint16_t
address(struct msg_addr *a, const struct conf_listen *l)
{
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;

	if (l->addr.ss_family == AF_INET6) {
		memcpy(&in6, &l->addr, sizeof(in6));
		a->family = 6;
		a->scope = in6.sin6_scope_id;
		memcpy(a->addr, &in6.sin6_addr, sizeof(in6.sin6_addr));
		return ntohs(in6.sin6_port);
	}
	memcpy(&in4, &l->addr, sizeof(in4));
	a->family = 4;
	memcpy(a->addr, &in4.sin_addr, sizeof(in4.sin_addr));
	return ntohs(in4.sin_port);
}

struct msg_awaited
answers_awaited(const struct awaited *a)
{
	struct msg_awaited m = { .count = a->count };

	if (a->count > 0)
		m.port = address(&m.addr, &a->list[0]);
	return m;
}

struct msg_net_listens
answers_message(const struct conf *c)
{
	struct msg_net_listens m = { .count = c->listen_count };

	for (uint32_t i = 0; i < c->listen_count; i++)
		m.ports[i] = address(&m.addrs[i], &c->listens[i]);
	return m;
}
