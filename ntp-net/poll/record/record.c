/*
 * From what happens to items of a recording, see record.h.  Runs in ntp-net.
 */
#include "ntp-net/poll/record/record.h"

#include <errno.h>
#include <string.h>

#include "ntp-net/poll/exchange.h"
#include "ntp-net/poll/record/tape.h"

_Static_assert(ITEM_DATAGRAM_MAX == DATAGRAM_MAX, "datagrams");

static struct net *net;	 /* NULL: nothing is recorded */
static struct item item; /* the one that is being made */

/* An item of that kind; NULL where nothing is recorded. */
static struct item *
begin(enum item_kind kind)
{
	if (net == NULL)
		return NULL;
	memset(&item, 0, offsetof(struct item, u));
	item.kind = kind;
	return &item;
}

void
record_begin(struct net *n, const struct child_records *records)
{
	tape_open(records);
	net = tape_runs() ? n : NULL;
}

void
record_turn(void)
{
	if (net != NULL)
		tape_turn(net);
}

static uint32_t
slot_number(const struct slot *s)
{
	return (uint32_t)(s - net->table.slots);
}

void
record_clock(const struct clock_pair *pair)
{
	struct item *it = begin(ITEM_CLOCK);

	if (it == NULL)
		return;
	it->u.clock = *pair;
	tape_put(it);
}

void
record_random(const void *bits, size_t len)
{
	struct item *it = begin(ITEM_RANDOM);
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
	tape_put(it);
}

void
record_wait(int ready, const struct pollfd *pfds, nfds_t count)
{
	struct item *it = begin(ITEM_WAIT);
	uint32_t n = 0;

	if (it == NULL)
		return;
	it->result = ready;
	for (nfds_t i = 0; ready > 0 && i < count; i++)
		if (pfds[i].revents != 0)
			it->u.ready[n++] = (struct item_ready){ (uint32_t)i,
				(uint16_t)pfds[i].revents };
	tape_put(it);
}

/* All but the keys, of which no copy is made. */
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
record_message(
    const struct channel *ch, enum msg_result result, const union msg *m)
{
	struct item *it = begin(ITEM_MESSAGE);

	if (it == NULL)
		return;
	it->who = ch->peer;
	it->result = (int32_t)result;
	if (result == MSG_GOT)
		copy_message(&it->u.msg, m);
	tape_put(it);
}

void
record_open(const struct slot *s, int error)
{
	struct item *it = begin(ITEM_OPEN);

	if (it == NULL)
		return;
	it->slot = slot_number(s);
	it->result = error;
	tape_put(it);
}

void
record_local(const struct msg_addr *local)
{
	struct item *it = begin(ITEM_LOCAL);

	if (it == NULL)
		return;
	it->u.addr = *local;
	tape_put(it);
}

void
record_sent(int error)
{
	struct item *it = begin(ITEM_SENT);

	if (it == NULL)
		return;
	it->result = error;
	tape_put(it);
}

void
record_stamp(bool waited, int64_t stamp_ns)
{
	struct item *it = begin(ITEM_STAMP);

	if (it == NULL)
		return;
	it->result = waited;
	it->u.stamp_ns = stamp_ns;
	tape_put(it);
}

void
record_datagram(const struct slot *s, int got, const uint8_t *buf, size_t len,
    int64_t stamp_ns)
{
	struct item *it = begin(ITEM_DATAGRAM);

	if (it == NULL)
		return;
	it->slot = slot_number(s);
	it->result = got;
	if (got == 1) {
		it->u.datagram.stamp_ns = stamp_ns;
		it->u.datagram.len = (uint32_t)len;
		memcpy(it->u.datagram.bytes, buf, len);
	}
	tape_put(it);
}

void
record_auth(enum auth_result auth)
{
	struct item *it = begin(ITEM_AUTH);

	if (it == NULL)
		return;
	it->result = (int32_t)auth;
	tape_put(it);
}

void
record_answer(const struct slot *s, enum verdict verdict)
{
	struct item *it = begin(ITEM_ANSWER);

	if (it == NULL)
		return;
	it->slot = slot_number(s);
	it->u.answer.verdict = (uint32_t)verdict;
	it->u.answer.theta_ns = s->source.theta_ns;
	it->u.answer.delay_ns = s->source.delay_ns;
	tape_put(it);
}

int
record_send(struct channel *ch, enum msg_type type, void *msg)
{
	int rc = msg_send(ch, type, msg, -1);
	struct item *it = begin(ITEM_TOLD);
	struct msg_header h;

	if (it == NULL)
		return rc;
	it->who = ch->peer;
	it->result = rc == -1 ? errno : 0;
	memcpy(&h, msg, sizeof(h)); /* msg_send() has filled it in */
	memcpy(&it->u.msg, msg, h.length);
	tape_put(it);
	return rc;
}

void
record_decision(const struct net *n)
{
	const struct select_output *o = &n->decision.agreement.now;
	struct item *it = begin(ITEM_DECISION);

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
	tape_put(it);
}
