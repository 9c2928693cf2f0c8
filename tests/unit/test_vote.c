/*
 * A decision from end to end, without a program: who has a vote, how many must
 * agree, what is kept of an agreement, and what a pause takes away.
 */
#include "core/select/vote.h"

#include <stdlib.h>
#include <string.h>

#include "core/select/speed.h"
#include "tests/tap.h"
#include "tests/unit/measured.h"

#define SOURCES	 4
#define PLACE(i) (3 * (i) + 7) /* a source's place is not its number */

static struct source sources[SOURCES];
static struct bias biases[SOURCES];
static struct oscillator oscillators[SOURCES];
static struct agreement a;
static struct voters v;
static struct vote_rules rules;
static struct mono now;

static void
begin(uint32_t count)
{
	const struct source_config config = { .poll_min_log2 = 4,
		.poll_max_log2 = 10 };

	memset(biases, 0, sizeof(biases));
	memset(oscillators, 0, sizeof(oscillators));
	memset(&v, 0, sizeof(v));
	memset(&a, 0, sizeof(a));
	agreement_begin(&a);
	now.ns = 1000 * NS_PER_S;
	rules = (struct vote_rules){ .quorum = { .configured = count },
		.max_distance_ns = 3 * NS_PER_S };
	v.count = count;
	for (uint32_t i = 0; i < count; i++) {
		source_init(&sources[i], &config, now, 0);
		v.of[i] = (struct voter){ .source = &sources[i],
			.bias = &biases[i],
			.oscillator = &oscillators[i],
			.place = PLACE(i) };
	}
}

/* Measurements of one source, off by off_ns. */
static void
measure(uint32_t i, int64_t off_ns, int count)
{
	measured(&sources[i], now, off_ns, count);
	v.of[i].fresh = true;
}

static struct vote_events
decide(void)
{
	return vote_decide(&a, &v, &rules, now);
}

static const struct {
	const char *name;
	struct quorum q;
	bool ever;
	uint32_t measured; /* how many of SOURCES have a vote */
	uint32_t least;
} quorums[] = {
	{ "two of four are half of them", { 0, 4, 0 }, true, 4, 2 },
	{ "three of five", { 0, 5, 0 }, true, 4, 3 },
	{ "as it is configured", { 1, 4, 0 }, true, 4, 1 },
	{ "at the start all that have a vote", { 0, 4, 0 }, false, 4, 3 },
	{ "or may have one soon", { 0, 4, 0 }, false, 1, 3 },
	{ "or are yet to be found", { 0, 8, 4 }, false, 4, 5 },
	{ "but as it is configured", { 1, 8, 4 }, false, 4, 1 },
	{ "nobody", { 0, 0, 0 }, true, 0, 0 },
};

static void
test_quorum(void)
{
	for (size_t k = 0; k < sizeof(quorums) / sizeof(quorums[0]); k++) {
		begin(SOURCES);
		a.ever = quorums[k].ever;
		for (uint32_t i = 0; i < quorums[k].measured; i++) {
			measure(i, 0, SOURCE_TRUST);
			v.in[i].usable = true;
		}
		IS_I64(quorum_least(&quorums[k].q, &a, &v), quorums[k].least,
		    "%s", quorums[k].name);
	}
}

static void
test_agreement(void)
{
	begin(3);
	(void)decide();
	OK(!a.now.agreed && a.now.votes == 0 && a.peer == -1 && !a.ever,
	    "before the first answer there is nothing");
	measure(0, 0, SOURCE_TRUST);
	measure(1, 5000, SOURCE_TRUST - 1);
	(void)decide();
	IS_I64(a.now.votes, 1, "too few measurements are no vote");
	measure(1, 5000, 1);
	measure(2, 100 * NS_PER_MS, SOURCE_TRUST);
	(void)decide();
	OK(a.now.agreed && a.now.votes == 3 && a.now.selected == 2 &&
		v.state[2] == SELECT_FALSETICKER,
	    "two of three agree");
	OK(a.peer == PLACE(0) || a.peer == PLACE(1), "the peer is a place");
	OK(a.ever && a.last_at.ns == now.ns && a.last.agreed &&
		llabs(a.last.line.theta_ns - THETA_NS) < 6000,
	    "it is kept");
	OK(llabs(agreement_utc(&a, now).ns - THETA_NS - now.ns) < 6000,
	    "and is the time");
	now.ns += 64 * NS_PER_S;
	v.of[0].self = true;
	v.of[1].smeared = true;
	(void)decide();
	OK(!a.now.agreed && a.peer == -1 && a.now.votes == 1,
	    "this machine itself and smeared time have no vote");
	OK(a.last.agreed && a.last_at.ns == now.ns - 64 * NS_PER_S,
	    "what was agreed on stays");
	begin(1);
	measure(0, 0, SOURCE_TRUST);
	rules.max_distance_ns = 1000;
	(void)decide();
	OK(v.state[0] == SELECT_TOO_FAR && a.now.votes == 0,
	    "nor has one that is too far");
}

static void
test_events(void)
{
	struct vote_events is;

	begin(SOURCES);
	for (uint32_t i = 0; i < SOURCES; i++)
		measure(i, 0, 20);
	is = decide();
	OK(a.now.agreed && !is.ask && is.leapt_ns == 0, "all is as predicted");
	v.of[1].alarm = true;
	OK(decide().ask, "an alarm: all are to be asked");
	OK(!decide().ask, "once");
	for (uint32_t i = 0; i < 3; i++) {
		sources[i].outlier = true;
		sources[i].delay_ns = NS_PER_MS;
		sources[i].offset_ns = 3 * NS_PER_S;
	}
	is = decide();
	IS_I64(is.leapt_ns, 3 * NS_PER_S, "three have seen a leap");
	OK(!sources[0].outlier && a.now.agreed &&
		llabs(a.now.line.theta_ns - THETA_NS - 3 * NS_PER_S) < 100000,
	    "and all go on from there");
}

static void
test_paused(void)
{
	begin(2);
	measure(0, 0, 20);
	measure(1, 0, 20);
	(void)decide();
	now.ns += NS_PER_S;
	for (uint32_t i = 0; i < 2; i++)
		estimator_loosen(&sources[i].estimator, 1e14);
	agreement_paused(&a, 100000 * NS_PER_S, now);
	OK(a.paused && a.resumed_at.ns == now.ns && !a.joint.started &&
		a.last.distance_ns >= 100000 * NS_PER_S,
	    "after a pause nothing is known well");
	now.ns += NS_PER_S;
	measure(0, 0, 3);
	(void)decide();
	OK(!a.now.agreed && a.now.needed == 2,
	    "one of two waits for the other");
	measure(1, 0, 3);
	(void)decide();
	OK(a.now.agreed && !a.paused, "which comes");
}

static void
test_speed(void)
{
	begin(1);
	measure(0, 0, SOURCE_TRUST);
	(void)decide();
	speed_judge(&a, &v);
	OK(!a.too_fast, "an oscillator is a clock");
	a.last.line.slope = -2e-3;
	speed_judge(&a, &v);
	OK(a.too_fast, "not if it is off by 2000 ppm");
	NEAR(a.wild_slope, -2e-3, 1e-9, "which is told");
	a.last.line.slope = 0;
	a.last.line.slope_sigma = 500e-6;
	speed_judge(&a, &v);
	OK(a.too_fast, "nor before it is sure that it is one again");
}

int
main(void)
{
	test_quorum();
	test_agreement();
	test_events();
	test_paused();
	test_speed();
	return DONE();
}
