/* Awaited addresses, see await.h.  Run by ntpd only. */
#include "ntpd/sockets/await.h"

#include <string.h>

#include "ntpd/conf/listen.h"

bool
await_has(const struct awaited *a, const struct conf_listen *l)
{
	return listen_find(a->list, a->count, l) != -1;
}

void
await_add(struct awaited *a, const struct conf_listen *l)
{
	if (!await_has(a, l) && a->count < CONF_LISTEN_MAX)
		a->list[a->count++] = *l;
}

void
await_begin(struct awaited *a, const struct awaited *found, int64_t now_ns)
{
	if (a->count == 0)
		a->pause_ns = AWAIT_FIRST_NS;
	a->count = found->count;
	memcpy(a->list, found->list, found->count * sizeof(found->list[0]));
	a->due_ns = a->count > 0 ? now_ns + a->pause_ns : INT64_MAX;
}

void
await_tried(struct awaited *a, int64_t now_ns)
{
	a->pause_ns *= 2;
	if (a->pause_ns > AWAIT_AGAIN_NS)
		a->pause_ns = AWAIT_AGAIN_NS;
	a->due_ns = now_ns + a->pause_ns;
}

void
await_join(const struct awaited *a, struct conf *c)
{
	for (uint32_t i = 0; i < a->count; i++)
		if (listen_find(c->listens, c->listen_count, &a->list[i]) ==
			-1 &&
		    c->listen_count < CONF_LISTEN_MAX)
			c->listens[c->listen_count++] = a->list[i];
}

bool
await_covers(
    const struct awaited *a, const struct conf *conf, const struct conf *next)
{
	for (uint32_t i = 0; i < next->listen_count; i++) {
		const struct conf_listen *l = &next->listens[i];

		if (!await_has(a, l) &&
		    listen_find(conf->listens, conf->listen_count, l) == -1)
			return false;
	}
	return next->listen_count == conf->listen_count + a->count;
}
