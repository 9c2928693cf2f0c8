/*
 * The configuration of ntp-net: what is refused, and what a reload keeps.
 */
#include "ntp-net/poll/table.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/tap.h"

static struct table t;
static struct mono now = { 1000 * NS_PER_S };

static struct msg_net_source
line(enum source_kind kind, const char *name, uint32_t count)
{
	struct msg_net_source m = { .kind = (uint32_t)kind,
		.port = 123,
		.poll_min_log2 = 4,
		.poll_max_log2 = 10,
		.count = count };

	(void)snprintf(m.name, sizeof(m.name), "%s", name);
	return m;
}

static int
load(const struct msg_net_source *lines, uint32_t n)
{
	const struct msg_net_config c = { .flags = NET_CLOCK,
		.max_distance_ns = 3 * NS_PER_S };
	const struct msg_net_commit k = { .sources = n };

	if (table_config(&t, &c) == -1)
		return -1;
	for (uint32_t i = 0; i < n; i++)
		if (table_line(&t, &lines[i]) == -1)
			return -1;
	return table_commit(&t, &k, now);
}

static struct slot *
start(uint32_t entry, const char *addr)
{
	struct msg_addr a;

	(void)addr_parse(addr, &a);
	return table_start(&t, entry, &a, now, 0);
}

static uint32_t
entry_of(const char *name)
{
	for (uint32_t i = 0; i < SOURCES_MAX; i++)
		if (t.entries[i].used && strcmp(t.entries[i].name, name) == 0)
			return i;
	return SOURCES_MAX;
}

/* Each of these makes one value of a valid configuration invalid. */
static void
test_config_ranges(void)
{
	const struct msg_net_config good = { .flags = NET_CLOCK | NET_ONCE,
		.min_sources = SOURCES_MAX,
		.local_stratum = 15,
		.drift_q32 = SLOPE_ONE / 100,
		.drift_sigma_q32 = SLOPE_ONE / 100,
		.max_distance_ns = 16 * NS_PER_S };
	struct msg_net_config m;

	memset(&t, 0, sizeof(t));
	table_begin(&t, 0);
	OK(table_config(&t, &good) == 0, "the largest values are allowed");
	m = good;
	m.flags = 1U << 31;
	OK(table_config(&t, &m) == -1, "an unknown flag is not");
	m = good;
	m.min_sources++;
	OK(table_config(&t, &m) == -1, "nor too many sources that agree");
	m = good;
	m.local_stratum = 16;
	OK(table_config(&t, &m) == -1, "nor stratum 16");
	m = good;
	m.drift_q32++;
	OK(table_config(&t, &m) == -1, "nor a drift above 1 %%");
	m.drift_q32 = INT64_MIN;
	OK(table_config(&t, &m) == -1, "nor the least number as drift");
	m = good;
	m.drift_sigma_q32 = -1;
	OK(table_config(&t, &m) == -1, "nor a negative sigma");
	m = good;
	m.max_distance_ns = 0;
	OK(table_config(&t, &m) == -1, "nor a maximum distance of nothing");
	m.max_distance_ns = 16 * NS_PER_S + 1;
	OK(table_config(&t, &m) == -1, "nor one above 16 s");
}

/* Our own listen addresses: ntpd's message is checked as all others. */
static void
test_listens(void)
{
	static const struct {
		const char *addr;
		uint16_t port;
		bool ours;
	} cases[] = {
		{ "192.0.2.1", 123, true },
		{ "192.0.2.1", 124, false },
		{ "192.0.2.2", 123, false },
		{ "192.0.2.2", 1123, true },
		{ "2001:db8::1", 123, true },
		{ "2001:db8::1", 1123, false },
		{ "::", 123, false },
	};
	const struct msg_net_listens good = { .count = 3,
		.addrs = { { .family = 4, .addr = { 192, 0, 2, 1 } },
		    { .family = 4 },
		    { .family = 6,
			.addr = { 0x20, 1, 0x0d, 0xb8, [15] = 1 } } },
		.ports = { 123, 1123, 123 } };
	struct msg_net_listens m = good;

	memset(&t, 0, sizeof(t));
	table_begin(&t, 100);
	OK(table_listens(&t, &good) == 0, "three places");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct msg_addr a;

		(void)addr_parse(cases[i].addr, &a);
		IS_I64(table_answers(&t, &a, cases[i].port), cases[i].ours,
		    "%s port %u", cases[i].addr, cases[i].port);
	}
	m.count = LISTENS_MAX + 1;
	OK(table_listens(&t, &m) == -1, "too many places are refused");
	m = good;
	m.addrs[2].family = 5;
	OK(table_listens(&t, &m) == -1, "and an unknown family");
	m = good;
	m.ports[1] = 0;
	OK(table_listens(&t, &m) == -1, "and port 0");
	m.ports[1] = 65536;
	OK(table_listens(&t, &m) == -1, "and port 65536");
	IS_I64(t.listens.ports[1], 1123, "what was good before stays");
}

static void
test_line_ranges(void)
{
	const struct msg_net_config c = { .max_distance_ns = NS_PER_MS };
	struct msg_net_source m = line(SOURCE_POOL, "pool", SOURCES_MAX);

	memset(&t, 0, sizeof(t));
	table_begin(&t, 100);
	OK(table_line(&t, &m) == -1, "a line without a configuration");
	OK(table_config(&t, &c) == 0, "the configuration begins");
	m.port = 0;
	OK(table_line(&t, &m) == -1, "port 0");
	m.port = 65536;
	OK(table_line(&t, &m) == -1, "port 65536");
	m.port = 65535;
	m.kind = 2;
	OK(table_line(&t, &m) == -1, "an unknown kind");
	m.kind = SOURCE_POOL;
	m.poll_max_log2 = 18;
	OK(table_line(&t, &m) == -1, "a poll of 2^18 s");
	m.poll_max_log2 = 3;
	OK(table_line(&t, &m) == -1, "poll limits out of order");
	m.poll_max_log2 = 4;
	m.count = SOURCES_MAX + 1;
	OK(table_line(&t, &m) == -1, "too many addresses");
	m.count = SOURCES_MAX;
	memset(m.name, 'a', sizeof(m.name));
	OK(table_line(&t, &m) == -1, "a name without an end");
	memset(m.name, 0, sizeof(m.name));
	OK(table_line(&t, &m) == -1, "no name");
	m.name[0] = 'a';
	for (int i = 0; i < SOURCES_MAX; i++)
		if (table_line(&t, &m) == -1)
			m.count = 0;
	OK(m.count == SOURCES_MAX, "as many lines as there are places");
	OK(table_line(&t, &m) == -1, "one more");
}

static void
test_commit_order(void)
{
	const struct msg_net_source l = line(SOURCE_SERVER, "a", 1);
	const struct msg_net_config c = { .max_distance_ns = NS_PER_MS };
	struct msg_net_commit k = { .sources = 0 };

	memset(&t, 0, sizeof(t));
	table_begin(&t, 100);
	OK(table_commit(&t, &k, now) == -1, "a commit of nothing");
	OK(table_config(&t, &c) == 0 && table_line(&t, &l) == 0, "one line");
	OK(table_commit(&t, &k, now) == -1, "a commit of another number");
	OK(!t.committed, "and nothing is in force");
	k.sources = 1;
	OK(table_commit(&t, &k, now) == 0 && t.committed, "the right number");
	OK(table_commit(&t, &k, now) == -1, "the same commit again");
	OK(table_line(&t, &l) == -1, "a line after the commit");
	OK(load(NULL, 0) == 0 && t.entry_count == 0,
	    "a configuration without sources");
	IS_I64(table_sources(&t), 0, "has none");
	IS_I64(table_deadline(&t).ns, INT64_MAX, "and no deadline");
}

static void
test_reload_keeps(void)
{
	struct msg_net_source first[] = { line(SOURCE_SERVER, "a", 1),
		line(SOURCE_POOL, "b", 4),
		line(SOURCE_SERVER, "192.0.2.3", 1) };
	struct msg_net_source second[] = { line(SOURCE_SERVER, "new", 1),
		line(SOURCE_POOL, "b", 2), line(SOURCE_SERVER, "a", 1) };
	struct slot *a, *b[4], *gone;

	memset(&t, 0, sizeof(t));
	table_begin(&t, 100);
	OK(load(first, 3) == 0, "three lines are loaded");
	OK(t.entries[entry_of("192.0.2.3")].literal &&
		!t.entries[entry_of("a")].literal,
	    "it is known which is an address");
	a = start(entry_of("a"), "192.0.2.1");
	for (int i = 0; i < 4; i++) {
		char addr[32];

		(void)snprintf(addr, sizeof(addr), "198.51.100.%d", i + 1);
		b[i] = start(entry_of("b"), addr);
		b[i]->status =
		    i == 1 || i == 2 ? SLOT_SELECTED : SLOT_UNREACHABLE;
	}
	gone = start(entry_of("192.0.2.3"), "192.0.2.3");
	gone->fd = dup(0);
	a->source.sent = 77;
	OK(load(second, 3) == 0, "another configuration is loaded");
	OK(a->used && a->source.sent == 77 && t.entries[a->entry].order == 2,
	    "what is the same keeps its source, at its new place");
	OK(!gone->used && gone->fd == -1, "what is gone is stopped");
	OK(b[1]->used && b[2]->used && !b[0]->used && !b[3]->used,
	    "a smaller count gives up the worst");
	IS_I64(entry_of("192.0.2.3"), SOURCES_MAX, "its entry is gone");
	IS_I64(t.entries[entry_of("new")].order, 0, "the new one is first");
	IS_I64(table_sources(&t), 4, "three slots and one without");
	IS_I64(t.end, 4, "what is looked at ends after the last slot in use");
	OK(load(second, 1) == 0, "a smaller one is loaded");
	IS_I64(t.end, entry_of("new") + 1, "and then after its entry");
	OK(load(NULL, 0) == 0 && t.end == 0, "and at once where there is none");
}

static void
test_reload_differs(void)
{
	struct msg_net_source l = line(SOURCE_SERVER, "a", 1);
	struct msg_net_source twice[2];
	struct slot *s;

	for (int what = 0; what < 4; what++) {
		memset(&t, 0, sizeof(t));
		table_begin(&t, 100);
		l = line(SOURCE_SERVER, "a", 1);
		(void)load(&l, 1);
		s = start(0, "192.0.2.1");
		l.port += what == 0;
		l.poll_min_log2 += what == 1;
		l.poll_max_log2 += what == 2;
		l.kind = what == 3 ? SOURCE_POOL : SOURCE_SERVER;
		(void)load(&l, 1);
		OK(!s->used, "with other values (%d) it starts anew", what);
	}
	memset(&t, 0, sizeof(t));
	table_begin(&t, 100);
	twice[0] = twice[1] = line(SOURCE_POOL, "p", 2);
	(void)load(twice, 2);
	s = start(1, "192.0.2.1");
	OK(load(twice, 2) == 0 && s->used, "the same line twice is kept twice");
	OK(load(twice, 1) == 0 && t.entry_count == 1 && !s->used,
	    "and of two one goes when one is left");
}

static void
test_full(void)
{
	struct msg_net_source lines[SOURCES_MAX];
	struct slot *s = NULL;

	memset(&t, 0, sizeof(t));
	table_begin(&t, 100);
	for (uint32_t i = 0; i < SOURCES_MAX; i++)
		lines[i] = line(SOURCE_SERVER, "x", 1);
	OK(load(lines, SOURCES_MAX) == 0, "all places are taken by lines");
	IS_I64(table_free(&t), 0, "so no slot is to spare");
	for (uint32_t i = 0; i < SOURCES_MAX; i++) {
		lines[i] = line(SOURCE_SERVER, "y", 1);
		s = start(i, "192.0.2.1");
	}
	OK(s != NULL, "each gets its slot");
	OK(start(0, "192.0.2.2") == NULL, "there is not one more");
	OK(load(lines, SOURCES_MAX) == 0 && t.entry_count == SOURCES_MAX,
	    "all of them can be replaced at once");
	IS_I64(table_sources(&t), SOURCES_MAX, "by as many");
}

static void
test_configured(void)
{
	struct msg_net_source l[] = { line(SOURCE_SERVER, "a", 1),
		line(SOURCE_POOL, "b", 0), line(SOURCE_SERVER, "c", 1) };
	struct slot *a, *b;

	memset(&t, 0, sizeof(t));
	table_begin(&t, 100);
	(void)load(l, 3);
	IS_I64(table_configured(&t), 3, "names to look up count");
	t.entries[entry_of("c")].lookup.failed = SOURCE_BURST - 1;
	IS_I64(table_configured(&t), 3, "also after failures");
	t.entries[entry_of("c")].lookup.failed = SOURCE_BURST;
	IS_I64(table_configured(&t), 2, "but not when they are given up");
	IS_I64(table_sources(&t), 3, "though they are still configured");
	a = start(entry_of("a"), "192.0.2.1");
	b = start(entry_of("b"), "192.0.2.2");
	IS_I64(table_configured(&t), 2, "sources that were just begun count");
	a->source.unanswered = SOURCE_BURST;
	IS_I64(table_configured(&t), 1, "but not if they do not answer");
	a->source.reach = 1;
	IS_I64(table_configured(&t), 2, "and again when they do");
	b->source.query = QUERY_DENIED;
	IS_I64(table_configured(&t), 1, "one that denies us does not");
}

/* A pool counts for its wanted number, and then for what it has. */
static void
test_configured_pool(void)
{
	struct msg_net_source l[] = { line(SOURCE_SERVER, "192.0.2.9", 1),
		line(SOURCE_POOL, "p", 4), line(SOURCE_POOL, "all", 0) };
	struct msg_net_source many[SOURCES_MAX];
	struct entry *p;

	memset(&t, 0, sizeof(t));
	table_begin(&t, 100);
	(void)load(l, 3);
	(void)start(entry_of("192.0.2.9"), "192.0.2.9");
	IS_I64(table_configured(&t), 6, "one, a pool of 4, and one at least");
	IS_I64(table_awaited(&t), 5, "of which names are to bring 5");
	IS_I64(table_sources(&t), 6, "so many there are");
	p = &t.entries[entry_of("p")];
	p->addr_count = 1;
	(void)start(entry_of("p"), "192.0.2.1");
	IS_I64(table_configured(&t), 3, "the pool has one address only");
	t.entries[entry_of("all")].addr_count = 2;
	IS_I64(table_configured(&t), 2, "another's addresses are all taken");
	for (uint32_t i = 0; i < SOURCES_MAX; i++)
		many[i] = line(SOURCE_POOL, "q", 16);
	memset(&t, 0, sizeof(t));
	table_begin(&t, 100);
	(void)load(many, SOURCES_MAX);
	OK(table_configured(&t) == SOURCES_MAX &&
		table_sources(&t) == SOURCES_MAX &&
		table_awaited(&t) == SOURCES_MAX,
	    "there are never more than there is room for");
}

static void
test_refids(void)
{
	struct msg_net_source l = line(SOURCE_SERVER, "a", 1);
	struct slot *s;

	memset(&t, 0, sizeof(t));
	table_begin(&t, 100);
	(void)load(&l, 1);
	s = start(0, "192.0.2.1");
	table_learn_refid(&t, 0);
	IS_I64(s->source.config.local_refid[0], 0, "0 is no reference ID");
	table_learn_refid(&t, 11);
	table_learn_refid(&t, 12);
	table_learn_refid(&t, 11);
	OK(s->source.config.local_refid[0] == 11 &&
		s->source.config.local_refid[1] == 12 &&
		s->source.config.local_refid[2] == 0,
	    "sources learn each of ours once");
	for (uint32_t i = 0; i < REFIDS_MAX; i++)
		table_learn_refid(&t, 100 + i);
	OK(s->source.config.local_refid[0] == 106 &&
		s->source.config.local_refid[2] == 100,
	    "the newest take the places of the oldest");
	s = start(0, "192.0.2.2");
	IS_I64(s->source.config.local_refid[1], 107, "new sources know them");
}

/* What a new source assumes about the oscillator. */
static void
test_slope(void)
{
	struct msg_net_source l[] = { line(SOURCE_POOL, "a", 4) };
	const struct msg_net_config c = { .flags = NET_SLOPE_KNOWN,
		.max_distance_ns = NS_PER_MS,
		.drift_q32 = SLOPE_ONE / 50000,
		.drift_sigma_q32 = SLOPE_ONE / 10000000 };
	const struct msg_net_commit k = { .sources = 1 };

	memset(&t, 0, sizeof(t));
	table_begin(&t, 100);
	(void)load(l, 1);
	NEAR(start(0, "192.0.2.1")->source.config.slope_sigma, 100e-6, 1e-9,
	    "before anything is known, 100 ppm");
	memset(&t, 0, sizeof(t));
	table_begin(&t, 100);
	OK(table_config(&t, &c) == 0 && table_line(&t, &l[0]) == 0 &&
		table_commit(&t, &k, now) == 0,
	    "a slope is kept from before");
	NEAR(start(0, "192.0.2.1")->source.config.slope, 20e-6, 1e-9,
	    "then it is that");
	NEAR(start(0, "192.0.2.2")->source.config.slope_sigma, 1e-7, 1e-9,
	    "as well as it was known");
}

static void
test_resumed(void)
{
	struct msg_net_source l[] = { line(SOURCE_POOL, "a", 4) };
	struct slot *s[3];

	memset(&t, 0, sizeof(t));
	table_begin(&t, 100);
	(void)load(l, 1);
	for (int i = 0; i < 3; i++) {
		s[i] = start(0, "192.0.2.1");
		s[i]->source.next_query.ns = now.ns + 1000 * NS_PER_S;
	}
	s[0]->source.iburst_left = 0;
	s[1]->source.query = QUERY_DENIED;
	table_resumed(&t, now, 1e9);
	OK(s[0]->source.next_query.ns <= now.ns + NS_PER_S,
	    "after a suspend a source is asked soon");
	IS_I64(s[0]->source.burst_left, SOURCE_BURST,
	    "and again if there is no answer");
	OK(s[1]->source.next_query.ns == now.ns + 1000 * NS_PER_S,
	    "but not one that denies us");
	OK(s[2]->source.next_query.ns > s[0]->source.next_query.ns,
	    "and not all at once");
}

int
main(void)
{
	test_config_ranges();
	test_listens();
	test_line_ranges();
	test_commit_order();
	test_reload_keeps();
	test_reload_differs();
	test_full();
	test_configured();
	test_configured_pool();
	test_refids();
	test_slope();
	test_resumed();
	return DONE();
}
