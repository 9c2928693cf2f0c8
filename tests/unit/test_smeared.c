/*
 * Which sources serve smeared time: by what they say, and by what they show.
 */
#include "core/leap/smeared.h"

#include <string.h>

#include "tests/tap.h"

#define END_S  INT64_C(1798761600) /* 2027-01-01 */
#define HOUR_S 3600
#define DAY_S  86400

static const struct mono now = { 1000 * NS_PER_S };
static struct leap_list list;
static struct leap_watch watch;
static struct source sources[4];
static struct voters v;
static struct agreement a;
static struct smeared_by by;

/* A line with raw time 1000 s at a UTC; a second will be deleted. */
static void
begin(int64_t utc_s)
{
	memset(sources, 0, sizeof(sources));
	memset(&v, 0, sizeof(v));
	memset(&a, 0, sizeof(a));
	agreement_begin(&a);
	a.ever = true;
	a.last.line.at = now;
	a.last.line.theta_ns = utc_s * NS_PER_S - now.ns;
	list = (struct leap_list){ .expiry = { (END_S + DAY_S) * NS_PER_S },
		.count = 1,
		.entries = { { { END_S * NS_PER_S }, LEAP_DELETE } } };
	watch = (struct leap_watch){ .armed = LEAP_NONE };
	by = (struct smeared_by){ &list, &watch, 0 };
}

/* An answer of a source that is now off the line by off_ns. */
static void
answer(uint32_t i, int64_t off_us, int64_t delay_ms)
{
	struct source *s = &sources[i];

	s->reach = 1;
	s->stratum = 2;
	s->refid = 0xc0000201;
	s->delay_ns = delay_ms * NS_PER_MS;
	s->updated_at = now;
	s->theta_ns = a.last.line.theta_ns + off_us * 1000;
	v.of[i].source = s;
	v.of[i].smear_seen.ns = 0;
	if (v.count <= i)
		v.count = i + 1;
}

static void
judge(void)
{
	smeared_judge(&v, &a, &by, now);
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
		judge();
		OK(v.of[0].smeared == curves[i].smeared, "%s: %s",
		    curves[i].name, curves[i].smeared ? "smeared" : "not");
		OK(!v.of[1].smeared, "%s: the others are not", curves[i].name);
	}
}

static void
test_course(void)
{
	struct voter *s = &v.of[0];

	begin(END_S - 6 * HOUR_S);
	answer(0, 250003, 20);
	judge();
	OK(s->smeared, "it is smeared");
	answer(0, 250003, 200);
	judge();
	OK(s->smeared, "an answer that proves nothing changes nothing");
	answer(0, 100, 20);
	judge();
	OK(!s->smeared, "it has come back to UTC");
	answer(0, 250003, 20);
	judge();
	begin(END_S + 13 * HOUR_S);
	answer(0, 0, 20);
	s->smeared = true;
	judge();
	OK(!s->smeared, "after the window nobody is");
	list.count = 0;
	s->smeared = true;
	judge();
	OK(!s->smeared, "nor without a file");
}

/* How many sources are refused, if some say that they smear. */
static int
refused(uint32_t saying, uint32_t others)
{
	int count = 0;

	for (uint32_t i = 0; i < saying + others; i++) {
		answer(i, 0, 1);
		if (i < saying)
			sources[i].refid = SMEAR_REFID;
	}
	judge();
	for (uint32_t i = 0; i < saying + others; i++)
		count += v.of[i].smeared;
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
	by.length_s = DAY_S;
	IS_I64(refused(4, 0), 4, "nor to be smeared once more");
	begin(END_S - 100 * DAY_S);
	answer(0, 0, 1);
	sources[0].refid = SMEAR_REFID;
	sources[0].stratum = 1;
	judge();
	OK(!v.of[0].smeared, "at stratum 1 it is another name");
}

int
main(void)
{
	test_curves();
	test_course();
	test_said();
	return DONE();
}
