/*
 * Doubts and leaps: when all are asked, who may be set aside and when, and
 * what is taken for a leap of the time line.
 */
#include "ntp-net/poll/notice.h"

#include <string.h>

#include "ntp-net/poll/decide.h"
#include "tests/tap.h"

#define THETA_NS INT64_C(1700000000000000000)
#define SOURCES	 4
/* Four questions, 16 s and a bit apart. */
#define ROUND_NS (3 * (16 * NS_PER_S + SOURCE_DITHER_NS))

static struct net n;
static struct voters v;
static struct mono now;

/* Sources that have agreed for long, all of them on THETA_NS. */
static void
begin(void)
{
	memset(&n, 0, sizeof(n));
	memset(&v, 0, sizeof(v));
	now.ns = 100000 * NS_PER_S;
	n.decision.ever_agreed = true;
	n.decision.last.needed = 3;
	n.decision.last.line = (struct estimate){ now, THETA_NS, 1e3, 0, 1e-9 };
	v.count = SOURCES;
	for (uint32_t i = 0; i < SOURCES; i++) {
		struct slot *s = &n.table.slots[i];

		s->used = true;
		s->fd = -1;
		s->source.reach = 1;
		s->source.sent = 100;
		s->source.sent_at.ns = now.ns - 500 * NS_PER_S;
		s->source.next_query.ns = now.ns + 500 * NS_PER_S;
		s->source.poll.floor_log2 = 4;
		s->source.delay_ns = NS_PER_MS;
		s->source.theta_ns = THETA_NS;
		s->source.estimator.last.theta_ns = THETA_NS;
		s->source.updated_at = now;
		s->source.estimator.bank.theta_ns = THETA_NS;
		s->source.estimator.last.noise.variance = 1e8;
		v.slot_of[i] = i;
		v.state[i] = SELECT_SELECTED;
		v.in[i].usable = v.in[i].has_habit = true;
		v.in[i].departure_sigma_ns = 1e4;
		v.in[i].line.slope_sigma = 1e-8;
	}
}

/* The last answer of a source was set aside, being off by so much. */
static void
set_odd(uint32_t i, int64_t off_ns)
{
	struct source *s = &n.table.slots[i].source;

	s->odd = true;
	s->offset_ns = off_ns;
	s->theta_ns = THETA_NS + off_ns;
	s->estimator.last.theta_ns = s->theta_ns;
}

struct leap_case {
	const char *name;
	int64_t off_us[SOURCES]; /* 0: as expected */
	int64_t by_us;		 /* 0: no leap */
};

static const struct leap_case leaps[] = {
	{ "nobody", { 0 }, 0 },
	{ "one", { 3000000, 0, 0, 0 }, 0 },
	{ "two of four", { 3000000, 3000100, 0, 0 }, 0 },
	{ "three of four", { 0, 3000000, 3000100, 2999900 }, 3000000 },
	{ "three that differ", { 0, 3000000, 3005000, 2999900 }, 0 },
	{ "all but one alike", { 9, 3000000, 3000100, 2999900 }, 3000000 },
};

static void
test_leaps(void)
{
	for (size_t k = 0; k < sizeof(leaps) / sizeof(leaps[0]); k++) {
		const struct leap_case *c = &leaps[k];
		int64_t moved_ns;

		begin();
		for (uint32_t i = 0; i < SOURCES; i++)
			if (c->off_us[i] != 0)
				set_odd(i, c->off_us[i] * 1000);
		notice_measurements(&n);
		moved_ns =
		    n.table.slots[0].source.estimator.bank.theta_ns - THETA_NS;
		IS_I64(
		    moved_ns, c->by_us * 1000, "%s: all are shifted", c->name);
		IS_I64(n.decision.last.line.theta_ns - THETA_NS, moved_ns,
		    "%s: and the line", c->name);
		OK(n.decision.resend == (c->by_us != 0),
		    "%s: ntp-clock is told", c->name);
	}
	begin();
	for (uint32_t i = 0; i < SOURCES; i++) {
		set_odd(i, 20 * NS_PER_MS);
		n.table.slots[i].source.delay_ns = 51 * NS_PER_MS;
	}
	notice_measurements(&n);
	IS_I64(n.decision.last.line.theta_ns, THETA_NS,
	    "what a longer way may do is no leap");
	begin();
	n.decision.last.needed = 1;
	set_odd(0, 3 * NS_PER_S);
	notice_measurements(&n);
	IS_I64(n.table.slots[0].source.estimator.bank.theta_ns, THETA_NS,
	    "one is not enough where one is all that is needed");
}

static bool
all_hurried(void)
{
	for (uint32_t i = 0; i < SOURCES; i++)
		if (n.table.slots[i].source.next_query.ns >
		    now.ns + 2 * NS_PER_S)
			return false;
	return true;
}

static void
test_no_doubt(void)
{
	begin();
	OK(notice_selected(&n, &v, now) && !n.decision.doubt.open,
	    "there is no doubt where all is as usual");
	n.table.slots[1].alarm = true;
	v.state[1] = SELECT_FALSETICKER;
	OK(notice_selected(&n, &v, now) && !n.decision.doubt.open,
	    "nor by the alarm of a falseticker");
	n.table.slots[2].alarm = true;
	OK(notice_selected(&n, &v, now) && n.decision.doubt.open,
	    "but by that of one who is believed");
	OK(all_hurried(), "all are asked at once");
	begin();
	v.in[3].line.slope = 4e-8;
	OK(notice_selected(&n, &v, now) && n.decision.doubt.open,
	    "or if its clock runs differently");
	begin();
	for (uint32_t i = 0; i < SOURCES; i++)
		v.in[i].line.slope_sigma = 1e-9;
	v.in[3].line.slope = 1.2e-8;
	OK(notice_selected(&n, &v, now) && !n.decision.doubt.open,
	    "but not by as little as a busy machine's timestamps make");
	v.in[3].line.slope = 1.8e-8;
	OK(notice_selected(&n, &v, now) && n.decision.doubt.open,
	    "by more, if both are known so well");
}

static void
test_departure(void)
{
	begin();
	v.state[0] = SELECT_ESTRANGED;
	OK(!notice_selected(&n, &v, now),
	    "by what was said at different times nobody is set aside");
	OK(!v.in[0].has_habit && !v.in[1].has_habit && n.decision.doubt.open,
	    "but there is a doubt");
	v.state[0] = SELECT_SELECTED;
	OK(notice_selected(&n, &v, now), "so nobody is, then");
	now.ns += ROUND_NS;
	v.state[0] = SELECT_ESTRANGED;
	for (uint32_t i = 0; i < SOURCES - 1; i++)
		v.in[i].has_habit = true;
	v.in[3].has_habit = false;
	OK(!notice_selected(&n, &v, now), "not before all have answered");
	for (uint32_t i = 0; i < SOURCES; i++)
		v.in[i].has_habit = true;
	OK(notice_selected(&n, &v, now) && !n.decision.doubt.open,
	    "but then he is, and there is no doubt any more");
	v.in[0].estranged = n.table.slots[0].estranged = true;
	OK(notice_selected(&n, &v, now) && !n.decision.doubt.open,
	    "nor afterwards");
}

/* From the beginning of a doubt to its end, rounds later. */
static int
play_doubt(void)
{
	int rounds = 0;
	bool good = notice_selected(&n, &v, now);

	while (good && n.decision.doubt.open && rounds < 100) {
		now.ns += ROUND_NS;
		good = notice_selected(&n, &v, now);
		rounds++;
	}
	return rounds;
}

static void
test_rounds(void)
{
	int64_t gap_ns;

	begin();
	n.table.slots[0].alarm = true;
	IS_I64(play_doubt(), 1, "one round is enough where all is clear");
	gap_ns = n.decision.doubt.next.ns - now.ns;
	OK(notice_selected(&n, &v, now) && !n.decision.doubt.open,
	    "the next doubt has to wait");
	now.ns += gap_ns;
	IS_I64(play_doubt(), 1, "but not for long");
	OK(n.decision.doubt.next.ns - now.ns > gap_ns,
	    "the next one longer, since they come to nothing");
	begin();
	n.table.slots[0].alarm = true;
	v.in[0].departure_ns = 4e4;
	OK(play_doubt() > 1, "where it is not clear, there are more rounds");
	begin();
	n.table.slots[0].alarm = true;
	v.in[0].has_habit = false;
	OK(play_doubt() <= 3, "nobody is waited for for ever");
}

/* Measurements go into the habits; a leap of the line does not change them. */
static void
test_habits(void)
{
	double d, s;

	begin();
	for (int k = 0; k < 20; k++) {
		now.ns += 64 * NS_PER_S;
		for (uint32_t i = 0; i < SOURCES; i++) {
			n.table.slots[i].fresh = true;
			n.table.slots[i].source.updated_at = now;
			n.table.slots[i].source.estimator.last.theta_ns =
			    THETA_NS + (k < 10 ? 0 : i == 0) * 100000;
		}
		n.decision.last.line.at = now;
		notice_measurements(&n);
	}
	OK(habit_departure(&n.table.slots[0].habit, &d, &s) && d > 3 * s,
	    "one that departs is noticed");
	OK(habit_departure(&n.table.slots[1].habit, &d, &s) && d < s,
	    "one that does not is not");
	n.decision.now.line = n.decision.last.line;
	n.decision.now.line.theta_ns += 100000;
	notice_line(&n, now);
	OK(habit_departure(&n.table.slots[1].habit, &d, &s) && d < -3 * s,
	    "if the line leaps to it, it was the others");
}

int
main(void)
{
	test_leaps();
	test_no_doubt();
	test_departure();
	test_rounds();
	test_habits();
	return DONE();
}
