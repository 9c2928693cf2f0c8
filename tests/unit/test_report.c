/*
 * What ntp-net sends to ntp-observe: in sync or not and why, and answers that
 * survive a full channel.
 */
#include "ntp-net/poll/report.h"

#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "ntp-net/poll/why.h"
#include "tests/tap.h"

static struct net n;
static struct channel observer;

static void
begin(uint32_t flags)
{
	int sv[2] = { -1, -1 };

	channel_close(&n.observe);
	channel_close(&observer);
	memset(&n, 0, sizeof(n));
	(void)socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv);
	n.parent = n.clock = n.resolve = channel_none(PROC_NET, PROC_NTPD);
	n.observe = channel_none(PROC_NET, PROC_OBSERVE);
	observer = channel_none(PROC_OBSERVE, PROC_NET);
	n.observe.fd = sv[0];
	observer.fd = sv[1];
	memset(&n.table, 0, sizeof(n.table));
	table_begin(&n.table, 100);
	n.table.committed = true;
	n.table.config.flags = flags;
	n.table.config.max_distance_ns = 3 * NS_PER_S;
	n.clocks.pair.raw_ns = 1000 * NS_PER_S;
	n.clocks.pair.real_ns = 5000 * NS_PER_S;
}

static void
add_entry(uint32_t i, uint32_t order, const char *name)
{
	struct entry *e = &n.table.entries[i];

	e->used = true;
	if (i >= n.table.end)
		n.table.end = i + 1;
	e->order = order;
	e->port = 123;
	(void)snprintf(e->name, sizeof(e->name), "%s", name);
	n.table.entry_count++;
}

static struct slot *
add_slot(uint32_t entry, uint8_t last_octet)
{
	const struct msg_addr a = { .family = 4,
		.addr = { 192, 0, 2, last_octet } };

	return table_start(
	    &n.table, entry, &a, (struct mono){ 1000 * NS_PER_S }, 0);
}

/* One source agrees, and the clock is right. */
static void
agree(void)
{
	struct decision *d = &n.decision;

	d->agreement.now = (struct select_output){ .agreed = true,
		.line = { .at = { 1000 * NS_PER_S },
		    .theta_ns = 4000 * NS_PER_S,
		    .sigma_ns = 1000 },
		.agreeing = 1,
		.needed = 1,
		.selected = 1,
		.stratum = 3 };
	d->agreement.last = d->agreement.now;
	d->agreement.last_at.ns = 1000 * NS_PER_S;
	d->synced = true;
	d->agreement.ever = true;
	d->agreement.now.votes = 1;
}

struct sync_case {
	const char *what;
	uint32_t net_flags;
	bool agreed;
	bool clock_known;
	uint32_t clock_flags;
	int64_t offset_ns;
	bool synced;
	const char *why; /* how it begins; NULL: empty */
};

#define STEERED (CLOCK_STATE_CONTROLLED | CLOCK_STATE_HAS_LINE)

static const struct sync_case sync_cases[] = {
	{ "no clock process", 0, true, false, 0, NS_PER_S, true, NULL },
	{ "nothing agreed", 0, false, false, 0, 0, false,
	    "no source is configured" },
	{ "ntp-clock is silent", NET_CLOCK, true, false, 0, 0, false,
	    "the clock process has not" },
	{ "only measured", NET_CLOCK, true, true, 0, NS_PER_S, true, NULL },
	{ "steered", NET_CLOCK, true, true, STEERED, 0, true, NULL },
	{ "steered, 127 ms", NET_CLOCK, true, true, STEERED, IN_SYNC_NS - 1,
	    true, NULL },
	{ "steered, 128 ms", NET_CLOCK, true, true, STEERED, IN_SYNC_NS, false,
	    "the clock is 128 ms behind" },
	{ "steered, -128 ms", NET_CLOCK, true, true, STEERED, -IN_SYNC_NS,
	    false, "the clock is 128 ms ahead" },
	{ "no sample yet", NET_CLOCK, true, true, CLOCK_STATE_CONTROLLED, 0,
	    false, "the clock process has taken no sample" },
	{ "frozen", NET_CLOCK, true, true, STEERED | CLOCK_STATE_FROZEN, 0,
	    false, "the clock is frozen: limit passed" },
	{ "nothing agreed, steered", NET_CLOCK, false, true, STEERED, 0, false,
	    "no source is configured" },
};

static void
test_synced(void)
{
	for (size_t i = 0; i < sizeof(sync_cases) / sizeof(sync_cases[0]);
	     i++) {
		const struct sync_case *c = &sync_cases[i];
		char why[REASON_LEN] = "left over";

		begin(c->net_flags);
		if (c->agreed)
			agree();
		n.clock_known = c->clock_known;
		n.clock_state.flags = c->clock_flags;
		(void)snprintf(n.clock_state.frozen,
		    sizeof(n.clock_state.frozen), "limit passed");
		OK(why_synced(&n, c->offset_ns, why) == c->synced,
		    "%s: in sync or not", c->what);
		OK(c->why == NULL ? why[0] == '\0'
				  : strncmp(why, c->why, strlen(c->why)) == 0,
		    "%s: \"%s\"", c->what, why);
	}
}

static void
why_is(const char *want, const char *what)
{
	char why[REASON_LEN];

	OK(!why_synced(&n, 0, why) && strcmp(why, want) == 0, "%s: \"%s\"",
	    what, why);
}

/* Sources without a vote are not always silent. */
static void
test_voteless(void)
{
	struct slot *s[2];

	begin(0);
	add_entry(0, 0, "x");
	s[0] = add_slot(0, 1);
	why_is("no source has answered yet", "just asked");
	s[0]->source.reach = s[0]->source.version = 1;
	why_is("1 source answers, but has no vote before 3 measurements",
	    "the first answer");
	s[1] = add_slot(0, 2);
	s[1]->source.reach = 1;
	why_is("2 sources answer, but have no vote before 3 measurements",
	    "the first answers");
	s[1]->smeared = true;
	why_is("1 source answers, but has no vote before 3 measurements",
	    "another is smeared");
	s[0]->source.reach = 0;
	why_is("those that answer serve smeared time", "one is silent again");
	s[1]->source.reach = 0;
	why_is("no source answers any more", "both are");
	s[1]->source.last_reject = VERDICT_UNSYNCED;
	why_is("no answer of a source can be used", "one has no time");
	s[1]->error = ECONNREFUSED;
	why_is("no source answers any more", "and then is not there");
	s[0]->self = s[1]->self = true;
	n.decision.agreement.ever = true;
	why_is("each source is this machine itself", "it asks itself");
	add_entry(1, 1, "y");
	why_is("no source answers any more", "and a name without address");
}

static void
test_why_not(void)
{
	char why[REASON_LEN];
	struct slot *s;

	begin(0);
	add_entry(0, 0, "x");
	(void)why_synced(&n, 0, why);
	OK(strcmp(why, "no source has answered yet") == 0, "\"%s\"", why);
	test_voteless();
	begin(0);
	add_entry(0, 0, "x");
	n.decision.agreement.now.votes = 1;
	n.decision.agreement.now.needed = 2;
	n.decision.agreement.now.agreeing = 1;
	(void)why_synced(&n, 0, why);
	OK(strcmp(why, "2 sources must agree, 1 does") == 0, "\"%s\"", why);
	n.decision.agreement.now.needed = 1;
	n.decision.agreement.now.agreeing = 0;
	(void)why_synced(&n, 0, why);
	OK(strcmp(why, "1 source must agree, 0 do") == 0, "\"%s\"", why);
	n.decision.agreement.now.votes = 0;
	n.decision.agreement.ever = true;
	(void)why_synced(&n, 0, why);
	OK(strcmp(why, "no source answers any more") == 0, "\"%s\"", why);
	n.decision.agreement.paused = true;
	OK(!why_synced(&n, 0, why) && strstr(why, "was paused") != NULL,
	    "after a pause: \"%s\"", why);
	n.decision.agreement.paused = false;
	agree();
	n.decision.agreement.now.votes = 0;
	n.decision.agreement.now.agreed = false;
	OK(why_synced(&n, 0, why) && strcmp(why, "no source answers") == 0,
	    "held: \"%s\"", why);
	s = add_slot(0, 1);
	s->smeared = true;
	s->source.reach = 1;
	OK(why_synced(&n, 0, why) && strstr(why, "smeared") != NULL,
	    "held, there is none but smeared time: \"%s\"", why);
	n.decision.agreement.now.votes = 2;
	n.decision.agreement.now.needed = 2;
	n.decision.agreement.now.agreeing = 1;
	OK(why_synced(&n, 0, why) &&
		strcmp(why, "2 sources must agree, 1 does") == 0,
	    "held, they disagree: \"%s\"", why);
}

/* The head of the next answer. */
static struct msg_status
head(void)
{
	struct msg_status st = { .flags = UINT32_MAX };
	union msg m;
	int fd;

	report_ask(&n.report, 7);
	report_step(&n);
	while (msg_recv(&observer, &m, &fd) == MSG_GOT)
		if (m.h.type == MSG_STATUS)
			st = m.status;
	return st;
}

/* Holdover: no agreement, or the selected sources are silent. */
static void
test_holdover(void)
{
	static const struct {
		const char *what;
		bool agreed;
		uint8_t reach;
		bool waiting;
		bool holdover;
	} cases[] = {
		{ "all is well", true, 0xff, false, false },
		{ "two answers are missing", true, 0xfc, false, false },
		{ "three are", true, 0xf8, false, true },
		{ "the third may still come", true, 0xf8, true, false },
		{ "it has not, nor the fourth", true, 0xf0, true, true },
		{ "there is no agreement", false, 0xff, false, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct msg_status st;
		struct slot *s;
		uint32_t flags = STATUS_SYNCED | STATUS_KNOWN;

		begin(0);
		add_entry(0, 0, "x");
		s = add_slot(0, 1);
		agree();
		s->status = SLOT_SELECTED;
		s->source.reach = cases[i].reach;
		s->source.query = cases[i].waiting ? QUERY_WAITING : QUERY_IDLE;
		n.decision.agreement.now.agreed = cases[i].agreed;
		n.decision.measured_at.ns = 1000 * NS_PER_S;
		n.decision.measured_utc.ns = 5000 * NS_PER_S;
		n.clocks.pair.raw_ns += 77 * NS_PER_S;
		st = head();
		flags |= cases[i].holdover ? STATUS_HOLDOVER : 0;
		IS_I64(
		    st.flags, flags, "%s: in holdover or not", cases[i].what);
		IS_I64(st.age_ns, 77 * NS_PER_S, "since the last measurement");
		IS_I64(
		    st.since_ns, 5000 * NS_PER_S, "which stays where it was");
		OK(st.bound_ns > 0, "the error has a bound");
		OK((st.why[0] != '\0') == cases[i].holdover, "\"%s\"", st.why);
	}
}

/* An unknown value is marked as such, and is not 0. */
static void
test_unknown(void)
{
	struct msg_status st;
	union msg m;
	int fd;

	begin(0);
	add_entry(0, 0, "x");
	(void)add_slot(0, 1);
	n.decision.agreement.now.needed = 3;
	n.decision.agreement.now.agreeing = 2;
	st = head();
	IS_I64(st.flags, 0, "nothing is known");
	OK(st.age_ns == -1 && st.bound_ns == -1, "no age, no bound");
	OK(st.agreeing == 2 && st.needed == 3 && st.selected == 0,
	    "two agree, though that is not enough");
	report_ask(&n.report, 8);
	report_step(&n);
	while (msg_recv(&observer, &m, &fd) == MSG_GOT)
		if (m.h.type == MSG_SOURCE_STATUS)
			IS_I64(m.source_status.flags, 0,
			    "of a source that never answered neither");
}

/* Both numbers are sent: the estimate, and its bound. */
static void
test_why_far(void)
{
	char why[REASON_LEN];
	struct slot *s;

	begin(0);
	add_entry(0, 0, "x");
	s = add_slot(0, 1);
	s->status = SLOT_TOO_FAR;
	n.table.config.max_distance_ns = 1500 * NS_PER_MS;
	report_why(&n, s, why);
	OK(strcmp(why, "its root distance is 16 s, the maximum is 1.5 s") == 0,
	    "a source: \"%s\"", why);
	OK(!why_synced(&n, 0, why) &&
		strcmp(why,
		    "the nearest source has a root distance of 16 s, the "
		    "maximum is 1.5 s") == 0,
	    "all of them: \"%s\"", why);
	begin(0);
	add_entry(0, 0, "x");
	(void)add_slot(0, 1);
	agree();
	n.decision.synced = false;
	n.decision.agreement.last.distance_ns = 4 * NS_PER_S;
	OK(!why_synced(&n, 0, why) &&
		strcmp(why,
		    "the error may be as large as 4 s, the maximum distance is "
		    "3 s") == 0,
	    "those that agree together: \"%s\"", why);
	agree();
	n.decision.agreement.last.stratum = 16;
	OK(why_synced(&n, 0, why) && why[0] == '\0',
	    "one of stratum 15 is good for this machine");
}

static void
test_why_source(void)
{
	char why[REASON_LEN];
	struct slot *s;

	begin(0);
	add_entry(0, 0, "x");
	s = add_slot(0, 1);
	for (int i = SLOT_UNREACHABLE; i < SLOT_SELECTED; i++) {
		s->status = (enum slot_status)i;
		report_why(&n, s, why);
		OK(why[0] != '\0' || i == SLOT_UNAUTHENTICATED,
		    "state %d has its reason: \"%s\"", i, why);
	}
	s->status = SLOT_SMEARED;
	s->smeared = true;
	report_why(&n, s, why);
	OK(strcmp(why, "it serves smeared time") == 0, "\"%s\"", why);
	s->status = SLOT_SELECTED;
	report_why(&n, s, why);
	OK(why[0] == '\0', "one that is selected needs none");
	s->status = SLOT_UNREACHABLE;
	n.table.entries[0].key_id = 7;
	report_why(&n, s, why);
	OK(strstr(why, "signed with key 7") != NULL, "\"%s\"", why);
	n.table.entries[0].key_id = 0;
	s->source.last_reject = VERDICT_MODE;
	report_why(&n, s, why);
	OK(strstr(why, verdict_str(VERDICT_MODE)) != NULL, "\"%s\"", why);
	s->smeared = false;
	(void)why_synced(&n, 0, why);
	OK(strcmp(why, "no answer of a source can be used") == 0, "\"%s\"",
	    why);
	s->error = ECONNREFUSED;
	report_why(&n, s, why);
	OK(strncmp(why, "connection refused", 18) == 0,
	    "what the network says last: \"%s\"", why);
}

/* Read one answer from the channel; returns its length, 0 if incomplete. */
static int
take_answer(uint32_t id, char names[8][NAME_LEN])
{
	union msg m;
	int fd, count = 0;

	for (int i = 0;; i++) {
		if (msg_recv(&observer, &m, &fd) != MSG_GOT)
			report_step(&n); /* there is room again */
		else if (m.h.type == MSG_STATUS && m.status.id == id)
			count++;
		else if (m.h.type == MSG_STATUS_END && m.status_end.id == id)
			return count + 1;
		else if (m.h.type != MSG_SOURCE_STATUS ||
		    m.source_status.id != id || count == 0)
			return 0;
		else {
			if (count <= 8)
				memcpy(names[count - 1], m.source_status.name,
				    NAME_LEN);
			count++;
		}
		if (i > 10000)
			return 0;
	}
}

static void
test_answer(void)
{
	char names[8][NAME_LEN];
	struct slot *s;

	begin(0);
	add_entry(3, 1, "second");
	add_entry(1, 0, "first");
	add_entry(2, 2, "third");
	s = add_slot(3, 1);
	s->status = SLOT_UNREACHABLE;
	(void)add_slot(2, 2);
	(void)add_slot(3, 3);
	n.table.entries[1].lookup.error = EAI_NONAME;
	report_ask(&n.report, 42);
	report_step(&n);
	IS_I64(take_answer(42, names), 6, "an answer is 6 messages");
	OK(strcmp(names[0], "first") == 0 && strcmp(names[1], "second") == 0 &&
		strcmp(names[2], "second") == 0 &&
		strcmp(names[3], "third") == 0,
	    "in the order of the configuration");
	OK(!report_waiting(&n.report), "then nothing waits");
	begin(0);
	report_ask(&n.report, 1);
	report_step(&n);
	IS_I64(take_answer(1, names), 2, "without sources it is 2");
}

static void
test_full_channel(void)
{
	char names[8][NAME_LEN];
	const int size = 4608; /* socket's buffer: a few messages */
	uint32_t answered = 0;

	begin(0);
	(void)setsockopt(
	    n.observe.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	for (uint32_t i = 0; i < SOURCES_MAX; i++) {
		add_entry(i, i, "x");
		(void)add_slot(i, (uint8_t)i);
	}
	for (uint32_t id = 1; id <= ASKS_MAX + 5; id++)
		report_ask(&n.report, id);
	report_step(&n);
	OK(report_waiting(&n.report), "a full channel makes answers wait");
	for (uint32_t id = 1; id <= ASKS_MAX; id++)
		answered += take_answer(id, names) == SOURCES_MAX + 2;
	IS_I64(answered, ASKS_MAX, "each question gets its whole answer");
	OK(!report_waiting(&n.report), "but for those that were too many");
}

static void
test_reload_between(void)
{
	char names[8][NAME_LEN];
	const int size = 4608;

	begin(0);
	(void)setsockopt(
	    n.observe.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	for (uint32_t i = 0; i < SOURCES_MAX; i++)
		add_entry(i, i, "x");
	report_ask(&n.report, 5);
	report_step(&n);
	memset(n.table.entries, 0, sizeof(n.table.entries));
	OK(take_answer(5, names) > 2, "sources may go while it is given");
	report_ask(&n.report, 6);
	channel_close(&n.observe);
	report_step(&n);
	OK(!report_waiting(&n.report), "nobody there: the question is gone");
}

int
main(void)
{
	observer = channel_none(PROC_OBSERVE, PROC_NET);
	n.observe = channel_none(PROC_NET, PROC_OBSERVE);
	test_synced();
	test_why_not();
	test_holdover();
	test_unknown();
	test_why_far();
	test_why_source();
	test_answer();
	test_full_channel();
	test_reload_between();
	return DONE();
}
