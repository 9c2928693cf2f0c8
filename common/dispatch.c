/* Handles the messages that a child receives, see dispatch.h. */
#include "common/dispatch.h"

#include <unistd.h>

#include "common/log.h"

int
dispatch(const struct handler table[MSG_COUNT], struct received *r)
{
	const struct handler *h = &table[r->m.h.type];

	if (r->m.h.type == MSG_LEVEL) {
		log_set_level((enum log_level)r->m.level.log_level);
		return 0;
	}
	r->channel = h->channel;
	return h->take == NULL ? -1 : h->take(r);
}

enum msg_result
dispatch_next(struct channel *ch, const struct handler table[MSG_COUNT])
{
	struct received r;
	enum msg_result got = msg_recv(ch, &r.m, &r.fd);

	return got == MSG_GOT && dispatch(table, &r) == -1 ? MSG_BAD : got;
}

void
dispatch_all(struct channel *parent, const struct handler table[MSG_COUNT])
{
	enum msg_result got;

	while ((got = dispatch_next(parent, table)) == MSG_GOT)
		continue;
	if (got != MSG_NOTHING)
		_exit(got == MSG_CLOSED ? 0 : 1);
}

int
dispatch_nothing(struct received *r)
{
	(void)r;
	return 0;
}

int
dispatch_peer(struct received *r)
{
	return dispatch_renew(r->channel, r);
}

int
dispatch_renew(struct channel *ch, const struct received *r)
{
	if (r->m.peer.peer != (uint32_t)ch->peer)
		return -1;
	channel_close(ch);
	ch->fd = r->fd;
	return 0;
}
