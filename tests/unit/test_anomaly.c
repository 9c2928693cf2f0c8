/*
 * Anomalies: when all sources are polled in a burst, which are excluded and
 * when, and what counts as a jump of the time line.
 */
#include "core/select/anomaly.h"

#include <string.h>

#include "tests/tap.h"

#define THETA_NS INT64_C(1700000000000000000)
#define SOURCES	 4
/* Four queries, a bit more than 16 s apart. */
#define ROUND_NS (3 * (16 * NS_PER_S + SOURCE_DITHER_NS))

static struct source sources[SOURCES];
static struct bias biases[SOURCES];
static struct agreement a;
static struct voters v;
static struct mono now;

/* What a source shows now, with an error of 10 us. */
static void
show(uint32_t i, int64_t theta_ns)
{
	struct estimator *e = &sources[i].estimator;
	const struct measurement m = { now, theta_ns, 20000, 1000 };

	estimator_init(e, 0, 0);
	(void)estimator_update(e, &m);
	sources[i].theta_ns = theta_ns;
	sources[i].updated_at = now;
}

/* UTC - raw as a source shows it. */
static int64_t
shown_ns(uint32_t i)
{
	struct estimate e;

	return source_estimate(&sources[i], now, &e) ? e.theta_ns : 0;
}

/* Sources that have agreed for a long time, all of them on THETA_NS. */
static void
begin(void)
{
	memset(sources, 0, sizeof(sources));
	memset(biases, 0, sizeof(biases));
	memset(&v, 0, sizeof(v));
	memset(&a, 0, sizeof(a));
	agreement_begin(&a);
	now.ns = 100000 * NS_PER_S;
	a.ever = true;
	a.last.needed = 3;
	a.last.line = (struct estimate){ now, THETA_NS, 1e3, 0, 1e-9 };
	v.count = SOURCES;
	for (uint32_t i = 0; i < SOURCES; i++) {
		struct source *s = &sources[i];

		s->reach = 1;
		s->poll.rate_limit_log2 = 4;
		s->delay_ns = NS_PER_MS;
		show(i, THETA_NS);
		v.of[i].source = s;
		v.of[i].bias = &biases[i];
		v.of[i].place = i;
		v.state[i] = SELECT_SELECTED;
		v.in[i].usable = v.in[i].has_bias = true;
		v.in[i].deviation_sigma_ns = 1e4;
		v.in[i].line.slope_sigma = 1e-8;
	}
}

/* The last answer of a source was an outlier, off by off_ns. */
static void
set_outlier(uint32_t i, int64_t off_ns)
{
	sources[i].outlier = true;
	sources[i].offset_ns = off_ns;
	sources[i].theta_ns = THETA_NS + off_ns;
}

struct leap_case {
	const char *name;
	int64_t off_us[SOURCES]; /* 0: as expected */
	int64_t by_us;		 /* 0: no jump */
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
		int64_t by_ns, moved_ns;

		begin();
		for (uint32_t i = 0; i < SOURCES; i++)
			if (c->off_us[i] != 0)
				set_outlier(i, c->off_us[i] * 1000);
		by_ns = anomaly_measurements(&a, &v);
		moved_ns = shown_ns(0) - THETA_NS;
		IS_I64(
		    moved_ns, c->by_us * 1000, "%s: all are shifted", c->name);
		IS_I64(a.last.line.theta_ns - THETA_NS, moved_ns,
		    "%s: and the line", c->name);
		IS_I64(by_ns, moved_ns, "%s: the caller is told", c->name);
	}
	begin();
	for (uint32_t i = 0; i < SOURCES; i++) {
		set_outlier(i, 20 * NS_PER_MS);
		sources[i].delay_ns = 51 * NS_PER_MS;
	}
	(void)anomaly_measurements(&a, &v);
	IS_I64(a.last.line.theta_ns, THETA_NS,
	    "what a longer way may do is no leap");
	begin();
	a.last.needed = 1;
	set_outlier(0, 3 * NS_PER_S);
	(void)anomaly_measurements(&a, &v);
	IS_I64(shown_ns(0), THETA_NS,
	    "one is not enough where one is all that is needed");
}

/* After a selection: may it stand? */
static bool
selected(bool *ask)
{
	struct anomaly is = anomaly_selected(&a, &v, now);

	if (ask != NULL)
		*ask = is.ask;
	return !is.again;
}

static void
test_no_doubt(void)
{
	bool ask;

	begin();
	OK(selected(NULL) && !a.investigation.open,
	    "nothing is investigated where all is as usual");
	v.of[1].alarm = true;
	v.state[1] = SELECT_FALSETICKER;
	OK(selected(NULL) && !a.investigation.open,
	    "nor by the alarm of a falseticker");
	v.of[2].alarm = true;
	OK(selected(&ask) && a.investigation.open,
	    "but by that of one who is believed");
	OK(ask, "all are asked at once");
	begin();
	v.in[3].line.slope = 4e-8;
	OK(selected(NULL) && a.investigation.open,
	    "or if its clock runs differently");
	begin();
	for (uint32_t i = 0; i < SOURCES; i++)
		v.in[i].line.slope_sigma = 1e-9;
	v.in[3].line.slope = 1.2e-8;
	OK(selected(NULL) && !a.investigation.open,
	    "but not by as little as a busy machine's timestamps make");
	v.in[3].line.slope = 1.8e-8;
	OK(selected(NULL) && a.investigation.open,
	    "by more, if both are known so well");
}

static void
test_xleave(void)
{
	begin();
	v.state[0] = SELECT_DEVIATING;
	OK(!selected(NULL),
	    "by what was said at different times nobody is set aside");
	OK(!v.in[0].has_bias && !v.in[1].has_bias && a.investigation.open,
	    "but it is investigated");
	v.state[0] = SELECT_SELECTED;
	OK(selected(NULL), "so nobody is, then");
	now.ns += ROUND_NS;
	v.state[0] = SELECT_DEVIATING;
	for (uint32_t i = 0; i < SOURCES - 1; i++)
		v.in[i].has_bias = true;
	v.in[3].has_bias = false;
	OK(!selected(NULL), "not before all have answered");
	for (uint32_t i = 0; i < SOURCES; i++)
		v.in[i].has_bias = true;
	OK(selected(NULL) && !a.investigation.open,
	    "but then it is, and the investigation is over");
	v.in[0].deviating = v.of[0].deviating = true;
	OK(selected(NULL) && !a.investigation.open, "nor afterwards");
}

/* From the beginning of an investigation to its end, rounds later. */
static int
play_doubt(void)
{
	int rounds = 0;
	bool good = selected(NULL);

	while (good && a.investigation.open && rounds < 100) {
		now.ns += ROUND_NS;
		good = selected(NULL);
		rounds++;
	}
	return rounds;
}

static void
test_rounds(void)
{
	int64_t gap_ns;

	begin();
	v.of[0].alarm = true;
	IS_I64(play_doubt(), 1, "one round is enough where all is clear");
	gap_ns = a.investigation.next.ns - now.ns;
	OK(selected(NULL) && !a.investigation.open,
	    "the next investigation has to wait");
	now.ns += gap_ns;
	IS_I64(play_doubt(), 1, "but not for long");
	OK(a.investigation.next.ns - now.ns > gap_ns,
	    "the next one longer, since they come to nothing");
	begin();
	v.of[0].alarm = true;
	v.in[0].deviation_ns = 4e4;
	OK(play_doubt() > 1, "where it is not clear, there are more rounds");
	begin();
	v.of[0].alarm = true;
	v.in[0].has_bias = false;
	OK(play_doubt() <= 3, "nobody is waited for for ever");
}

/* Measurements update the biases; a jump of the line does not. */
static void
test_biases(void)
{
	double d, s;

	begin();
	for (int k = 0; k < 20; k++) {
		now.ns += 64 * NS_PER_S;
		for (uint32_t i = 0; i < SOURCES; i++) {
			v.of[i].fresh = true;
			show(i, THETA_NS + (k < 10 ? 0 : i == 0) * 100000);
		}
		a.last.line.at = now;
		(void)anomaly_measurements(&a, &v);
	}
	OK(bias_deviation(&biases[0], &d, &s) && d > 3 * s,
	    "one that departs is noticed");
	OK(bias_deviation(&biases[1], &d, &s) && d < s,
	    "one that does not is not");
	a.now.line = a.last.line;
	a.now.line.theta_ns += 100000;
	anomaly_line(&a, &v, now);
	OK(bias_deviation(&biases[1], &d, &s) && d < -3 * s,
	    "if the line leaps to it, it was the others");
}

int
main(void)
{
	test_leaps();
	test_no_doubt();
	test_xleave();
	test_rounds();
	test_biases();
	return DONE();
}
