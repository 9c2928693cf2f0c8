/*
 * Leap seconds: armed on the last day, taken back, passed once.
 */
#include "leap.h"

#include <string.h>

#include "tap.h"

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

		leap_announce(&w, t[i].leap, at_s(END_S - t[i].before_s));
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

	leap_announce(&w, LEAP_INSERT, at_s(END_S - 3600));
	leap_announce(&w, LEAP_UNKNOWN, at_s(END_S - 3500));
	IS_I64(w.armed, LEAP_INSERT, "LEAP_UNKNOWN takes nothing back");
	leap_announce(&w, LEAP_NONE, at_s(END_S - 61));
	IS_I64(w.armed, LEAP_NONE, "taken back in time");
	OK(!leap_quiet(&w, at_s(END_S)), "and then not quiet");
	leap_announce(&w, LEAP_INSERT, at_s(END_S - 61));
	IS_I64(w.armed, LEAP_INSERT, "and announced again");
	leap_announce(&w, LEAP_NONE, at_s(END_S - 60));
	IS_I64(w.armed, LEAP_INSERT, "too late to take it back");
	w = (struct leap_watch){ 0 };
	leap_announce(&w, LEAP_INSERT, at_s(END_S - 3600));
	leap_announce(&w, LEAP_DELETE, at_s(END_S - 3000));
	IS_I64(w.armed, LEAP_DELETE, "the sources change their minds");
	leap_announce(&w, LEAP_DELETE, at_s(END_S - 10 * 86400));
	IS_I64(w.armed, LEAP_NONE, "the clock was set back by days");
}

static void
test_insert(void)
{
	struct leap_watch w = { 0 };

	leap_announce(&w, LEAP_INSERT, at_s(END_S - 3600));
	OK(!leap_quiet(&w, at_s(END_S - 6)), "6 s before: not quiet");
	OK(leap_quiet(&w, at_s(END_S - 5)), "5 s before: quiet");
	IS_I64(leap_passed(&w, at_s(END_S - 1)), 0, "not yet");
	IS_I64(leap_passed(&w, at_s(END_S)), -NS_PER_S, "UTC goes back");
	IS_I64(leap_passed(&w, at_s(END_S + 1)), 0, "only once");
	leap_announce(&w, LEAP_INSERT, at_s(END_S - 1));
	IS_I64(w.armed, LEAP_NONE, "23:59:60 does not arm it again");
	OK(leap_quiet(&w, at_s(END_S - 1)), "quiet in 23:59:60");
	OK(leap_quiet(&w, at_s(END_S + 5)), "quiet 5 s after");
	OK(!leap_quiet(&w, at_s(END_S + 6)), "not 6 s after");
	leap_announce(&w, LEAP_INSERT, at_s(END_S + 31 * 86400 - 60));
	IS_I64(w.armed, LEAP_INSERT, "a month later it may happen again");
}

static void
test_delete(void)
{
	struct leap_watch w = { 0 };

	leap_announce(&w, LEAP_DELETE, at_s(END_S - 3600));
	IS_I64(leap_passed(&w, at_s(END_S - 2)), 0, "23:59:58 is there");
	IS_I64(
	    leap_passed(&w, at_s(END_S - 1)), NS_PER_S, "23:59:59 is left out");
	OK(leap_quiet(&w, at_s(END_S)), "quiet after it");
}

static void
test_late(void)
{
	struct leap_watch w = { 0 };

	leap_announce(&w, LEAP_INSERT, at_s(END_S - 60));
	leap_announce(&w, LEAP_NONE, at_s(END_S + 10 * 3600));
	IS_I64(leap_passed(&w, at_s(END_S + 10 * 3600)), -NS_PER_S,
	    "noticed hours after, for instance after a suspend");
	w = (struct leap_watch){ 0 };
	OK(!leap_quiet(&w, (struct wall){ INT64_MAX }), "end of time");
	OK(!leap_quiet(&w, (struct wall){ 0 }), "nothing armed at 1970");
	IS_I64(leap_passed(&w, (struct wall){ INT64_MIN }), 0, "start of time");
}

int
main(void)
{
	test_arming();
	test_take_back();
	test_insert();
	test_delete();
	test_late();
	return DONE();
}
