/*
 * What ntp-net makes of a list of leap seconds: whom it believes, what is
 * smeared, and which sources are.
 */
#include "ntp-net/poll/leaps.h"

#include <string.h>

#include "ntp-net/poll/decide.h"
#include "tests/tap.h"

#define END_S  INT64_C(1798761600) /* 2027-01-01 */
#define LAST_S INT64_C(1483228800) /* 2017-01-01 */
#define HOUR_S 3600
#define DAY_S  86400

static struct leaps leaps;

static struct wall
at_s(int64_t s)
{
	return (struct wall){ s * NS_PER_S };
}

static struct msg_leaps
message(void)
{
	return (struct msg_leaps){ .count = 2,
		.smear_s = DAY_S,
		.expiry_ns = (END_S + 180 * DAY_S) * NS_PER_S,
		.at_ns = { LAST_S * NS_PER_S, END_S * NS_PER_S },
		.kind = { LEAP_INSERT, LEAP_DELETE } };
}

static void
test_take(void)
{
	struct msg_leaps good = message(), m;
	struct leaps before;

	memset(&leaps, 0, sizeof(leaps));
	OK(leaps_take(&leaps, &good) == 0, "a good message");
	before = leaps;
#define BAD(member, value)                                                     \
	m = good;                                                              \
	m.member = value;                                                      \
	OK(leaps_take(&leaps, &m) == -1 &&                                     \
		memcmp(&leaps, &before, sizeof(leaps)) == 0,                   \
	    "refused: " #member " = " #value)
	BAD(count, LEAPS_MAX + 1);
	BAD(count, UINT32_MAX);
	BAD(count, 3);
	BAD(smear_s, 3601);
	BAD(smear_s, 1800);
	BAD(smear_s, UINT32_MAX);
	BAD(expiry_ns, -1);
	BAD(at_ns[0], END_S * NS_PER_S);
	BAD(at_ns[1], END_S * NS_PER_S + 1);
	BAD(at_ns[1], (END_S + DAY_S) * NS_PER_S);
	BAD(at_ns[0], INT64_MIN);
	BAD(at_ns[1], INT64_MAX);
	BAD(kind[0], LEAP_NONE);
	BAD(kind[1], LEAP_UNKNOWN);
	m = (struct msg_leaps){ .count = 0 };
	OK(leaps_take(&leaps, &m) == 0, "there is no file any more");
}

static const struct {
	const char *name;
	int64_t expiry_s;
	int64_t utc_s;
	enum leap majority;
	enum leap want;
} announced[] = {
	{ "on the last day", END_S + DAY_S, END_S - HOUR_S, LEAP_NONE,
	    LEAP_DELETE },
	{ "the sources have not spoken", END_S + DAY_S, END_S - HOUR_S,
	    LEAP_UNKNOWN, LEAP_DELETE },
	{ "the sources say the opposite", END_S + DAY_S, END_S - HOUR_S,
	    LEAP_INSERT, LEAP_DELETE },
	{ "the day before", END_S + DAY_S, END_S - DAY_S - 1, LEAP_NONE,
	    LEAP_NONE },
	{ "the sources say so a day before", END_S + DAY_S, END_S - DAY_S - 1,
	    LEAP_DELETE, LEAP_NONE },
	{ "another month", END_S + DAY_S, END_S - 31 * DAY_S - HOUR_S,
	    LEAP_INSERT, LEAP_NONE },
	{ "years ago", END_S + DAY_S, LAST_S - HOUR_S, LEAP_NONE, LEAP_INSERT },
	{ "the file has expired", END_S - HOUR_S, END_S - HOUR_S, LEAP_NONE,
	    LEAP_NONE },
	{ "expired, the sources say so", END_S - HOUR_S, END_S - HOUR_S,
	    LEAP_INSERT, LEAP_INSERT },
	{ "expired, nobody has spoken", END_S - HOUR_S, END_S - HOUR_S,
	    LEAP_UNKNOWN, LEAP_UNKNOWN },
	{ "there is no file", 0, END_S - HOUR_S, LEAP_INSERT, LEAP_INSERT },
};

static void
test_announced(void)
{
	for (size_t i = 0; i < sizeof(announced) / sizeof(announced[0]); i++) {
		leaps.told = message();
		leaps.told.expiry_ns = announced[i].expiry_s * NS_PER_S;
		IS_I64(leaps_announced(&leaps, announced[i].majority,
			   at_s(announced[i].utc_s)),
		    announced[i].want, "%s", announced[i].name);
	}
}

/* March and September count where a valid file lists them. */
static void
test_listed(void)
{
	leaps.told = message();
	OK(leaps_listed(&leaps, at_s(END_S - HOUR_S)), "listed for this month");
	OK(!leaps_listed(&leaps, at_s(END_S)), "it is over");
	OK(!leaps_listed(&leaps, at_s(END_S - DAY_S - 1)), "not the last day");
	OK(!leaps_listed(&leaps, at_s(END_S - 31 * DAY_S - HOUR_S)),
	    "another month");
	leaps.told.expiry_ns = (END_S - HOUR_S) * NS_PER_S;
	OK(!leaps_listed(&leaps, at_s(END_S - HOUR_S)), "an expired list");
	leaps.told.expiry_ns = 0;
	OK(!leaps_listed(&leaps, at_s(END_S - HOUR_S)), "no list at all");
}

static void
test_smear(void)
{
	struct leap_watch watch = { .armed = LEAP_NONE };
	struct smear s;

	leaps.told = message();
	s = leaps_smear(&leaps, &watch, at_s(LAST_S + 10 * DAY_S), DAY_S);
	OK(s.kind == LEAP_DELETE && s.leap.ns == END_S * NS_PER_S &&
		s.length_s == DAY_S && !s.passed,
	    "the next one");
	s = leaps_smear(&leaps, &watch, at_s(LAST_S - DAY_S / 2), DAY_S);
	OK(s.leap.ns == LAST_S * NS_PER_S && !s.passed, "one of the past");
	s = leaps_smear(&leaps, &watch, at_s(END_S + DAY_S / 2), DAY_S);
	OK(s.leap.ns == END_S * NS_PER_S && s.passed, "until its end");
	s = leaps_smear(&leaps, &watch, at_s(END_S + DAY_S / 2 + 2), DAY_S);
	IS_I64(s.kind, LEAP_NONE, "and then none");
	watch =
	    (struct leap_watch){ .armed = LEAP_DELETE, .when = at_s(END_S) };
	s = leaps_smear(&leaps, &watch, at_s(END_S + 5), DAY_S);
	OK(s.kind == LEAP_DELETE && !s.passed, "the line has not made it");
	watch.armed = LEAP_NONE;
	s = leaps_smear(&leaps, &watch, at_s(END_S - 1), DAY_S);
	OK(s.kind == LEAP_DELETE && s.passed, "the line has made it");
	leaps.told.expiry_ns = (END_S - 100 * DAY_S) * NS_PER_S;
	watch = (struct leap_watch){ .armed = LEAP_NONE };
	s = leaps_smear(&leaps, &watch, at_s(END_S - HOUR_S), DAY_S);
	IS_I64(s.kind, LEAP_NONE, "not one that an expired file promised");
	leaps.told.expiry_ns = (LAST_S + HOUR_S) * NS_PER_S;
	s = leaps_smear(&leaps, &watch, at_s(LAST_S + 2 * HOUR_S), DAY_S);
	OK(s.leap.ns == LAST_S * NS_PER_S && s.passed,
	    "but one that happened before it did");
}

/* --- the net -------------------------------------------------------------- */

static struct net n;

/* A line on which raw time is 1000 s at a UTC. */
static void
begin(int64_t utc_s)
{
	memset(&n, 0, sizeof(n));
	n.clocks.pair.raw_ns = 1000 * NS_PER_S;
	n.decision.ever_agreed = true;
	n.decision.last.line.at.ns = 1000 * NS_PER_S;
	n.decision.last.line.theta_ns = (utc_s - 1000) * NS_PER_S;
	n.leaps.told = message();
	n.leaps.told.smear_s = 0;
}

/* An answer of a source that is off the line by so much, now. */
static void
answer(uint32_t i, int64_t off_us, int64_t delay_ms)
{
	struct slot *s = &n.table.slots[i];

	s->used = true;
	s->source.reach = 1;
	s->source.stratum = 2;
	s->source.refid = 0xc0000201;
	s->source.delay_ns = delay_ms * NS_PER_MS;
	s->source.updated_at.ns = n.clocks.pair.raw_ns;
	s->source.theta_ns = n.decision.last.line.theta_ns + off_us * 1000;
	s->smear_seen.ns = 0;
}

static void
test_page(void)
{
	struct page_time t = { .flags = PAGE_SYNCED };
	struct wall utc = at_s(END_S - HOUR_S);

	begin(END_S - HOUR_S);
	leaps_fill_page(&n, utc, &t);
	OK(t.flags == PAGE_SYNCED && t.smear_kind == 0, "nothing is smeared");
	n.leaps.told.smear_s = DAY_S;
	leaps_fill_page(&n, utc, &t);
	OK(t.flags == (PAGE_SYNCED | PAGE_SMEARS) &&
		t.smear_kind == LEAP_DELETE && t.smear_length_s == DAY_S &&
		t.smear_leap_ns == END_S * NS_PER_S,
	    "a smear is on the page");
	t = (struct page_time){ .flags = PAGE_SYNCED };
	leaps_fill_page(&n, at_s(END_S + 1), &t);
	OK(t.flags == (PAGE_SYNCED | PAGE_SMEARS | PAGE_PASSED) &&
		t.smear_kind == LEAP_DELETE,
	    "the second half of it");
	t = (struct page_time){ .flags = PAGE_LOCAL };
	leaps_fill_page(&n, utc, &t);
	OK(t.flags == (PAGE_LOCAL | PAGE_SMEARS) && t.smear_kind == 0,
	    "no line, no smear, but no announcement");
}

/* 6 h before it, a smeared source is 21600/86399 s ahead: a deletion. */
static const struct {
	const char *name;
	int64_t before_s;
	int64_t off_us;
	int64_t delay_ms;
	bool smeared;
} curves[] = {
	{ "an honest one", 6 * HOUR_S, 0, 20, false },
	{ "on the curve", 6 * HOUR_S, 250003, 20, true },
	{ "a fifth off the curve", 6 * HOUR_S, 200000, 20, true },
	{ "a third off the curve", 6 * HOUR_S, 170000, 20, false },
	{ "on the other side", 6 * HOUR_S, -250003, 20, false },
	{ "a whole second off", 6 * HOUR_S, NS_PER_S / 1000, 20, false },
	{ "on the curve, a way of 0.2 s", 6 * HOUR_S, 250003, 200, false },
	{ "10 minutes after its begin, near", DAY_S / 2 - 600, 6944, 1, true },
	{ "10 minutes after its begin, far", DAY_S / 2 - 600, 6944, 20, false },
	{ "as far, the day before", DAY_S, 250003, 20, false },
};

static void
test_curves(void)
{
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
		begin(END_S - curves[i].before_s);
		for (uint32_t k = 1; k < 4; k++)
			answer(k, 0, 1);
		answer(0, curves[i].off_us, curves[i].delay_ms);
		leaps_note_sources(&n);
		OK(n.table.slots[0].smeared == curves[i].smeared, "%s: %s",
		    curves[i].name, curves[i].smeared ? "smeared" : "not");
		OK(!n.table.slots[1].smeared, "%s: the others are not",
		    curves[i].name);
	}
}

static void
test_course(void)
{
	struct slot *s = &n.table.slots[0];

	begin(END_S - 6 * HOUR_S);
	answer(0, 250003, 20);
	leaps_note_sources(&n);
	OK(s->smeared, "it is smeared");
	answer(0, 250003, 200);
	leaps_note_sources(&n);
	OK(s->smeared, "an answer that proves nothing changes nothing");
	answer(0, 100, 20);
	leaps_note_sources(&n);
	OK(!s->smeared, "it has come back to UTC");
	answer(0, 250003, 20);
	leaps_note_sources(&n);
	begin(END_S + 13 * HOUR_S);
	answer(0, 0, 20);
	s->smeared = true;
	leaps_note_sources(&n);
	OK(!s->smeared, "after the window nobody is");
	n.leaps.told = (struct msg_leaps){ .count = 0 };
	s->smeared = true;
	leaps_note_sources(&n);
	OK(!s->smeared, "nor without a file");
}

/* How many of a number of sources are refused, if some say they smear. */
static int
refused(uint32_t saying, uint32_t others)
{
	int count = 0;

	for (uint32_t i = 0; i < saying + others; i++) {
		answer(i, 0, 1);
		if (i < saying)
			n.table.slots[i].source.refid = SMEAR_REFID;
	}
	leaps_note_sources(&n);
	for (uint32_t i = 0; i < saying + others; i++)
		count += n.table.slots[i].smeared;
	return count;
}

static void
test_said(void)
{
	begin(END_S - 100 * DAY_S);
	IS_I64(refused(1, 3), 1, "one of four says that it smears");
	begin(END_S - 100 * DAY_S);
	IS_I64(refused(2, 2), 2, "two of four");
	begin(END_S - 100 * DAY_S);
	IS_I64(refused(3, 1), 0, "three of four, and nothing is known");
	begin(END_S - 100 * DAY_S);
	IS_I64(refused(4, 0), 0, "all of them: they are followed");
	begin(END_S - HOUR_S);
	IS_I64(refused(4, 0), 4, "but not if a leap second is known");
	begin(END_S - 100 * DAY_S);
	n.leaps.told.smear_s = DAY_S;
	IS_I64(refused(4, 0), 4, "nor to be smeared once more");
	begin(END_S - 100 * DAY_S);
	answer(0, 0, 1);
	n.table.slots[0].source.refid = SMEAR_REFID;
	n.table.slots[0].source.stratum = 1;
	leaps_note_sources(&n);
	OK(!n.table.slots[0].smeared, "at stratum 1 it is another name");
}

int
main(void)
{
	test_take();
	test_announced();
	test_listed();
	test_smear();
	test_page();
	test_curves();
	test_course();
	test_said();
	return DONE();
}
