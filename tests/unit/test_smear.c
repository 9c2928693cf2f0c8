/*
 * The smear, against values computed by hand: T is the end of the month, in UTC
 * without the leap second, b the beginning of the window.
 */
#include "core/leap/smear.h"
#include "tests/tap.h"

#define T_S   INT64_C(1798761600) /* 2027-01-01 */
#define DAY_S 86400
#define NOON  (T_S - DAY_S / 2)

static struct smear
smear(enum leap kind, uint32_t length_s, bool passed)
{
	return (struct smear){ .kind = kind,
		.leap = { T_S * NS_PER_S },
		.length_s = length_s,
		.passed = passed };
}

static const struct {
	const char *name;
	enum leap kind;
	uint32_t length_s;
	bool passed;
	int64_t utc_ns;
	int64_t offset_ns;
} cases[] = {
	/* inserted: 86401 s of UTC, in each 1/86401 s is held back */
	{ "a day before", LEAP_INSERT, DAY_S, false, (T_S - DAY_S) * NS_PER_S,
	    0 },
	{ "at noon", LEAP_INSERT, DAY_S, false, NOON *NS_PER_S, 0 },
	{ "86400 ns after noon", LEAP_INSERT, DAY_S, false,
	    NOON *NS_PER_S + 86400, 0 },
	{ "86401 ns after noon", LEAP_INSERT, DAY_S, false,
	    NOON *NS_PER_S + 86401, -1 },
	{ "86401 us after noon", LEAP_INSERT, DAY_S, false,
	    NOON *NS_PER_S + INT64_C(86401000), -1000 },
	/* 43200/86401 and 43201/86401 of it, rounded down */
	{ "23:59:60 begins, it is not told", LEAP_INSERT, DAY_S, false,
	    T_S *NS_PER_S, -INT64_C(499994213) },
	{ "23:59:60 begins", LEAP_INSERT, DAY_S, true, (T_S - 1) * NS_PER_S,
	    NS_PER_S - INT64_C(499994213) },
	{ "the middle of 23:59:60", LEAP_INSERT, DAY_S, true,
	    T_S *NS_PER_S - NS_PER_S / 2, NS_PER_S / 2 },
	{ "the same, not told", LEAP_INSERT, DAY_S, false,
	    T_S *NS_PER_S + NS_PER_S / 2, -NS_PER_S / 2 },
	{ "midnight", LEAP_INSERT, DAY_S, true, T_S *NS_PER_S,
	    INT64_C(499994214) },
	{ "the last ns before noon", LEAP_INSERT, DAY_S, true,
	    (T_S + DAY_S / 2) * NS_PER_S - 1, 1 },
	{ "noon after it", LEAP_INSERT, DAY_S, true,
	    (T_S + DAY_S / 2) * NS_PER_S, 0 },
	{ "noon after it, not told", LEAP_INSERT, DAY_S, false,
	    (T_S + DAY_S / 2 + 1) * NS_PER_S, -NS_PER_S },
	{ "a year after", LEAP_INSERT, DAY_S, true,
	    (T_S + 365 * DAY_S) * NS_PER_S, 0 },
	/* deleted: 86399 s of UTC, in each 1/86399 s is added */
	{ "deleted: at noon", LEAP_DELETE, DAY_S, false, NOON *NS_PER_S, 0 },
	{ "deleted: 86399 ns after noon", LEAP_DELETE, DAY_S, false,
	    NOON *NS_PER_S + 86399, 1 },
	{ "deleted: the middle", LEAP_DELETE, DAY_S, false,
	    NOON *NS_PER_S + 86399 * NS_PER_S / 2, NS_PER_S / 2 },
	{ "deleted: the middle, told", LEAP_DELETE, DAY_S, true,
	    (NOON + 1) * NS_PER_S + 86399 * NS_PER_S / 2, -NS_PER_S / 2 },
	{ "deleted: the last ns", LEAP_DELETE, DAY_S, true,
	    (T_S + DAY_S / 2) * NS_PER_S - 1, -1 },
	{ "deleted: the end", LEAP_DELETE, DAY_S, true,
	    (T_S + DAY_S / 2) * NS_PER_S, 0 },
	/* other lengths */
	{ "1 h: begin", LEAP_INSERT, 3600, false, (T_S - 1800) * NS_PER_S, 0 },
	{ "1 h: 3601 ns later", LEAP_INSERT, 3600, false,
	    (T_S - 1800) * NS_PER_S + 3601, -1 },
	{ "1 h: end", LEAP_INSERT, 3600, true, (T_S + 1800) * NS_PER_S, 0 },
	{ "48 h: middle", LEAP_INSERT, 2 * DAY_S, true,
	    T_S *NS_PER_S - NS_PER_S / 2, NS_PER_S / 2 },
	/* nothing to smear, and the ends of time */
	{ "no leap second", LEAP_NONE, DAY_S, false, T_S *NS_PER_S, 0 },
	{ "the begin of time", LEAP_INSERT, DAY_S, false, INT64_MIN, 0 },
	{ "the end of time", LEAP_INSERT, DAY_S, true, INT64_MAX, 0 },
	{ "deleted: the begin of time", LEAP_DELETE, DAY_S, true, INT64_MIN,
	    0 },
};

static void
test_values(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct smear s =
		    smear(cases[i].kind, cases[i].length_s, cases[i].passed);
		struct wall utc = { cases[i].utc_ns };

		IS_I64(smear_offset_ns(&s, utc), cases[i].offset_ns, "%s",
		    cases[i].name);
	}
}

static void
test_runs(void)
{
	struct smear s = smear(LEAP_INSERT, DAY_S, false);

	OK(!smear_runs(&s, (struct wall){ NOON * NS_PER_S }), "not yet");
	OK(smear_runs(&s, (struct wall){ NOON * NS_PER_S + 1 }), "it runs");
	s.passed = true;
	OK(smear_runs(&s, (struct wall){ (T_S + DAY_S / 2) * NS_PER_S - 1 }),
	    "it still runs");
	OK(!smear_runs(&s, (struct wall){ (T_S + DAY_S / 2) * NS_PER_S }),
	    "it is over");
	s.kind = LEAP_NONE;
	OK(!smear_runs(&s, (struct wall){ T_S * NS_PER_S }), "there is none");
}

/* Served time at a moment of a scale that counts all seconds. */
static int64_t
served_ns(struct smear *s, int64_t true_ns)
{
	int64_t moved_ns = s->kind == LEAP_INSERT ? NS_PER_S : -NS_PER_S;
	int64_t leap_ns = s->leap.ns - (s->kind == LEAP_DELETE ? NS_PER_S : 0);
	struct wall utc = { true_ns };

	s->passed = true_ns >= leap_ns;
	if (s->passed)
		utc.ns -= moved_ns;
	return utc.ns + smear_offset_ns(s, utc);
}

/*
 * From before the window to after it in steps of about step_ns: served time
 * never goes back, and its rate is within its limits to 1 ns.
 */
static void
test_rate(enum leap kind, uint32_t length_s, int64_t step_ns)
{
	struct smear s = smear(kind, length_s, false);
	int64_t window_s = (int64_t)length_s + (kind == LEAP_INSERT ? 1 : -1);
	int64_t at_ns = s.leap.ns - (length_s / 2 + 10) * NS_PER_S;
	int64_t end_ns = s.leap.ns + (length_s / 2 + 10) * NS_PER_S;
	int64_t last_ns = served_ns(&s, at_ns);
	int backward = 0, wrong = 0;
	uint64_t random = 1;

	while (at_ns < end_ns) {
		int64_t by_ns, now_ns, most_ns;

		random = random * UINT64_C(6364136223846793005) + 1;
		by_ns = step_ns / 2 + (int64_t)(random >> 33) % step_ns;
		at_ns += by_ns;
		now_ns = served_ns(&s, at_ns);
		most_ns = by_ns / window_s + 2;
		backward += now_ns < last_ns;
		wrong += now_ns - last_ns - by_ns > most_ns ||
		    now_ns - last_ns - by_ns < -most_ns;
		last_ns = now_ns;
	}
	IS_I64(backward, 0, "%u s, kind %d: never back", length_s, (int)kind);
	IS_I64(wrong, 0, "%u s, kind %d: the rate is kept, no jump", length_s,
	    (int)kind);
	IS_I64(last_ns - at_ns, kind == LEAP_INSERT ? -NS_PER_S : NS_PER_S,
	    "%u s, kind %d: at the end it is UTC", length_s, (int)kind);
}

static void
test_ok(void)
{
	struct smear s = smear(LEAP_INSERT, DAY_S, false);

	OK(smear_ok(&s), "a day");
	s.length_s = 3599;
	OK(!smear_ok(&s), "too short");
	s.length_s = 3601;
	OK(!smear_ok(&s), "odd");
	s.length_s = 172802;
	OK(!smear_ok(&s), "too long");
	s = smear(LEAP_UNKNOWN, DAY_S, false);
	OK(!smear_ok(&s), "no kind of leap second");
	s = smear(LEAP_DELETE, DAY_S, false);
	s.leap.ns++;
	OK(!smear_ok(&s), "not at a second");
	s.leap.ns = INT64_MAX / NS_PER_S * NS_PER_S;
	OK(!smear_ok(&s), "too late");
	s.leap.ns = -NS_PER_S;
	OK(!smear_ok(&s), "too early");
}

int
main(void)
{
	test_values();
	test_runs();
	test_rate(LEAP_INSERT, DAY_S, 97 * NS_PER_MS);
	test_rate(LEAP_DELETE, DAY_S, 97 * NS_PER_MS);
	test_rate(LEAP_INSERT, 3600, 3 * NS_PER_MS);
	test_rate(LEAP_DELETE, 3600, 3 * NS_PER_MS);
	test_rate(LEAP_INSERT, 172800, 131 * NS_PER_MS);
	test_ok();
	return DONE();
}
