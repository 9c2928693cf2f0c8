/*
 * Turns events into items of a recording, see record.h.  Run by ntp-net.  Must
 * never copy a key.
 */
#include "ntp-net/poll/record/record.h"

#include <errno.h>
#include <string.h>

#include "ntp-net/poll/record/writer.h"

/* Start an item of this kind; NULL if nothing is recorded. */
static struct item *
begin(struct recorder *r, enum item_kind kind)
{
	if (r == NULL)
		return NULL;
	memset(&r->item, 0, offsetof(struct item, u));
	r->item.kind = kind;
	return &r->item;
}

void
record_begin(struct recorder *r, struct net *n)
{
	writer_open(&r->writer, &r->files);
	if (!writer_runs(&r->writer))
		return;
	r->net = n;
	n->clocks.recorder = n->table.recorder = r;
}

void
record_turn(struct recorder *r)
{
	if (r->net != NULL)
		writer_turn(&r->writer, r->net);
}

static uint32_t
slot_number(const struct recorder *r, const struct slot *s)
{
	return (uint32_t)(s - r->net->table.slots);
}

void
record_clock(struct recorder *r, const struct clock_pair *pair)
{
	struct item *it = begin(r, ITEM_CLOCK);

	if (it == NULL)
		return;
	it->u.clock = *pair;
	writer_put(&r->writer, it);
}

void
record_random(struct recorder *r, const void *bits, size_t len)
{
	struct item *it = begin(r, ITEM_RANDOM);
	uint32_t narrow;

	if (it == NULL)
		return;
	it->width = (uint32_t)len;
	if (len == sizeof(narrow)) {
		memcpy(&narrow, bits, sizeof(narrow));
		it->u.random = narrow;
	} else {
		memcpy(&it->u.random, bits, sizeof(it->u.random));
	}
	writer_put(&r->writer, it);
}

void
record_wait(
    struct recorder *r, int ready, const struct pollfd *pfds, nfds_t count)
{
	struct item *it = begin(r, ITEM_WAIT);
	uint32_t n = 0;

	if (it == NULL)
		return;
	it->result = ready;
	for (nfds_t i = 0; ready > 0 && i < count; i++)
		if (pfds[i].revents != 0)
			it->u.ready[n++] = (struct item_ready){ (uint32_t)i,
				(uint16_t)pfds[i].revents };
	writer_put(&r->writer, it);
}

/* Copy everything but the keys. */
static void
copy_message(union msg *to, const union msg *from)
{
	if (from->h.type != MSG_KEYS) {
		*to = *from;
		return;
	}
	memset(to, 0, sizeof(*to));
	to->h = from->h;
	to->keys.count = from->keys.count;
}

void
record_message(struct recorder *r, const struct channel *ch,
    enum msg_result result, const union msg *m)
{
	struct item *it = begin(r, ITEM_MESSAGE);

	if (it == NULL)
		return;
	it->who = ch->peer;
	it->result = (int32_t)result;
	if (result == MSG_GOT)
		copy_message(&it->u.msg, m);
	writer_put(&r->writer, it);
}

void
record_open(struct recorder *r, const struct slot *s, int error)
{
	struct item *it = begin(r, ITEM_OPEN);

	if (it == NULL)
		return;
	it->slot = slot_number(r, s);
	it->result = error;
	writer_put(&r->writer, it);
}

void
record_local(struct recorder *r, const struct msg_addr *local)
{
	struct item *it = begin(r, ITEM_LOCAL);

	if (it == NULL)
		return;
	it->u.addr = *local;
	writer_put(&r->writer, it);
}

void
record_sent(struct recorder *r, int error)
{
	struct item *it = begin(r, ITEM_SENT);

	if (it == NULL)
		return;
	it->result = error;
	writer_put(&r->writer, it);
}

void
record_stamp(struct recorder *r, bool waited, int64_t stamp_ns)
{
	struct item *it = begin(r, ITEM_STAMP);

	if (it == NULL)
		return;
	it->result = waited;
	it->u.stamp_ns = stamp_ns;
	writer_put(&r->writer, it);
}

void
record_datagram(struct recorder *r, const struct slot *s, int got,
    const uint8_t *buf, size_t len, int64_t stamp_ns)
{
	struct item *it = begin(r, ITEM_DATAGRAM);

	if (it == NULL)
		return;
	it->slot = slot_number(r, s);
	it->result = got;
	if (got == 1) {
		it->u.datagram.stamp_ns = stamp_ns;
		it->u.datagram.len = (uint32_t)len;
		memcpy(it->u.datagram.bytes, buf, len);
	}
	writer_put(&r->writer, it);
}

void
record_auth(struct recorder *r, enum auth_result auth)
{
	struct item *it = begin(r, ITEM_AUTH);

	if (it == NULL)
		return;
	it->result = (int32_t)auth;
	writer_put(&r->writer, it);
}

void
record_answer(struct recorder *r, const struct slot *s, enum verdict verdict)
{
	struct item *it = begin(r, ITEM_ANSWER);

	if (it == NULL)
		return;
	it->slot = slot_number(r, s);
	it->u.answer.verdict = (uint32_t)verdict;
	it->u.answer.theta_ns = s->source.theta_ns;
	it->u.answer.delay_ns = s->source.delay_ns;
	writer_put(&r->writer, it);
}

int
record_send(
    struct recorder *r, struct channel *ch, enum msg_type type, void *msg)
{
	int rc = msg_send(ch, type, msg, -1);
	struct item *it = begin(r, ITEM_TOLD);
	struct msg_header h;

	if (it == NULL)
		return rc;
	it->who = ch->peer;
	it->result = rc == -1 ? errno : 0;
	memcpy(&h, msg, sizeof(h)); /* msg_send() filled it in */
	memcpy(&it->u.msg, msg, h.length);
	writer_put(&r->writer, it);
	return rc;
}

void
record_decision(struct recorder *r, const struct net *n)
{
	const struct select_output *o = &n->decision.agreement.now;
	struct item *it = begin(r, ITEM_DECISION);

	if (it == NULL)
		return;
	it->u.decision = (struct item_decision){ .agreed = o->agreed,
		.synced = n->decision.synced,
		.agreeing = o->agreeing,
		.needed = o->needed,
		.selected = o->selected,
		.stratum = o->stratum,
		.leap = o->leap,
		.peer = (uint32_t)(n->decision.agreement.peer + 1),
		.distance_ns = o->distance_ns };
	for (uint32_t i = 0; i < SOURCES_MAX; i++)
		if (n->table.slots[i].used)
			it->u.decision.states[i] =
			    (uint8_t)table_state(n->table.slots[i].status);
	writer_put(&r->writer, it);
}
