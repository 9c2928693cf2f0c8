/*
 * Names and addresses of ntp-net, with an ntp-resolve played by the test.
 */
#include "ntp-net/poll/lookup.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "tests/tap.h"

static struct table t;
static struct mono now;
static struct channel ours, theirs; /* to ntp-resolve, and its end */

static void
open_channel(void)
{
	int sv[2] = { -1, -1 };

	channel_close(&ours);
	channel_close(&theirs);
	(void)socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv);
	ours = channel_none(PROC_NET, PROC_RESOLVE);
	theirs = channel_none(PROC_RESOLVE, PROC_NET);
	ours.fd = sv[0];
	theirs.fd = sv[1];
}

static void
begin(const char *name, enum source_kind kind, uint32_t count)
{
	const struct msg_net_config c = { .max_distance_ns = NS_PER_MS };
	const struct msg_net_commit k = { .sources = 1 };
	struct msg_net_source m = { .kind = (uint32_t)kind,
		.port = 123,
		.poll_max_log2 = 4,
		.count = count };

	open_channel();
	now.ns = 1000 * NS_PER_S;
	memset(&t, 0, sizeof(t));
	table_begin(&t, 100);
	(void)snprintf(m.name, sizeof(m.name), "%s", name);
	if (table_config(&t, &c) == -1 || table_line(&t, &m) == -1 ||
	    table_commit(&t, &k, now) == -1)
		printf("Bail out! configuration\n");
}

static void
step(void)
{
	lookup_review(&t, now);
	lookup_ask(&t, &ours, now);
}

/* The id of the waiting question, 0 for none. */
static uint32_t
question(void)
{
	union msg m;
	int fd;

	if (msg_recv(&theirs, &m, &fd) != MSG_GOT)
		return 0;
	return m.resolve.id;
}

/* Addresses in words, separated by spaces. */
static int
answer(uint32_t id, const char *addrs)
{
	struct msg_resolved m = { .id = id };
	char text[64];
	int n = 0;

	while (sscanf(addrs, "%63s%n", text, &n) == 1) {
		(void)addr_parse(text, &m.addrs[m.count++]);
		addrs += n;
	}
	return lookup_answer(&t, &m, now);
}

static int
fail(uint32_t id, int error)
{
	const struct msg_resolved m = { .id = id, .error = error };

	return lookup_answer(&t, &m, now);
}

/* The slot of this address, or NULL. */
static struct slot *
asks(const char *addr)
{
	struct msg_addr a;

	(void)addr_parse(addr, &a);
	for (uint32_t i = 0; i < SOURCES_MAX; i++)
		if (t.slots[i].used && addr_equal(&t.slots[i].addr, &a))
			return &t.slots[i];
	return NULL;
}

static void
test_backoff(void)
{
	static const int64_t want_s[] = { 0, 1, 2, 4, 8, 16, 32, 64, 128, 256,
		512, 512, 512 };

	for (uint32_t i = 0; i < 13; i++)
		IS_I64(lookup_backoff_ns(i), want_s[i] * NS_PER_S,
		    "%u vain tries", i);
	IS_I64(lookup_backoff_ns(UINT32_MAX), 512 * NS_PER_S, "very many");
}

/* A name that cannot be looked up is retried for ever, less and less often. */
static void
test_failures(void)
{
	int64_t first_ns, gap_ns = 0;
	uint32_t asked = 0;

	begin("time.example", SOURCE_SERVER, 1);
	first_ns = now.ns;
	step();
	OK(question() != 0 && question() == 0, "one question is asked");
	step();
	OK(question() == 0, "and none while it is out");
	OK(fail(t.entries[0].lookup.id, EAI_NONAME) == 0, "it fails");
	IS_I64(t.entries[0].lookup.error, EAI_NONAME, "the reason is kept");
	for (int i = 0; i < 20; i++) {
		int64_t before_ns = now.ns;

		now = lookup_deadline(&t, true);
		step();
		if (question() == 0)
			continue;
		asked++;
		gap_ns = now.ns - before_ns;
		(void)fail(t.entries[0].lookup.id, EAI_AGAIN);
	}
	IS_I64(asked, 20, "each deadline brings a question");
	IS_I64(gap_ns, 512 * NS_PER_S, "the gap ends at 512 s");
	IS_I64((now.ns - first_ns) / NS_PER_S, 1023 + 10 * 512,
	    "in all that takes so long");
	now = lookup_deadline(&t, true);
	step();
	(void)answer(question(), "192.0.2.1");
	OK(asks("192.0.2.1") != NULL && t.entries[0].lookup.error == 0,
	    "one success, and all is well");
}

/* A majority waits for a name as long as for a silent source. */
static void
test_given_up(void)
{
	begin("time.example", SOURCE_SERVER, 1);
	for (uint32_t i = 0; i < SOURCE_BURST; i++) {
		IS_I64(table_configured(&t), 1, "after %u failures", i);
		step();
		(void)fail(question(), i % 2 == 0 ? EAI_NONAME : EAI_AGAIN);
		now = lookup_deadline(&t, true);
	}
	IS_I64(table_configured(&t), 0, "after four it does not count");
	IS_I64(table_sources(&t), 1, "but is there");
	lookup_hurry(&t, now);
	IS_I64(table_configured(&t), 0, "nor if there is news and a time");
	t.unknown = true;
	lookup_hurry(&t, now);
	IS_I64(table_configured(&t), 1, "with news and no time it does");
	step();
	now.ns += LOOKUP_LONG_NS;
	(void)fail(t.entries[0].lookup.id, EAI_AGAIN);
	IS_I64(
	    t.entries[0].lookup.failed, 2, "a failure that takes 2 s is two");
	IS_I64(table_configured(&t), 1, "which is not enough");
	now = lookup_deadline(&t, true);
	step();
	now.ns += LOOKUP_WAIT_NS;
	step();
	IS_I64(table_configured(&t), 0, "nobody answers for 20 s: enough");
	now = lookup_deadline(&t, true);
	step();
	OK(question() != 0 && question() != 0 && question() != 0,
	    "it is asked again");
	(void)answer(t.entries[0].lookup.id, "192.0.2.1");
	IS_I64(table_configured(&t), 1, "it has an address, and counts");
}

/* A name at which each ntp-resolve crashes. */
static void
test_deadly(void)
{
	begin("time.example", SOURCE_SERVER, 1);
	for (uint32_t i = 0; i < SOURCE_BURST; i++) {
		IS_I64(table_configured(&t), 1, "after %u of them", i);
		step();
		OK(question() != 0, "another one is asked");
		lookup_restart(&t, now);
	}
	IS_I64(table_configured(&t), 0, "then it does not count");
}

/* While time is unknown, a late name server is found soon. */
static void
test_urgent(void)
{
	int64_t longest_ns = 0, began_ns;

	begin("time.example", SOURCE_SERVER, 1);
	t.unknown = true;
	began_ns = now.ns;
	while (now.ns - began_ns < 600 * NS_PER_S) {
		int64_t before_ns = now.ns;

		step();
		if (question() != 0) {
			now.ns += NS_PER_S / 2;
			(void)fail(t.entries[0].lookup.id, EAI_AGAIN);
		}
		now = lookup_deadline(&t, true);
		if (now.ns - before_ns > longest_ns)
			longest_ns = now.ns - before_ns;
	}
	IS_I64(longest_ns, URGENT_NS, "asked every 4 s, in the end too");
	while (now.ns - began_ns < 3600 * NS_PER_S) {
		step();
		(void)question();
		(void)fail(t.entries[0].lookup.id, EAI_AGAIN);
		now = lookup_deadline(&t, true);
	}
	IS_I64(t.entries[0].lookup.at.ns - t.entries[0].lookup.asked.ns,
	    64 * NS_PER_S, "and after an hour of that every 64 s");
	step();
	(void)question();
	(void)fail(t.entries[0].lookup.id, EAI_NONAME);
	OK(lookup_deadline(&t, true).ns - now.ns > 500 * NS_PER_S,
	    "one that is said not to exist is left alone");
	step();
	OK(question() == 0, "and is");
	lookup_hurry(&t, now);
	step();
	OK(question() != 0, "until the network has news");
}

static void
test_no_resolver(void)
{
	uint32_t id;

	begin("time.example", SOURCE_SERVER, 1);
	channel_close(&ours);
	step();
	IS_I64(lookup_deadline(&t, false).ns, INT64_MAX,
	    "without a resolver there is nothing to wait for");
	open_channel();
	step();
	id = question();
	OK(id != 0, "when there is one it is asked");
	channel_close(&ours);
	lookup_restart(&t, now);
	open_channel();
	step();
	OK(question() > id, "one that was restarted is asked again");
	OK(answer(id, "192.0.2.9") == 0 && asks("192.0.2.9") == NULL,
	    "an answer to the first question is too late");
	now.ns += LOOKUP_WAIT_NS;
	step();
	OK(t.entries[0].lookup.state == LOOKUP_DUE &&
		t.entries[0].lookup.error == EAI_AGAIN,
	    "silence is a failure after 20 s");
}

static void
test_hostile(void)
{
	struct msg_resolved m = { .count = ADDRS_MAX + 1 };
	uint32_t id;

	begin("time.example", SOURCE_POOL, 4);
	step();
	id = question();
	m.id = id;
	OK(lookup_answer(&t, &m, now) == -1, "too many addresses are refused");
	m.count = 0;
	OK(lookup_answer(&t, &m, now) == -1, "and none without an error");
	m.count = 1;
	m.addrs[0].family = 5;
	OK(lookup_answer(&t, &m, now) == -1, "and an unknown family");
	OK(answer(id, "0.0.0.0 224.0.1.1 192.0.2.1 192.0.2.1 ff02::1") == 0,
	    "some of its addresses cannot be");
	IS_I64(table_slots_of(&t, 0), 1, "only what a server can have is used");
	OK(answer(id, "192.0.2.2") == -1 && answer(id + 1, "192.0.2.2") == -1,
	    "more answers than questions are refused");
	begin("time.example", SOURCE_POOL, 4);
	step();
	id = question();
	OK(answer(id + 1, "192.0.2.1") == 0 && table_slots_of(&t, 0) == 0 &&
		asks("192.0.2.1") == NULL,
	    "an answer to no question of now is ignored");
}

static bool
why_is(const char *want)
{
	char why[NAME_WHY_LEN];

	lookup_why(&t.entries[0], why);
	if (strcmp(why, want) == 0)
		return true;
	printf("# %s\n", why);
	return false;
}

/* The id of the next question, at once or after a pause. */
static uint32_t
next_question(void)
{
	uint32_t id;

	step();
	id = question();
	if (id != 0)
		return id;
	now = lookup_deadline(&t, true);
	step();
	return question();
}

/* Addresses that no host can have are reported. */
static void
test_no_host(void)
{
	static const char *const none[] = { "0.0.0.0", "::", "224.0.1.1",
		"255.255.255.255", "ff02::101", "::ffff:192.0.2.1", "fe80::1" };
	char want[NAME_WHY_LEN];

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		begin("time.example", SOURCE_SERVER, 1);
		step();
		(void)snprintf(want, sizeof(want), "%s is %s", none[i],
		    strcmp(none[i], "fe80::1") == 0
			? "on every link: no interface is with it"
			: "not the address of a host");
		OK(answer(question(), none[i]) == 0 && why_is(want) &&
			table_slots_of(&t, 0) == 0,
		    "%s alone", none[i]);
		now = lookup_deadline(&t, true);
		step();
		(void)answer(question(), "192.0.2.1");
		OK(asks("192.0.2.1") != NULL && t.entries[0].lookup.error == 0,
		    "it is looked up again");
	}
}

/* An address on an interface that comes, goes and returns. */
static void
test_scoped(void)
{
	const struct msg_resolved bad = { .error = NAME_NO_HOST };
	int64_t gap_ns = 0;
	struct slot *s;

	begin("fe80::1%eth0", SOURCE_SERVER, 1);
	step();
	OK(fail(question(), NAME_NO_INTERFACE) == 0 &&
		why_is("there is no interface eth0 now: it is waited for"),
	    "an interface that is not there");
	for (int i = 0; i < 10; i++) {
		gap_ns = lookup_deadline(&t, true).ns - now.ns;
		now = lookup_deadline(&t, true);
		step();
		(void)fail(question(), NAME_NO_INTERFACE);
	}
	IS_I64(gap_ns, 8 * NS_PER_S, "is asked for every 8 s");
	now = lookup_deadline(&t, true);
	step();
	(void)answer(question(), "fe80::1%3");
	s = asks("fe80::1%3");
	if (!tap_ok(s != NULL, "when it is there, it is used"))
		return;
	step();
	OK(question() == 0, "and not asked for again");
	s->unsent = true;
	(void)answer(next_question(), "fe80::1%3");
	OK(s->used && !s->unsent && asks("fe80::1%3") == s,
	    "a query that could not be sent: the number is the same");
	s->unsent = true;
	(void)answer(next_question(), "fe80::1%7");
	OK(asks("fe80::1%3") == NULL && asks("fe80::1%7") != NULL,
	    "or another one, which is used");
	s = asks("fe80::1%7");
	if (s != NULL)
		s->unsent = true;
	OK(fail(next_question(), NAME_NO_INTERFACE) == 0 &&
		table_slots_of(&t, 0) == 0,
	    "when it is gone, nothing of it is left");
	step();
	OK(table_slots_of(&t, 0) == 0, "nor comes back by itself");
	OK(lookup_answer(&t, &bad, now) == -1, "an unknown error is refused");
	begin("time.example", SOURCE_SERVER, 1);
	step();
	OK(fail(question(), NAME_NO_INTERFACE) == -1,
	    "so is that of an interface, for a name without");
}

/* The addresses of a server are tried in turn. */
static void
test_server_turns(void)
{
	struct slot *s;

	begin("time.example", SOURCE_SERVER, 1);
	step();
	(void)answer(question(), "192.0.2.1 2001:db8::2");
	s = asks("192.0.2.1");
	OK(s != NULL && table_slots_of(&t, 0) == 1, "the first is asked");
	if (s == NULL)
		return;
	s->source.unanswered = QUIET_QUERIES;
	s->source.query = QUERY_WAITING;
	step();
	OK(asks("192.0.2.1") != NULL, "the eighth query may wait");
	s->source.query = QUERY_IDLE;
	step();
	s = asks("2001:db8::2");
	OK(s != NULL && table_slots_of(&t, 0) == 1, "then it is the second");
	if (s == NULL)
		return;
	s->source.unanswered = QUIET_QUERIES;
	step();
	OK(question() != 0, "at the end of the list it is looked up anew");
	(void)answer(t.entries[0].lookup.id, "192.0.2.1 2001:db8::2");
	OK(asks("192.0.2.1") != NULL, "and begins at the first");
}

/* A server that only sends RATE is replaced sooner, if there is another. */
static void
test_server_put_off(void)
{
	struct slot *s;

	begin("time.example", SOURCE_SERVER, 1);
	step();
	(void)answer(question(), "192.0.2.1 2001:db8::2");
	s = asks("192.0.2.1");
	if (!tap_ok(s != NULL, "it is asked"))
		return;
	s->source.put_off = true;
	s->source.unanswered = PUT_OFF_QUERIES - 1;
	step();
	OK(asks("192.0.2.1") != NULL, "twice put off: it stays");
	s->source.unanswered = PUT_OFF_QUERIES;
	step();
	s = asks("2001:db8::2");
	if (!tap_ok(s != NULL, "three times: the other is asked"))
		return;
	s->source.unanswered = PUT_OFF_QUERIES;
	step();
	OK(asks("2001:db8::2") != NULL,
	    "silence for as long is no reason: its list goes on");
	begin("time.example", SOURCE_SERVER, 1);
	step();
	(void)answer(question(), "192.0.2.1");
	s = asks("192.0.2.1");
	if (!tap_ok(s != NULL, "the only one"))
		return;
	s->source.put_off = true;
	s->source.unanswered = PUT_OFF_QUERIES;
	step();
	(void)answer(question(), "192.0.2.1");
	OK(asks("192.0.2.1") == s, "is asked on");
	step();
	OK(question() == 0, "and not looked up at once again");
}

/* A name's only address does not answer: it is still queried. */
static void
test_server_alone(void)
{
	struct slot *s;
	uint32_t asked = 0;

	begin("time.example", SOURCE_SERVER, 1);
	step();
	(void)answer(question(), "192.0.2.1");
	s = asks("192.0.2.1");
	if (!tap_ok(s != NULL, "it is asked"))
		return;
	for (uint32_t i = 1; i <= 10 * QUIET_QUERIES; i++) {
		now.ns += 64 * NS_PER_S;
		s->source.unanswered = i;
		step();
		if (question() == 0)
			continue;
		asked++;
		(void)answer(t.entries[0].lookup.id, "192.0.2.1");
	}
	OK(asked >= 5 && asked <= 10, "the name is looked up %u times", asked);
	OK(s->used && asks("192.0.2.1") == s, "it goes on all the time");
	s->source.unanswered = 0;
	step();
	IS_I64(s->replace_at, QUIET_QUERIES, "an answer forgives everything");
}

static void
test_pool(void)
{
	struct slot *s;

	begin("pool.example", SOURCE_POOL, 3);
	step();
	(void)answer(question(),
	    "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 "
	    "192.0.2.5");
	IS_I64(table_slots_of(&t, 0), 3, "as many as wanted are asked");
	s = asks("192.0.2.2");
	if (s != NULL)
		s->source.query = QUERY_DENIED;
	step();
	OK(asks("192.0.2.2") == NULL && asks("192.0.2.4") != NULL,
	    "one that denies us is replaced");
	s = asks("192.0.2.3");
	if (s != NULL)
		s->false_count = FALSE_LIMIT;
	step();
	OK(asks("192.0.2.3") != NULL, "a falseticker is given some time");
	if (s != NULL)
		s->false_count++;
	step();
	OK(asks("192.0.2.3") == NULL && asks("192.0.2.5") != NULL,
	    "and then replaced");
	s = asks("192.0.2.1");
	if (s != NULL)
		s->source.unanswered = QUIET_QUERIES;
	step();
	OK(s != NULL && s->used, "with no other address it stays");
	(void)answer(question(), "192.0.2.2 192.0.2.3 192.0.2.4");
	OK(s != NULL && s->used && table_slots_of(&t, 0) == 3,
	    "and those that were bad do not come back");
	now.ns += BAD_NS;
	if (s != NULL)
		s->source.unanswered = s->replace_at;
	step();
	now = lookup_deadline(&t, true);
	step();
	(void)answer(question(), "192.0.2.2 192.0.2.3 192.0.2.4");
	OK(asks("192.0.2.3") != NULL && asks("192.0.2.1") == NULL,
	    "before an hour has passed");
	OK(asks("192.0.2.2") == NULL, "and one that denied us not so soon");
}

/* A pool with too few addresses is looked up less and less. */
static void
test_pool_short(void)
{
	uint32_t asked = 0;

	begin("pool.example", SOURCE_POOL, 4);
	for (int i = 0; i < 3600; i++) {
		now.ns += NS_PER_S;
		step();
		if (question() == 0)
			continue;
		asked++;
		(void)answer(t.entries[0].lookup.id, "192.0.2.1 192.0.2.2");
	}
	IS_I64(table_slots_of(&t, 0), 2, "what there is is used");
	OK(asked > 10 && asked < 20, "in an hour it is looked up %u times",
	    asked);
}

static void
test_pool_all(void)
{
	char addrs[ADDRS_MAX * 16] = "";
	size_t n = 0;

	begin("pool.example", SOURCE_POOL, 0);
	for (int i = 1; i <= 20; i++)
		n += (size_t)snprintf(
		    addrs + n, sizeof(addrs) - n, "192.0.2.%d ", i);
	step();
	(void)answer(question(), addrs);
	IS_I64(table_slots_of(&t, 0), POOL_ALL_MAX,
	    "without a count it is all addresses, up to a limit");
	begin("pool.example", SOURCE_POOL, 0);
	step();
	(void)answer(question(), "192.0.2.1 192.0.2.2");
	IS_I64(table_slots_of(&t, 0), 2, "or as many as there are");
	now.ns += 60 * NS_PER_S;
	step();
	OK(question() == 0, "and that is enough");
}

static void
test_literal(void)
{
	struct msg_addr a;
	struct slot *s;

	begin("192.0.2.1", SOURCE_SERVER, 1);
	step();
	OK(question() == 0, "an address needs no look-up");
	s = asks("192.0.2.1");
	if (!tap_ok(s != NULL, "it is asked at once"))
		return;
	s->source.query = QUERY_DENIED;
	step();
	OK(s->used && question() == 0, "it is kept even if it denies us");
	/* A pool that got the same address must give it up. */
	begin("192.0.2.1", SOURCE_SERVER, 1);
	t.end = 2;
	t.entries[1] = (struct entry){ .used = true,
		.port = 123,
		.kind = SOURCE_POOL,
		.count = 1,
		.name = "pool" };
	(void)addr_parse("192.0.2.1", &a);
	s = table_start(&t, 1, &a, now, 0);
	step();
	OK(s != NULL && table_slots_of(&t, 0) == 1 &&
		table_slots_of(&t, 1) == 0,
	    "an address in the configuration goes before a name's");
	(void)answer(question(), "192.0.2.1 2001:db8::7");
	OK(asks("2001:db8::7") != NULL && table_slots_of(&t, 1) == 1,
	    "which takes another");
}

/* One pool must not take all the places. */
static void
test_fairness(void)
{
	char addrs[ADDRS_MAX * 16] = "";
	size_t n = 0;

	begin("pool.example", SOURCE_POOL, SOURCES_MAX);
	t.end = SOURCES_MAX - 9;
	for (uint32_t i = 1; i < t.end; i++)
		t.entries[i] = (struct entry){ .used = true,
			.port = 123,
			.count = 1,
			.name = "x",
			.lookup = { .state = LOOKUP_ASKED,
			    .id = 100 + i,
			    .at = { INT64_MAX } } };
	for (int i = 1; i <= 30; i++)
		n += (size_t)snprintf(
		    addrs + n, sizeof(addrs) - n, "192.0.2.%d ", i);
	t.next_id = 1000;
	step();
	(void)answer(question(), addrs);
	IS_I64(table_slots_of(&t, 0), 10, "a slot stays for each other line");
	(void)answer(101, "198.51.100.1");
	IS_I64(table_slots_of(&t, 1), 1, "and one of them gets it");
}

/* An old list is looked up again before it is used. */
static void
test_old_list(void)
{
	struct slot *s;

	begin("time.example", SOURCE_SERVER, 1);
	step();
	(void)answer(question(), "192.0.2.1 192.0.2.2");
	s = asks("192.0.2.1");
	now.ns += ADDRS_OLD_NS + 1;
	if (s != NULL)
		s->source.unanswered = QUIET_QUERIES;
	step();
	OK(asks("192.0.2.2") == NULL && question() != 0,
	    "an old list is not trusted");
	(void)fail(t.entries[0].lookup.id, EAI_AGAIN);
	step();
	OK(asks("192.0.2.2") != NULL, "but better than none");
}

int
main(void)
{
	ours = channel_none(PROC_NET, PROC_RESOLVE);
	theirs = channel_none(PROC_RESOLVE, PROC_NET);
	test_backoff();
	test_failures();
	test_given_up();
	test_deadly();
	test_urgent();
	test_no_resolver();
	test_hostile();
	test_no_host();
	test_scoped();
	test_server_turns();
	test_server_put_off();
	test_server_alone();
	test_pool();
	test_pool_short();
	test_pool_all();
	test_literal();
	test_fairness();
	test_old_list();
	return DONE();
}
