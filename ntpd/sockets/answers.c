/*
 * The addresses where this machine answers, see answers.h.  Run by ntpd only.
 */
#include "ntpd/sockets/answers.h"

#include "common/addr.h"

_Static_assert(LISTENS_MAX >= CONF_LISTEN_MAX, "listens");

struct msg_awaited
answers_awaited(const struct awaited *a)
{
	struct msg_awaited m = { .count = a->count };

	if (a->count > 0)
		m.port = addr_from_socket(&a->list[0].addr, &m.addr);
	return m;
}

struct msg_net_listens
answers_message(const struct conf *c)
{
	struct msg_net_listens m = { .count = c->listen_count };

	for (uint32_t i = 0; i < c->listen_count; i++)
		m.ports[i] = addr_from_socket(&c->listens[i].addr, &m.addrs[i]);
	return m;
}
