/*
 * The entries of the configuration and their sources, see table.h.  Run by
 * ntp-net.  Its only system call is close(2), for the sockets of queries.
 */
#include "ntp-net/poll/table.h"

#include <string.h>
#include <unistd.h>

#include "common/limits.h"

#define PORT_MAX    65535
/* Limit for a stored drift, which only initializes an estimate. */
#define DRIFT_MAX   (SLOPE_ONE / 100)
/* An uncorrected quartz is rarely off by more than two of these. */
#define SLOPE_SIGMA 100e-6
#define NET_FLAGS                                                              \
	(NET_CLOCK | NET_SERVES | NET_ONCE | NET_SLOPE_KNOWN | NET_NOTICES)
#define HURRY_GAP_NS (200 * NS_PER_MS)

void
table_begin(struct table *t, int64_t precision_ns)
{
	t->precision_ns = precision_ns < 1 ? 1 : precision_ns;
	t->slope_sigma = SLOPE_SIGMA;
}

/* --- configuration -------------------------------------------------------- */

int
table_config(struct table *t, const struct msg_net_config *m)
{
	if ((m->flags & ~NET_FLAGS) != 0 || m->drift_q32 > DRIFT_MAX ||
	    m->drift_q32 < -DRIFT_MAX || m->drift_sigma_q32 < 0 ||
	    m->drift_sigma_q32 > DRIFT_MAX)
		return -1;
#define NET_SETTING(                                                           \
    member, id, statement, kind, what, such_as, least, most, usual)            \
	if (m->member != LIMIT_NUMBER(usual) &&                                \
	    (m->member < LIMIT_NUMBER(least) ||                                \
		m->member > LIMIT_NUMBER(most)))                               \
		return -1;
#include "common/limits.def"
	t->staging.config = *m;
	t->staging.count = 0;
	t->staging.open = true;
	return 0;
}

int
table_line(struct table *t, const struct msg_net_source *m)
{
	if (!t->staging.open || t->staging.count >= SOURCES_MAX ||
	    m->kind > SOURCE_POOL || m->port == 0 || m->port > PORT_MAX ||
	    m->poll_max_log2 > POLL_MAX_LOG2 ||
	    m->poll_min_log2 > m->poll_max_log2 || m->count > SOURCES_MAX ||
	    (m->flags & ~SOURCE_INTERLEAVED) != 0 ||
	    !msg_text_ok(m->name, sizeof(m->name)) || m->name[0] == '\0')
		return -1;
	t->staging.lines[t->staging.count++] = *m;
	return 0;
}

int
table_listens(struct table *t, const struct msg_net_listens *m)
{
	if (m->count > LISTENS_MAX)
		return -1;
	for (uint32_t i = 0; i < m->count; i++)
		if ((m->addrs[i].family != 4 && m->addrs[i].family != 6) ||
		    m->ports[i] == 0 || m->ports[i] > PORT_MAX)
			return -1;
	t->listens = *m;
	return 0;
}

static bool
entry_matches(const struct entry *e, const struct msg_net_source *m)
{
	return e->used && !e->kept && (uint32_t)e->kind == m->kind &&
	    e->port == m->port && e->poll_min_log2 == m->poll_min_log2 &&
	    e->poll_max_log2 == m->poll_max_log2 && e->flags == m->flags &&
	    e->key_id == m->key_id && strcmp(e->name, m->name) == 0;
}

/* The number of slots that a line asks for; 0: one per address. */
static uint32_t
line_count(const struct msg_net_source *m, bool literal)
{
	return m->kind == SOURCE_SERVER || literal ? 1 : m->count;
}

static void
entry_begin(struct entry *e, const struct msg_net_source *m, struct mono now)
{
	memset(e, 0, sizeof(*e));
	e->used = true;
	e->kept = true;
	e->kind = (enum source_kind)m->kind;
	e->port = (uint16_t)m->port;
	e->poll_min_log2 = (uint8_t)m->poll_min_log2;
	e->poll_max_log2 = (uint8_t)m->poll_max_log2;
	e->flags = m->flags;
	e->key_id = m->key_id;
	memcpy(e->name, m->name, sizeof(e->name));
	e->literal = addr_parse(e->name, &e->addrs[0]);
	e->scoped = !e->literal && strchr(e->name, '%') != NULL;
	e->addr_count = e->literal;
	e->addrs_at = now;
	e->count = line_count(m, e->literal);
}

enum source_state
table_state(enum slot_status status)
{
	static const enum source_state states[] = {
		[SLOT_UNREACHABLE] = STATE_UNREACHABLE,
		[SLOT_UNSYNCHRONIZED] = STATE_UNSYNCHRONIZED,
		[SLOT_TOO_FAR] = STATE_UNSYNCHRONIZED,
		[SLOT_UNAUTHENTICATED] = STATE_UNAUTHENTICATED,
		[SLOT_DENIED] = STATE_DENIED,
		[SLOT_SELF] = STATE_SELF,
		[SLOT_FALSETICKER] = STATE_FALSETICKER,
		[SLOT_SMEARED] = STATE_FALSETICKER,
		[SLOT_OUTLIER] = STATE_OUTLIER,
		[SLOT_CANDIDATE] = STATE_CANDIDATE,
		[SLOT_SELECTED] = STATE_SELECTED,
	};

	return states[status];
}

/* Stop the worst slots of an entry until at most n are left. */
static void
entry_shrink(struct table *t, uint32_t entry, uint32_t n)
{
	for (uint32_t have = table_slots_of(t, entry); have > n; have--) {
		struct slot *worst = NULL;

		for (uint32_t i = 0; i < t->end; i++) {
			struct slot *s = &t->slots[i];

			if (s->used && s->entry == entry &&
			    (worst == NULL ||
				table_state(s->status) <
				    table_state(worst->status)))
				worst = s;
		}
		if (worst != NULL)
			table_stop(worst);
	}
}

static void
entry_keep(struct table *t, uint32_t entry, const struct msg_net_source *m)
{
	struct entry *e = &t->entries[entry];

	e->kept = true;
	e->count = line_count(m, e->literal);
	if (e->count != 0)
		entry_shrink(t, entry, e->count);
}

/* Mark the entries to keep; placed[i] means that line i has its entry. */
static void
commit_keep(struct table *t, bool *placed)
{
	for (uint32_t i = 0; i < t->end; i++)
		t->entries[i].kept = false;
	for (uint32_t i = 0; i < t->staging.count; i++) {
		const struct msg_net_source *m = &t->staging.lines[i];

		for (uint32_t j = 0; j < t->end && !placed[i]; j++) {
			if (!entry_matches(&t->entries[j], m))
				continue;
			entry_keep(t, j, m);
			t->entries[j].order = i;
			placed[i] = true;
		}
	}
}

static void
commit_remove(struct table *t)
{
	for (uint32_t i = 0; i < t->end; i++) {
		if (!t->entries[i].used || t->entries[i].kept)
			continue;
		entry_shrink(t, i, 0);
		t->entries[i].used = false;
	}
}

/* An entry or a slot is used from now on. */
static void
reach(struct table *t, uint32_t index)
{
	if (index >= t->end)
		t->end = index + 1;
}

static void
find_end(struct table *t)
{
	while (t->end > 0 && !t->entries[t->end - 1].used &&
	    !t->slots[t->end - 1].used)
		t->end--;
}

static void
commit_add(struct table *t, const bool *placed, struct mono now)
{
	uint32_t free_at = 0;

	for (uint32_t i = 0; i < t->staging.count; i++) {
		if (placed[i])
			continue;
		/* There are as many entries as a configuration has lines. */
		while (free_at < SOURCES_MAX - 1 && t->entries[free_at].used)
			free_at++;
		reach(t, free_at);
		entry_begin(&t->entries[free_at], &t->staging.lines[i], now);
		t->entries[free_at].order = i;
	}
}

/* The set of sources that are this machine itself may have changed. */
static void
commit_self(struct table *t)
{
	for (uint32_t i = 0; i < t->end; i++)
		if (t->slots[i].used && t->slots[i].self)
			table_stop(&t->slots[i]);
}

int
table_commit(struct table *t, const struct msg_net_commit *m, struct mono now)
{
	bool placed[SOURCES_MAX] = { false };
	const struct msg_net_config *c = &t->staging.config;

	if (!t->staging.open || m->sources != t->staging.count)
		return -1;
	commit_keep(t, placed);
	commit_remove(t);
	find_end(t);
	commit_add(t, placed, now);
	commit_self(t);
	if (!t->committed && (c->flags & NET_SLOPE_KNOWN) != 0) {
		t->slope = (double)c->drift_q32 / (double)SLOPE_ONE;
		t->slope_sigma = (double)c->drift_sigma_q32 / (double)SLOPE_ONE;
	}
	t->config = *c;
	t->entry_count = t->staging.count;
	t->staging.open = false;
	t->committed = true;
	t->committed_at = now;
	return 0;
}

/* --- slots ---------------------------------------------------------------- */

struct slot *
table_start(struct table *t, uint32_t entry, const struct msg_addr *addr,
    struct mono now, uint32_t random)
{
	const struct entry *e = &t->entries[entry];
	struct source_config config = { .poll_min_log2 = e->poll_min_log2,
		.poll_max_log2 = e->poll_max_log2,
		.precision_ns = t->precision_ns,
		.slope = t->slope,
		.slope_sigma = t->slope_sigma,
		.authenticate = e->key_id != 0,
		.interleaved = (e->flags & SOURCE_INTERLEAVED) != 0 };

	memcpy(config.local_refid, t->refids, sizeof(config.local_refid));
	for (uint32_t i = 0; i < SOURCES_MAX; i++) {
		struct slot *s = &t->slots[i];

		if (s->used)
			continue;
		reach(t, i);
		*s = (struct slot){ .used = true,
			.entry = entry,
			.addr = *addr,
			.fd = -1,
			.status = SLOT_UNREACHABLE,
			.replace_at = QUIET_QUERIES };
		source_init(&s->source, &config, now, random);
		return s;
	}
	return NULL;
}

void
table_stop(struct slot *s)
{
	if (s->fd != -1)
		(void)close(s->fd); /* a failure cannot be handled */
	s->fd = -1;
	s->used = false;
}

bool
table_has_addr(
    const struct table *t, const struct msg_addr *addr, uint16_t port)
{
	for (uint32_t i = 0; i < t->end; i++) {
		const struct slot *s = &t->slots[i];

		if (s->used && t->entries[s->entry].port == port &&
		    addr_equal(&s->addr, addr))
			return true;
	}
	return false;
}

/* True for the same address, or a wildcard of the same family. */
static bool
stands_for(const struct msg_addr *listen, const struct msg_addr *addr)
{
	static const uint8_t zero[sizeof(addr->addr)];

	return listen->family == addr->family &&
	    (memcmp(listen->addr, zero, sizeof(zero)) == 0 ||
		memcmp(listen->addr, addr->addr, addr->family == 4 ? 4 : 16) ==
		    0);
}

bool
table_answers(const struct table *t, const struct msg_addr *addr, uint16_t port)
{
	for (uint32_t i = 0; i < t->listens.count; i++)
		if (t->listens.ports[i] == port &&
		    stands_for(&t->listens.addrs[i], addr))
			return true;
	return false;
}

uint32_t
table_slots_of(const struct table *t, uint32_t entry)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->end; i++)
		n += t->slots[i].used && t->slots[i].entry == entry;
	return n;
}

/* The number of entries without a slot. */
static uint32_t
empty_entries(const struct table *t)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->end; i++)
		n += t->entries[i].used && table_slots_of(t, i) == 0;
	return n;
}

static uint32_t
used_slots(const struct table *t)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->end; i++)
		n += t->slots[i].used;
	return n;
}

uint32_t
table_free(const struct table *t)
{
	uint32_t taken = used_slots(t) + empty_entries(t);

	return taken >= SOURCES_MAX ? 0 : SOURCES_MAX - taken;
}

/* The number of sources that an entry without slots is to get. */
static uint32_t
entry_asks_for(const struct entry *e)
{
	return e->addr_count == 0 && e->count > 1 ? e->count : 1;
}

static uint32_t
at_most_all(uint32_t sources)
{
	return sources < SOURCES_MAX ? sources : SOURCES_MAX;
}

uint32_t
table_sources(const struct table *t)
{
	uint32_t n = used_slots(t);

	for (uint32_t i = 0; i < t->end; i++)
		if (t->entries[i].used && table_slots_of(t, i) == 0)
			n += entry_asks_for(&t->entries[i]);
	return at_most_all(n);
}

uint32_t
table_awaited(const struct table *t)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->end; i++) {
		const struct entry *e = &t->entries[i];

		if (e->used && e->addr_count == 0 &&
		    e->lookup.failed < SOURCE_BURST &&
		    table_slots_of(t, i) == 0)
			n += entry_asks_for(e);
	}
	return at_most_all(n);
}

uint32_t
table_configured(const struct table *t)
{
	uint32_t n = table_awaited(t);

	for (uint32_t i = 0; i < t->end; i++) {
		const struct slot *s = &t->slots[i];

		n += s->used && source_counts(&s->source) && !s->self;
	}
	return at_most_all(n);
}

void
table_learn_refid(struct table *t, uint32_t refid)
{
	uint32_t at = t->refid_next % REFIDS_MAX;

	if (refid == 0)
		return;
	for (uint32_t i = 0; i < REFIDS_MAX; i++)
		if (t->refids[i] == refid)
			return;
	t->refid_next++;
	t->refids[at] = refid;
	for (uint32_t i = 0; i < t->end; i++)
		if (t->slots[i].used)
			t->slots[i].source.config.local_refid[at] = refid;
}

void
table_burst(struct table *t, struct mono now)
{
	int64_t gap_ns = HURRY_GAP_NS;

	for (uint32_t i = 0; i < t->end; i++) {
		struct slot *s = &t->slots[i];

		if (!s->used)
			continue;
		source_burst(&s->source, (struct mono){ now.ns + gap_ns });
		gap_ns += HURRY_GAP_NS;
	}
}

/* True if it should have answered by now and has not. */
static bool
is_silent(const struct slot *s)
{
	const struct source *from = &s->source;

	return from->reach == 0 || s->error != 0 ||
	    from->unanswered > (from->query == QUERY_WAITING);
}

void
table_hurry(struct table *t, struct mono now)
{
	int64_t gap_ns = 0;

	t->probe = (struct probe){ .at = now };
	for (uint32_t i = 0; i < t->end; i++) {
		struct slot *s = &t->slots[i];

		if (!s->used || !is_silent(s))
			continue;
		s->self = false; /* check again */
		source_again(&s->source, (struct mono){ now.ns + gap_ns });
		gap_ns += HURRY_GAP_NS;
	}
}

bool
table_lacks_way(const struct table *t)
{
	for (uint32_t i = 0; i < t->end; i++) {
		const struct slot *s = &t->slots[i];

		if (s->used && s->source.query == QUERY_UNSENT && !s->self)
			return true;
	}
	return false;
}

struct mono
table_probe_deadline(const struct table *t)
{
	if ((t->config.flags & NET_NOTICES) != 0 || !t->unknown ||
	    !table_lacks_way(t))
		return (struct mono){ INT64_MAX };
	return t->probe.at;
}

void
table_resumed(struct table *t, struct mono now, double sigma_ns)
{
	for (uint32_t i = 0; i < t->end; i++) {
		struct slot *s = &t->slots[i];

		if (!s->used)
			continue;
		estimator_loosen(&s->source.estimator, sigma_ns);
		source_interrupted(&s->source);
		bias_interrupted(&s->bias);
	}
	table_burst(t, now);
}

void
table_leap(struct table *t, int64_t by_ns)
{
	for (uint32_t i = 0; i < t->end; i++) {
		struct source *s = &t->slots[i].source;

		if (!t->slots[i].used)
			continue;
		if (!t->slots[i].smeared)
			estimator_shift(&s->estimator, by_ns);
		source_interrupted(s);
	}
}

struct mono
table_deadline(const struct table *t)
{
	struct mono first = { INT64_MAX };

	for (uint32_t i = 0; i < t->end; i++) {
		struct mono at;

		if (!t->slots[i].used)
			continue;
		at = source_deadline(&t->slots[i].source);
		if (at.ns < first.ns)
			first = at;
	}
	return first;
}
