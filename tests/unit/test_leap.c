/*
 * Leap seconds: armed on the last day, cancelled, done once.
 */
#include "core/leap/leap.h"

#include <string.h>

#include "tests/tap.h"

#define DAY_S INT64_C(86400)
#define END_S INT64_C(1483228800) /* 2017-01-01 00:00:00 */

static struct wall
at_s(int64_t s)
{
	return (struct wall){ s * NS_PER_S };
}

static void
test_arming(void)
{
	static const struct {
		const char *name;
		int64_t before_s; /* the end */
		enum leap leap, armed;
	} t[] = {
		{ "a day and a second before", 86401, LEAP_INSERT, LEAP_NONE },
		{ "a day before", 86400, LEAP_INSERT, LEAP_INSERT },
		{ "a second before", 1, LEAP_INSERT, LEAP_INSERT },
		{ "deletion", 3600, LEAP_DELETE, LEAP_DELETE },
		{ "nothing announced", 3600, LEAP_NONE, LEAP_NONE },
		{ "not synchronized", 3600, LEAP_UNKNOWN, LEAP_NONE },
		{ "just after", 0, LEAP_INSERT, LEAP_NONE },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct leap_watch w = { 0 };

		leap_announce(
		    &w, t[i].leap, at_s(END_S - t[i].before_s), false);
		IS_I64(w.armed, t[i].armed, "%s", t[i].name);
		if (t[i].armed != LEAP_NONE)
			IS_I64(
			    w.when.ns, END_S * NS_PER_S, "%s: when", t[i].name);
	}
}

static void
test_take_back(void)
{
	struct leap_watch w = { 0 };

	leap_announce(&w, LEAP_INSERT, at_s(END_S - 3600), false);
	leap_announce(&w, LEAP_UNKNOWN, at_s(END_S - 3500), false);
	IS_I64(w.armed, LEAP_INSERT, "LEAP_UNKNOWN takes nothing back");
	leap_announce(&w, LEAP_NONE, at_s(END_S - 61), false);
	IS_I64(w.armed, LEAP_NONE, "taken back in time");
	OK(!leap_quiet(&w, at_s(END_S)), "and then not quiet");
	leap_announce(&w, LEAP_INSERT, at_s(END_S - 61), false);
	IS_I64(w.armed, LEAP_INSERT, "and announced again");
	leap_announce(&w, LEAP_NONE, at_s(END_S - 60), false);
	IS_I64(w.armed, LEAP_INSERT, "too late to take it back");
	w = (struct leap_watch){ 0 };
	leap_announce(&w, LEAP_INSERT, at_s(END_S - 3600), false);
	leap_announce(&w, LEAP_DELETE, at_s(END_S - 3000), false);
	IS_I64(w.armed, LEAP_DELETE, "the sources change their minds");
	leap_announce(&w, LEAP_DELETE, at_s(END_S - 10 * 86400), false);
	IS_I64(w.armed, LEAP_NONE, "the clock was set back by days");
}

static void
test_insert(void)
{
	struct leap_watch w = { 0 };

	leap_announce(&w, LEAP_INSERT, at_s(END_S - 3600), false);
	OK(!leap_quiet(&w, at_s(END_S - 6)), "6 s before: not quiet");
	OK(leap_near(&w, at_s(END_S - 64)) && leap_near(&w, at_s(END_S)) &&
		!leap_near(&w, at_s(END_S - 65)),
	    "but it is near, from 64 s before");
	OK(leap_quiet(&w, at_s(END_S - 5)), "5 s before: quiet");
	IS_I64(leap_passed(&w, at_s(END_S - 1)), 0, "not yet");
	IS_I64(leap_passed(&w, at_s(END_S)), -NS_PER_S, "UTC goes back");
	IS_I64(leap_passed(&w, at_s(END_S + 1)), 0, "only once");
	leap_announce(&w, LEAP_INSERT, at_s(END_S - 1), false);
	IS_I64(w.armed, LEAP_NONE, "23:59:60 does not arm it again");
	OK(leap_quiet(&w, at_s(END_S - 1)), "quiet in 23:59:60");
	OK(leap_quiet(&w, at_s(END_S + 5)), "quiet 5 s after");
	OK(!leap_quiet(&w, at_s(END_S + 6)), "not 6 s after");
	IS_I64(w.before.ns, END_S * NS_PER_S, "it is remembered");
	leap_announce(&w, LEAP_INSERT, at_s(END_S + 31 * DAY_S - 60), true);
	IS_I64(w.armed, LEAP_NONE, "a month later it does not happen again");
	leap_announce(&w, LEAP_INSERT, at_s(END_S + 181 * DAY_S - 60), false);
	IS_I64(w.armed, LEAP_INSERT, "half a year later it may");
}

static void
test_delete(void)
{
	struct leap_watch w = { 0 };

	leap_announce(&w, LEAP_DELETE, at_s(END_S - 3600), false);
	IS_I64(leap_passed(&w, at_s(END_S - 2)), 0, "23:59:58 is there");
	IS_I64(
	    leap_passed(&w, at_s(END_S - 1)), NS_PER_S, "23:59:59 is left out");
	OK(leap_quiet(&w, at_s(END_S)), "quiet after it");
	IS_I64(w.before.ns, END_S * NS_PER_S, "it is remembered, too");
}

/* The last days of the months of 2025, an hour before they end. */
static void
test_months(void)
{
	static const struct {
		const char *name;
		int64_t end_s;
		bool may, may_if_listed;
	} t[] = {
		{ "January", 1738368000, false, false },
		{ "February", 1740787200, false, false },
		{ "March", 1743465600, false, true },
		{ "April", 1746057600, false, false },
		{ "May", 1748736000, false, false },
		{ "June", 1751328000, true, true },
		{ "July", 1754006400, false, false },
		{ "August", 1756684800, false, false },
		{ "September", 1759276800, false, true },
		{ "October", 1761955200, false, false },
		{ "November", 1764547200, false, false },
		{ "December", 1767225600, true, true },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct wall utc = at_s(t[i].end_s - 3600);
		struct leap_watch said = { 0 }, listed = { 0 };

		leap_announce(&said, LEAP_INSERT, utc, false);
		OK((said.armed == LEAP_INSERT) == t[i].may, "%s: %s", t[i].name,
		    t[i].may ? "if servers say so" : "whatever servers say");
		leap_announce(&listed, LEAP_INSERT, utc, true);
		OK((listed.armed == LEAP_INSERT) == t[i].may_if_listed,
		    "%s, listed: %s", t[i].name,
		    t[i].may_if_listed ? "believed" : "not even then");
	}
}

/* At most one in five months, whatever UTC is thought to be. */
static void
test_apart(void)
{
	static const struct {
		const char *name;
		int64_t before_s, end_s;
		bool may;
	} t[] = {
		{ "none before", 0, 1751328000, true },
		{ "the one half a year before", 1735689600, 1751328000, true },
		{ "three months before", 1743465600, 1751328000, false },
		{ "just under 150 days before", 1751328000 - 150 * DAY_S + 1,
		    1751328000, false },
		{ "150 days before", 1751328000 - 150 * DAY_S, 1751328000,
		    true },
		{ "the same", 1751328000, 1751328000, false },
		{ "just under 150 days after, by a UTC that was wrong",
		    1751328000 + 150 * DAY_S - 1, 1751328000, false },
		{ "150 days after", 1751328000 + 150 * DAY_S, 1751328000,
		    true },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct leap_watch w = { .before = at_s(t[i].before_s) };

		leap_announce(&w, LEAP_DELETE, at_s(t[i].end_s - 9), true);
		OK((w.armed == LEAP_DELETE) == t[i].may, "%s: %s", t[i].name,
		    t[i].may ? "believed" : "not believed");
	}
}

static void
test_listed(void)
{
	static const int64_t list[] = { END_S * NS_PER_S,
		(END_S + 1000 * DAY_S) * NS_PER_S, 0, 0 };

	OK(leap_listed(list, 4, at_s(END_S - 1)), "in the list, a second left");
	OK(leap_listed(list, 4, at_s(END_S - DAY_S)), "a day left");
	OK(!leap_listed(list, 4, at_s(END_S - DAY_S - 1)), "more than a day");
	OK(!leap_listed(list, 4, at_s(END_S)), "it is over");
	OK(!leap_listed(list, 0, at_s(END_S - 1)), "no list");
	OK(!leap_listed(list, 4, at_s(END_S + 31 * DAY_S - 1)),
	    "the end of another month");
	OK(!leap_listed(list + 1, 1, at_s(END_S + 1000 * DAY_S - 1)),
	    "what is no end of a month is none of a list, either");
}

static void
test_late(void)
{
	struct leap_watch w = { 0 };

	leap_announce(&w, LEAP_INSERT, at_s(END_S - 60), false);
	leap_announce(&w, LEAP_NONE, at_s(END_S + 10 * 3600), false);
	IS_I64(leap_passed(&w, at_s(END_S + 10 * 3600)), -NS_PER_S,
	    "noticed hours after, for instance after a suspend");
	w = (struct leap_watch){ 0 };
	OK(!leap_quiet(&w, (struct wall){ INT64_MAX }), "end of time");
	OK(!leap_quiet(&w, (struct wall){ 0 }), "nothing armed at 1970");
	OK(!leap_near(&w, (struct wall){ INT64_MAX }) &&
		!leap_near(&w, (struct wall){ 0 }),
	    "and none is near");
	IS_I64(leap_passed(&w, (struct wall){ INT64_MIN }), 0, "start of time");
}

int
main(void)
{
	test_arming();
	test_take_back();
	test_insert();
	test_delete();
	test_months();
	test_apart();
	test_listed();
	test_late();
	return DONE();
}
