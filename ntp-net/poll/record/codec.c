/*
 * The encoding of a recording's items, see codec.h.  Linked into ntp-net, which
 * writes, and into the simulator, which reads (tests/sim/decode.h).  Both use
 * the same description.
 */
#include "ntp-net/poll/record/codec.h"

#include <string.h>

#define CLOCK_SUSPENDED 0x40
#define CLOCK_ERROR	0x3f /* all ones: a difference follows */
#define POLL_EVENTS	0xffff

static uint64_t
zigzag(int64_t v)
{
	return (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0);
}

/* --- clock readings, the most frequent ------------------------------------ */

static uint8_t
clock_tag(const struct codec *c, const struct clock_pair *p)
{
	uint64_t error = zigzag(
	    (int64_t)((uint64_t)p->error_ns - (uint64_t)c->clock.error_ns));
	uint8_t tag = CLOCK_TAG;

	if (p->suspended_ns != 0)
		tag |= CLOCK_SUSPENDED;
	return tag | (uint8_t)(error < CLOCK_ERROR ? error : CLOCK_ERROR);
}

static void
walk_clock_error(struct walk *w, uint8_t tag, int64_t *error_ns, int64_t last)
{
	uint8_t coded = tag & CLOCK_ERROR;
	int64_t difference = (coded >> 1) ^ -(coded & 1);

	if (coded == CLOCK_ERROR)
		walk_difference(w, error_ns, last);
	else if (w->in != NULL)
		*error_ns = (int64_t)((uint64_t)last + (uint64_t)difference);
}

/* CLOCK_REALTIME advances nearly as raw time does. */
static void
walk_clock(struct walk *w, struct codec *c, uint8_t tag, struct clock_pair *p)
{
	const struct clock_pair *last = &c->clock;
	uint64_t raw = (uint64_t)p->raw_ns - (uint64_t)last->raw_ns;
	int64_t ahead = (int64_t)((uint64_t)p->real_ns - (uint64_t)p->raw_ns);

	walk_u64(w, &raw);
	walk_difference(w, &ahead,
	    (int64_t)((uint64_t)last->real_ns - (uint64_t)last->raw_ns));
	if (w->in != NULL) {
		p->raw_ns = (int64_t)((uint64_t)last->raw_ns + raw);
		p->real_ns = (int64_t)((uint64_t)p->raw_ns + (uint64_t)ahead);
		p->suspended_ns = 0;
	}
	walk_clock_error(w, tag, &p->error_ns, last->error_ns);
	if ((tag & CLOCK_SUSPENDED) != 0)
		walk_difference(w, &p->suspended_ns, 0);
	c->clock = *p;
}

/* --- the other kinds ------------------------------------------------------ */

static void
walk_ready(struct walk *w, struct item *it)
{
	uint32_t count = it->result < 0 ? 0 : (uint32_t)it->result + 1;

	walk_u32(w, &count, ITEM_READY_MAX + 1, "how many were ready");
	it->result = (int32_t)count - 1;
	for (int32_t i = 0; i < it->result; i++) {
		struct item_ready *r = &it->u.ready[i];

		walk_u32(w, &r->position, ITEM_READY_MAX - 1, "a position");
		walk_u32(w, &r->revents, POLL_EVENTS, "events");
	}
}

static void
walk_who(struct walk *w, struct item *it)
{
	uint32_t who = (uint32_t)it->who;

	walk_u32(w, &who, PROC_COUNT - 1, "a program");
	it->who = (enum proc)who;
}

static void
walk_result(struct walk *w, struct item *it, int32_t least, int32_t most)
{
	uint32_t v = (uint32_t)(it->result - least);

	walk_u32(w, &v, (uint32_t)(most - least), "a result");
	it->result = (int32_t)v + least;
}

static void
walk_slot(struct walk *w, struct item *it)
{
	walk_u32(w, &it->slot, SOURCES_MAX - 1, "a source");
}

static void
walk_local(struct walk *w, struct codec *c, struct msg_addr *a)
{
	uint32_t same = w->in == NULL && memcmp(a, &c->local, sizeof(*a)) == 0;

	walk_u32(w, &same, 1, "an address");
	if (same == 1)
		*a = c->local;
	else
		walk_addr(w, a);
	c->local = *a;
}

static void
walk_datagram(
    struct walk *w, struct codec *c, uint32_t slot, struct item_datagram *d)
{
	uint8_t *last = c->packets[slot];
	uint8_t bytes[NTP_PACKET_LEN] = { 0 };
	uint32_t head;

	walk_difference(w, &d->stamp_ns, c->clock.real_ns);
	walk_u32(w, &d->len, ITEM_DATAGRAM_MAX, "a datagram's length");
	head = d->len < NTP_PACKET_LEN ? d->len : NTP_PACKET_LEN;
	if (w->in == NULL)
		memcpy(bytes, d->bytes, head);
	for (uint32_t i = 0; i < head && w->in == NULL; i++)
		bytes[i] ^= last[i];
	walk_packed(w, bytes, head);
	for (uint32_t i = 0; i < head; i++)
		last[i] ^= bytes[i];
	if (w->in != NULL)
		memcpy(d->bytes, last, head);
	walk_packed(w, d->bytes + head, d->len - head);
}

static void
walk_answer(struct walk *w, struct codec *c, struct item *it)
{
	struct item_answer *a = &it->u.answer, *last = &c->answers[it->slot];

	walk_u32(w, &a->verdict, VERDICT_COUNT - 1, "a verdict");
	walk_difference(w, &a->theta_ns, last->theta_ns);
	walk_difference(w, &a->delay_ns, last->delay_ns);
	*last = *a;
}

/* The slots whose state has changed since the last time. */
static void
walk_states(struct walk *w, const uint8_t *last, uint8_t *states)
{
	uint64_t changed = 0;

	if (w->in != NULL)
		memcpy(states, last, SOURCES_MAX);
	for (uint32_t i = 0; i < SOURCES_MAX; i++)
		changed |= (uint64_t)(states[i] != last[i]) << i;
	walk_u64(w, &changed);
	for (uint32_t i = 0; i < SOURCES_MAX; i++) {
		uint32_t state = states[i];

		if ((changed >> i & 1) == 0)
			continue;
		walk_u32(w, &state, STATE_SELECTED, "a source's state");
		states[i] = (uint8_t)state;
	}
}

static bool
same_decision(const struct item_decision *a, const struct item_decision *b)
{
	return a->agreed == b->agreed && a->synced == b->synced &&
	    a->agreeing == b->agreeing && a->needed == b->needed &&
	    a->selected == b->selected && a->stratum == b->stratum &&
	    a->leap == b->leap && a->peer == b->peer &&
	    memcmp(a->states, b->states, sizeof(a->states)) == 0;
}

static void
walk_decision(struct walk *w, struct codec *c, struct item_decision *d)
{
	struct item_decision *last = &c->decision;
	uint32_t same = w->in == NULL && same_decision(d, last);

	walk_u32(w, &same, 1, "a decision");
	if (same == 1 && w->in != NULL) {
		*d = *last;
	} else if (same == 0) {
		walk_u32(w, &d->agreed, 1, "a decision");
		walk_u32(w, &d->synced, 1, "a decision");
		walk_u32(w, &d->agreeing, SOURCES_MAX, "a number of sources");
		walk_u32(w, &d->needed, SOURCES_MAX, "a number of sources");
		walk_u32(w, &d->selected, SOURCES_MAX, "a number of sources");
		walk_u32(w, &d->stratum, UINT8_MAX, "a stratum");
		walk_u32(w, &d->leap, UINT8_MAX, "a leap indicator");
		walk_u32(w, &d->peer, SOURCES_MAX, "a source");
		walk_states(w, last->states, d->states);
	}
	walk_difference(w, &d->distance_ns, last->distance_ns);
	*last = *d;
}

static void
walk_piece(struct walk *w, struct item_piece *p)
{
	walk_u32(w, &p->offset, UINT32_MAX, "an offset");
	walk_u32(w, &p->len, ITEM_PIECE_MAX, "a piece's length");
	walk_packed(w, p->bytes, p->len);
}

static void
walk_random(struct walk *w, struct item *it)
{
	uint32_t wide = it->width == sizeof(uint64_t);

	walk_u32(w, &wide, 1, "how many random bits");
	it->width = wide == 1 ? sizeof(uint64_t) : sizeof(uint32_t);
	walk_fixed(w, &it->u.random, it->width);
}

static void
walk_stamp(struct walk *w, struct codec *c, struct item *it)
{
	walk_result(w, it, 0, 1);
	if (it->result == 1)
		walk_difference(w, &it->u.stamp_ns, c->clock.real_ns);
}

void
codec_walk(struct walk *w, struct codec *c, struct item *it, uint8_t tag)
{
	switch (it->kind) {
	case ITEM_CLOCK:
		walk_clock(w, c, tag, &it->u.clock);
		return;
	case ITEM_RANDOM:
		walk_random(w, it);
		return;
	case ITEM_WAIT:
		walk_ready(w, it);
		return;
	case ITEM_MESSAGE:
		walk_who(w, it);
		walk_result(w, it, MSG_GOT, MSG_BAD);
		if (it->result == MSG_GOT)
			walk_message(w, c->messages, &it->u.msg);
		return;
	case ITEM_OPEN:
		walk_slot(w, it);
		walk_result(w, it, 0, UINT16_MAX);
		return;
	case ITEM_LOCAL:
		walk_local(w, c, &it->u.addr);
		return;
	case ITEM_SENT:
		walk_result(w, it, 0, UINT16_MAX);
		return;
	case ITEM_STAMP:
		walk_stamp(w, c, it);
		return;
	case ITEM_DATAGRAM:
		walk_slot(w, it);
		walk_result(w, it, -1, 1);
		if (it->result == 1)
			walk_datagram(w, c, it->slot, &it->u.datagram);
		return;
	case ITEM_AUTH:
		walk_result(w, it, AUTH_NOT_LOOKED, AUTH_WRONG);
		return;
	case ITEM_ANSWER:
		walk_slot(w, it);
		walk_answer(w, c, it);
		return;
	case ITEM_TOLD:
		walk_who(w, it);
		walk_result(w, it, 0, UINT16_MAX);
		walk_message(w, c->messages, &it->u.msg);
		return;
	case ITEM_DECISION:
		walk_decision(w, c, &it->u.decision);
		return;
	case ITEM_PIECE:
		walk_piece(w, &it->u.piece);
		return;
	case ITEM_NONE:
	case ITEM_KINDS:
		break;
	}
	w->wrong = "an item of a known kind";
}

size_t
codec_put(struct codec *c, const struct item *it, uint8_t *buf)
{
	struct walk w = { .out = buf, .size = ITEM_BYTES_MAX };
	struct item copy = *it;

	buf[w.at++] = it->kind == ITEM_CLOCK ? clock_tag(c, &it->u.clock)
					     : (uint8_t)it->kind;
	codec_walk(&w, c, &copy, buf[0]);
	return w.at;
}
