/*
 * Names and their addresses, see lookup.h.  Run by ntp-net.  Must never look up
 * a name itself: ntp-resolve does, and its answers are not trusted.
 */
#include "ntp-net/poll/lookup.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "ntp-net/poll/exchange.h"
#include "ntp-net/poll/record/record.h"

int64_t
lookup_backoff_ns(uint32_t tries)
{
	if (tries == 0)
		return 0;
	if (tries - 1 > BACKOFF_MAX_LOG2)
		tries = BACKOFF_MAX_LOG2 + 1;
	return NS_PER_S << (tries - 1);
}

/*
 * True if nobody could tell; false if a name server said that there is no such
 * name.
 */
static bool
is_temporary(int32_t error)
{
	return error != 0 && error != EAI_NONAME && error != EAI_NODATA;
}

static int64_t
wait_ns(const struct table *t, const struct lookup *l, struct mono now)
{
	int64_t wait_ns = lookup_backoff_ns(l->tries);
	int64_t urgent_ns = l->asked.ns + URGENT_NS - now.ns;

	if (!t->unknown || !is_temporary(l->error))
		return wait_ns;
	if (l->tries > URGENT_TRIES)
		urgent_ns = 16 * URGENT_NS;
	if (urgent_ns < NS_PER_S)
		urgent_ns = NS_PER_S; /* the failure took long */
	return wait_ns < urgent_ns ? wait_ns : urgent_ns;
}

static void
lookup_schedule(const struct table *t, struct entry *e, struct mono now)
{
	struct lookup *l = &e->lookup;
	uint32_t tries = l->tries;

	if (l->state != LOOKUP_IDLE)
		return;
	if (e->scoped && tries > SCOPED_TRIES_MAX)
		tries = SCOPED_TRIES_MAX;
	l->state = LOOKUP_DUE;
	l->at.ns = now.ns +
	    (e->scoped ? lookup_backoff_ns(tries) : wait_ns(t, l, now));
}

void
lookup_why(const struct entry *e, char why[NAME_WHY_LEN])
{
	char address[ADDR_TEXT];

	const char *scope = strchr(e->name, '%');

	if (e->lookup.error == NAME_NO_INTERFACE && scope != NULL) {
		(void)snprintf(why, NAME_WHY_LEN,
		    "there is no interface %.20s now: it is waited for",
		    scope + 1);
	} else if (e->lookup.error == NAME_NO_HOST) {
		addr_text(&e->lookup.refused, address);
		(void)snprintf(why, NAME_WHY_LEN,
		    addr_problem(&e->lookup.refused) == ADDR_NO_SCOPE
			? "%s is on every link: no interface is with it"
			: "%s is not the address of a host",
		    address);
	} else {
		(void)snprintf(why, NAME_WHY_LEN, "cannot look up the name: %s",
		    gai_strerror(e->lookup.error));
	}
}

static void
lookup_failed(
    const struct table *t, struct entry *e, int32_t error, struct mono now)
{
	struct lookup *l = &e->lookup;
	char why[NAME_WHY_LEN];

	e->addr_next = 0; /* the known addresses are all there are */
	l->tries += l->tries < UINT32_MAX;
	if (l->failed < SOURCE_BURST)
		l->failed +=
		    1 + (uint32_t)((now.ns - l->asked.ns) / LOOKUP_LONG_NS);
	l->error = error;
	l->state = LOOKUP_IDLE;
	lookup_schedule(t, e, now);
	if (l->error_logged == error)
		return;
	l->error_logged = error;
	lookup_why(e, why);
	log_warning("no address: name=%s reason=%s", e->name, why);
}

/* The interface is gone: drop everything that was measured over it. */
static void
lose_interface(struct table *t, struct entry *e)
{
	uint32_t index = (uint32_t)(e - t->entries);

	for (uint32_t i = 0; i < t->end; i++)
		if (t->slots[i].used && t->slots[i].entry == index)
			table_stop(&t->slots[i]);
	e->addr_count = 0;
}

/* --- choosing addresses --------------------------------------------------- */

static bool
is_bad(const struct entry *e, const struct msg_addr *a, struct mono now)
{
	for (uint32_t i = 0; i < BAD_MAX; i++)
		if (e->bad[i].until.ns > now.ns &&
		    addr_equal(&e->bad[i].addr, a))
			return true;
	return false;
}

/*
 * A place for one more bad address: the one that expires first is overwritten,
 * but never a denial of service.  NULL if all are denials.
 */
static struct bad_addr *
bad_place(struct entry *e, struct mono now)
{
	struct bad_addr *best = NULL;

	for (uint32_t i = 0; i < BAD_MAX; i++) {
		struct bad_addr *b = &e->bad[i];

		if (b->denied && b->until.ns > now.ns)
			continue;
		if (best == NULL || b->until.ns < best->until.ns)
			best = b;
	}
	return best;
}

/*
 * Remember the address of a slot as bad.  A pool has other addresses, and a
 * server that denied us its service must not be asked again.  The silent
 * address of a server entry is not remembered: it gets another turn.
 */
static void
remember_bad(struct entry *e, const struct slot *s, struct mono now)
{
	struct bad_addr *b = bad_place(e, now);
	bool denied = s->source.query == QUERY_DENIED;

	if (b == NULL || (e->kind != SOURCE_POOL && !denied))
		return;
	b->addr = s->addr;
	b->denied = denied;
	b->until.ns = now.ns + (denied ? DENIED_NS : BAD_NS);
}

/*
 * Take the address given in the configuration.  It belongs to its own line:
 * another line that got it from a name must find another address, since
 * otherwise one server would have two votes.
 */
static bool
take_literal(struct table *t, const struct entry *e, struct msg_addr *out)
{
	*out = e->addrs[0];
	for (uint32_t i = 0; i < t->end; i++) {
		struct slot *s = &t->slots[i];

		if (s->used && !t->entries[s->entry].literal &&
		    t->entries[s->entry].port == e->port &&
		    addr_equal(&s->addr, out))
			table_stop(s);
	}
	return !table_has_addr(t, out, e->port);
}

/*
 * Take the next unused address of the list.  Returns false if there is none, or
 * the list is so old that it should be looked up again.
 */
static bool
take_address(
    struct table *t, struct entry *e, struct mono now, struct msg_addr *out)
{
	if (e->literal)
		return take_literal(t, e, out);
	if (now.ns - e->addrs_at.ns > ADDRS_OLD_NS && e->lookup.error == 0)
		return false;
	while (e->addr_next < e->addr_count) {
		const struct msg_addr *a = &e->addrs[e->addr_next++];

		if (is_bad(e, a, now) || table_has_addr(t, a, e->port))
			continue;
		*out = *a;
		return true;
	}
	return false;
}

static uint32_t
wanted(const struct entry *e)
{
	if (e->count != 0)
		return e->count;
	if (e->addr_count == 0)
		return 1;
	return e->addr_count < POOL_ALL_MAX ? e->addr_count : POOL_ALL_MAX;
}

/* Returns true if the entry has as many slots as it wants or can have. */
static bool
fill_entry(struct table *t, uint32_t index, struct mono now)
{
	struct entry *e = &t->entries[index];
	uint32_t have = table_slots_of(t, index);
	struct msg_addr addr;

	for (; have < wanted(e); have++) {
		/* The last free slots are reserved for entries without one. */
		if (have != 0 && table_free(t) == 0)
			return true;
		if (!take_address(t, e, now, &addr))
			return e->literal;
		if (table_start(t, index, &addr, now,
			exchange_random32(t->recorder)) == NULL)
			return true;
		e->lookup.tries = 0;
	}
	return true;
}

/* Unanswered queries in a row, not counting a pending one. */
static uint32_t
unanswered(const struct slot *s)
{
	return s->source.unanswered -
	    (s->source.query == QUERY_WAITING && s->source.unanswered != 0);
}

/*
 * The number of queries that count against a source.  Being put off again and
 * again brings no time either.
 */
static uint32_t
missed(const struct slot *s)
{
	return unanswered(s) +
	    (s->source.put_off ? QUIET_QUERIES - PUT_OFF_QUERIES : 0);
}

/* Should this source be replaced if there is another? */
static bool
is_spent(const struct entry *e, const struct slot *s)
{
	if (s->source.query == QUERY_DENIED || s->self || s->unsent ||
	    missed(s) >= s->replace_at)
		return true;
	return e->kind == SOURCE_POOL && s->false_count > FALSE_LIMIT;
}

static void
replace_slot(struct table *t, struct slot *s, const struct msg_addr *addr,
    struct mono now)
{
	struct entry *e = &t->entries[s->entry];
	uint32_t index = s->entry;
	struct poll_pace before = s->source.pace;
	struct slot *next;
	char from[ADDR_TEXT], to[ADDR_TEXT];

	addr_text(&s->addr, from);
	addr_text(addr, to);
	log_info(
	    "trying another address: name=%s from=%s to=%s", e->name, from, to);
	remember_bad(e, s, now);
	table_stop(s);
	e->lookup.tries = 0;
	next = table_start(t, index, addr, now, exchange_random32(t->recorder));
	if (next != NULL) /* it reuses the place of the old one */
		source_succeed(&next->source, &before);
}

/*
 * Replace bad addresses.  A bad address stays until there is another one, and
 * also while no more addresses can be remembered because too many have denied
 * us their service.  Returns false if the list did not have enough addresses.
 */
static bool
review_slots(struct table *t, uint32_t index, struct mono now)
{
	struct entry *e = &t->entries[index];
	struct msg_addr addr;
	bool enough = true;

	for (uint32_t i = 0; i < t->end; i++) {
		struct slot *s = &t->slots[i];

		if (!s->used || s->entry != index || e->literal ||
		    !is_spent(e, s))
			continue;
		if (bad_place(e, now) != NULL && take_address(t, e, now, &addr))
			replace_slot(t, s, &addr, now);
		else
			enough = false;
	}
	return enough;
}

/* The new list has no better address: give the slots more time. */
static void
postpone_slots(struct table *t, uint32_t index)
{
	for (uint32_t i = 0; i < t->end; i++) {
		struct slot *s = &t->slots[i];

		if (!s->used || s->entry != index)
			continue;
		if (missed(s) >= s->replace_at)
			s->replace_at = missed(s) + QUIET_QUERIES;
		if (s->false_count > FALSE_LIMIT)
			s->false_count = 0;
		s->unsent = false;
	}
}

static void
review_entry(struct table *t, uint32_t index, struct mono now)
{
	bool enough = review_slots(t, index, now);

	if (!fill_entry(t, index, now) || !enough)
		lookup_schedule(t, &t->entries[index], now);
}

void
lookup_review(struct table *t, struct mono now)
{
	for (uint32_t i = 0; i < t->end; i++)
		if (t->entries[i].used)
			review_entry(t, i, now);
	/* An answer restores the slot's normal limit. */
	for (uint32_t i = 0; i < t->end; i++)
		if (t->slots[i].used && unanswered(&t->slots[i]) == 0)
			t->slots[i].replace_at = QUIET_QUERIES;
}

/* --- asking --------------------------------------------------------------- */

static void
ask_one(
    struct table *t, struct entry *e, struct channel *resolve, struct mono now)
{
	struct msg_resolve m = { .id = ++t->next_id };

	memcpy(m.name, e->name, sizeof(m.name));
	if (record_send(t->recorder, resolve, MSG_RESOLVE, &m) == -1) {
		e->lookup.at.ns = now.ns + NS_PER_S; /* full or closing */
		return;
	}
	e->lookup.state = LOOKUP_ASKED;
	e->lookup.id = m.id;
	e->lookup.asked = now;
	e->lookup.at.ns = now.ns + LOOKUP_WAIT_NS;
}

bool
lookup_ask(struct table *t, struct channel *resolve, struct mono now)
{
	bool late = false;

	for (uint32_t i = 0; i < t->end; i++) {
		struct entry *e = &t->entries[i];

		if (!e->used || e->lookup.at.ns > now.ns)
			continue;
		if (e->lookup.state == LOOKUP_ASKED) {
			lookup_failed(t, e, EAI_AGAIN, now);
			late = true;
		} else if (e->lookup.state == LOOKUP_DUE && resolve->fd != -1) {
			ask_one(t, e, resolve, now);
		}
	}
	return late;
}

static struct entry *
find_asked(struct table *t, uint32_t id)
{
	for (uint32_t i = 0; i < t->end; i++) {
		struct entry *e = &t->entries[i];

		if (e->used && e->lookup.state == LOOKUP_ASKED &&
		    e->lookup.id == id)
			return e;
	}
	return NULL;
}

static bool
known_family(const struct msg_addr *a)
{
	return a->family == 4 || a->family == 6;
}

/* Copy each address that a server can have, once. */
static uint32_t
copy_usable(struct msg_addr *to, const struct msg_resolved *m)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < m->count; i++) {
		bool known = addr_problem(&m->addrs[i]) != ADDR_FINE;

		for (uint32_t j = 0; j < n && !known; j++)
			known = addr_equal(&to[j], &m->addrs[i]);
		if (!known)
			to[n++] = m->addrs[i];
	}
	return n;
}

int
lookup_answer(struct table *t, const struct msg_resolved *m, struct mono now)
{
	struct entry *e = find_asked(t, m->id);
	uint32_t index;

	if (m->count > ADDRS_MAX || (m->count == 0 && m->error == 0) ||
	    m->error > NAME_NO_INTERFACE)
		return -1;
	for (uint32_t i = 0; i < m->count; i++)
		if (!known_family(&m->addrs[i]))
			return -1;
	/* Late answers are fine, but not more answers than questions. */
	if (t->answers == t->next_id)
		return -1;
	t->answers++;
	if (e == NULL)
		return 0;
	if (m->count == 0) {
		if (m->error == NAME_NO_INTERFACE && !e->scoped)
			return -1;
		if (m->error == NAME_NO_INTERFACE)
			lose_interface(t, e);
		lookup_failed(t, e, m->error, now);
		return 0;
	}
	index = (uint32_t)(e - t->entries);
	e->addr_count = copy_usable(e->addrs, m);
	if (e->addr_count == 0) {
		e->lookup.refused = m->addrs[0];
		lookup_failed(t, e, NAME_NO_HOST, now);
		return 0;
	}
	e->addr_next = 0;
	e->addrs_at = now;
	e->lookup.state = LOOKUP_IDLE;
	e->lookup.failed = 0;
	e->lookup.error = 0;
	e->lookup.error_logged = 0;
	e->lookup.tries += e->lookup.tries < UINT32_MAX; /* until it helps */
	if (!review_slots(t, index, now))
		postpone_slots(t, index);
	review_entry(t, index, now);
	return 0;
}

void
lookup_hurry(struct table *t, struct mono now)
{
	for (uint32_t i = 0; i < t->end; i++) {
		struct lookup *l = &t->entries[i].lookup;

		if (!t->entries[i].used || t->entries[i].literal)
			continue;
		l->tries = 0;
		if (t->unknown) /* else the time would become unknown */
			l->failed = 0;
		if (l->state == LOOKUP_DUE)
			l->at = now;
	}
}

void
lookup_restart(struct table *t, struct mono now)
{
	for (uint32_t i = 0; i < t->end; i++) {
		struct lookup *l = &t->entries[i].lookup;

		if (!t->entries[i].used || l->state != LOOKUP_ASKED)
			continue;
		l->state = LOOKUP_DUE;
		l->at = now;
		/* A name that crashes each ntp-resolve must not count on. */
		l->failed += l->failed < SOURCE_BURST;
	}
}

struct mono
lookup_deadline(const struct table *t, bool resolver)
{
	struct mono first = { INT64_MAX };

	for (uint32_t i = 0; i < t->end; i++) {
		const struct entry *e = &t->entries[i];

		if (!e->used || e->lookup.state == LOOKUP_IDLE ||
		    (e->lookup.state == LOOKUP_DUE && !resolver))
			continue;
		if (e->lookup.at.ns < first.ns)
			first = e->lookup.at;
	}
	return first;
}
