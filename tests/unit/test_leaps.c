/*
 * What ntp-net accepts of a leap second list, and passes to ntp-serve.
 */
#include "ntp-net/poll/leaps.h"

#include <string.h>

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

static void
test_page(void)
{
	struct page_time t = { .flags = PAGE_SYNCED };
	const struct leap_watch watch = { .armed = LEAP_NONE };
	const struct msg_leaps m = message();
	struct wall utc = at_s(END_S - HOUR_S);

	OK(leaps_take(&leaps, &m) == 0, "a good message");
	leaps.smear_s = 0;
	leaps_fill_page(&leaps, &watch, utc, &t);
	OK(t.flags == PAGE_SYNCED && t.smear_kind == 0, "nothing is smeared");
	leaps.smear_s = DAY_S;
	leaps_fill_page(&leaps, &watch, utc, &t);
	OK(t.flags == (PAGE_SYNCED | PAGE_SMEARS) &&
		t.smear_kind == LEAP_DELETE && t.smear_length_s == DAY_S &&
		t.smear_leap_ns == END_S * NS_PER_S,
	    "a smear is on the page");
	t = (struct page_time){ .flags = PAGE_SYNCED };
	leaps_fill_page(&leaps, &watch, at_s(END_S + 1), &t);
	OK(t.flags == (PAGE_SYNCED | PAGE_SMEARS | PAGE_PASSED) &&
		t.smear_kind == LEAP_DELETE,
	    "the second half of it");
	t = (struct page_time){ .flags = PAGE_LOCAL };
	leaps_fill_page(&leaps, &watch, utc, &t);
	OK(t.flags == (PAGE_LOCAL | PAGE_SMEARS) && t.smear_kind == 0,
	    "no line, no smear, but no announcement");
}

int
main(void)
{
	test_take();
	test_page();
	return DONE();
}
