/*
 * Which entries of a leap second list are believed, and what is smeared.
 */
#include "core/leap/believe.h"

#include "tests/tap.h"

#define END_S  INT64_C(1798761600) /* 2027-01-01 */
#define LAST_S INT64_C(1483228800) /* 2017-01-01 */
#define HOUR_S 3600
#define DAY_S  86400

static struct leap_list list;

static struct wall
at_s(int64_t s)
{
	return (struct wall){ s * NS_PER_S };
}

/* One leap second was inserted, another one will be deleted. */
static struct leap_list
two(void)
{
	return (struct leap_list){ .expiry = at_s(END_S + 180 * DAY_S),
		.count = 2,
		.entries = { { at_s(LAST_S), LEAP_INSERT },
		    { at_s(END_S), LEAP_DELETE } } };
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
		list = two();
		list.expiry.ns = announced[i].expiry_s * NS_PER_S;
		IS_I64(leap_believed(&list, announced[i].majority,
			   at_s(announced[i].utc_s)),
		    announced[i].want, "%s", announced[i].name);
	}
}

/* March and September count where a valid file lists them. */
static void
test_listed(void)
{
	list = two();
	OK(leap_list_has(&list, at_s(END_S - HOUR_S)), "listed for this month");
	OK(!leap_list_has(&list, at_s(END_S)), "it is over");
	OK(!leap_list_has(&list, at_s(END_S - DAY_S - 1)), "not the last day");
	OK(!leap_list_has(&list, at_s(END_S - 31 * DAY_S - HOUR_S)),
	    "another month");
	list.expiry.ns = (END_S - HOUR_S) * NS_PER_S;
	OK(!leap_list_has(&list, at_s(END_S - HOUR_S)), "an expired list");
	list.expiry.ns = 0;
	OK(!leap_list_has(&list, at_s(END_S - HOUR_S)), "no list at all");
}

static void
test_smear(void)
{
	struct leap_watch watch = { .armed = LEAP_NONE };
	struct smear s;

	list = two();
	s = leap_smear(&list, &watch, at_s(LAST_S + 10 * DAY_S), DAY_S);
	OK(s.kind == LEAP_DELETE && s.leap.ns == END_S * NS_PER_S &&
		s.length_s == DAY_S && !s.passed,
	    "the next one");
	s = leap_smear(&list, &watch, at_s(LAST_S - DAY_S / 2), DAY_S);
	OK(s.leap.ns == LAST_S * NS_PER_S && !s.passed, "one of the past");
	s = leap_smear(&list, &watch, at_s(END_S + DAY_S / 2), DAY_S);
	OK(s.leap.ns == END_S * NS_PER_S && s.passed, "until its end");
	s = leap_smear(&list, &watch, at_s(END_S + DAY_S / 2 + 2), DAY_S);
	IS_I64(s.kind, LEAP_NONE, "and then none");
	watch =
	    (struct leap_watch){ .armed = LEAP_DELETE, .when = at_s(END_S) };
	s = leap_smear(&list, &watch, at_s(END_S + 5), DAY_S);
	OK(s.kind == LEAP_DELETE && !s.passed, "the line has not made it");
	watch.armed = LEAP_NONE;
	s = leap_smear(&list, &watch, at_s(END_S - 1), DAY_S);
	OK(s.kind == LEAP_DELETE && s.passed, "the line has made it");
	list.expiry.ns = (END_S - 100 * DAY_S) * NS_PER_S;
	watch = (struct leap_watch){ .armed = LEAP_NONE };
	s = leap_smear(&list, &watch, at_s(END_S - HOUR_S), DAY_S);
	IS_I64(s.kind, LEAP_NONE, "not one that an expired file promised");
	list.expiry.ns = (LAST_S + HOUR_S) * NS_PER_S;
	s = leap_smear(&list, &watch, at_s(LAST_S + 2 * HOUR_S), DAY_S);
	OK(s.leap.ns == LAST_S * NS_PER_S && s.passed,
	    "but one that happened before it did");
}

int
main(void)
{
	test_announced();
	test_listed();
	test_smear();
	return DONE();
}
