/*
 * Selection, clustering and combination: which sources are selected, if any.
 */
#include "core/select/select.h"

#include <string.h>

#include "core/select/quorum.h"
#include "tests/tap.h"

#define US INT64_C(1000)
#define MS INT64_C(1000000)

/* As configured by default; the caller of the selection compares. */
#define MAX_DISTANCE_NS (3 * NS_PER_S)

/* A source with offset theta, at this distance. */
static struct select_input
source(int64_t theta_ns, int64_t distance_ns)
{
	return (struct select_input){
		.usable = true,
		.line = { .at = { 5 },
		    .theta_ns = theta_ns,
		    .sigma_ns = 10e3,
		    .slope = 1e-6,
		    .slope_sigma = 1e-9 },
		.too_far = distance_ns > MAX_DISTANCE_NS,
		.distance_ns = distance_ns,
		.root_delay_ns = 2 * MS,
		.root_dispersion_ns = 3 * MS,
		.stratum = 2,
		.leap = LEAP_NONE,
	};
}

/* The number configured, and if min_sources is not 0, how many must agree. */
static void
choose(const struct select_input *in, uint32_t n, uint32_t configured,
    uint32_t min_sources, int32_t last_peer, enum select_state *state,
    struct select_output *out)
{
	const struct quorum q = { min_sources, configured, 0 };

	select_sources(in, n, quorum_configured(&q), last_peer, state, out);
}

struct scene {
	const char *name;
	uint32_t n;
	uint32_t configured;
	uint32_t min_sources;
	int64_t theta_us[5]; /* INT64_MAX: not usable */
	int64_t distance_ms[5];
	bool agreed;
	uint32_t agreeing;
	uint32_t needed;
	const char *states; /* n not usable, t too far, f, o, c, s */
};

#define NOT INT64_MAX

/* clang-format off */
static const struct scene scenes[] = {
	{ "no source", 0, 0, 0, { 0 }, { 0 }, false, 0, 1, "" },
	{ "one of one", 1, 1, 0, { 0 }, { 10 }, true, 1, 1, "s" },
	{ "one of two", 2, 2, 0, { 0, NOT }, { 10, 10 }, true, 1, 1, "sn" },
	{ "one of three waits", 3, 3, 0, { 0, NOT, NOT }, { 10, 10, 10 },
	    false, 1, 2, "cnn" },
	{ "one of four waits", 4, 4, 0, { 0, NOT, NOT, NOT },
	    { 10, 10, 10, 10 }, false, 1, 2, "cnnn" },
	{ "two of four", 4, 4, 0, { 0, 100, NOT, NOT }, { 10, 10, 10, 10 },
	    true, 2, 2, "ssnn" },
	{ "two of three votes are not half of five", 5, 5, 0,
	    { 0, 100, 90000, NOT, NOT }, { 10, 10, 10, 10, 10 }, false, 2, 3,
	    "ccfnn" },
	{ "but enough if two are asked for", 5, 5, 2,
	    { 0, 100, 90000, NOT, NOT }, { 10, 10, 10, 10, 10 }, true, 2, 2,
	    "ssfnn" },
	{ "two that agree", 2, 2, 0, { 0, 5000 }, { 10, 10 }, true, 2, 2,
	    "ss" },
	{ "two that disagree", 2, 2, 0, { 0, 50000 }, { 10, 10 }, false, 1, 2,
	    "cc" },
	{ "two intervals that touch, each middle outside", 2, 2, 0,
	    { 0, 20000 }, { 10, 10 }, true, 2, 2, "ss" },
	{ "two intervals that nearly touch", 2, 2, 0, { 0, 20001 },
	    { 10, 10 }, false, 1, 2, "cc" },
	{ "a near one among far ones, whose middles are outside of it", 4, 4,
	    0, { 0, 2000, -3000, 500000 }, { 1, 6, 5, 10 }, true, 3, 3,
	    "sssf" },
	{ "two against two", 4, 4, 0, { 0, 10, 99000, 99010 },
	    { 10, 10, 10, 10 }, false, 2, 3, "cccc" },
	{ "one liar of three", 3, 3, 0, { 0, 100000, 10 }, { 10, 10, 10 },
	    true, 2, 2, "sfs" },
	{ "one liar of four", 4, 4, 0, { 0, 100000, 10, 20 },
	    { 10, 10, 10, 10 }, true, 3, 3, "sfss" },
	{ "two liars of five", 5, 5, 0, { 0, 100000, 10, 20, -100000 },
	    { 10, 10, 10, 10, 10 }, true, 3, 3, "sfssf" },
	{ "two liars of four, together", 4, 4, 0, { 0, 10, 100000, 100001 },
	    { 10, 10, 10, 10 }, false, 2, 3, "cccc" },
	{ "three that are all apart", 3, 3, 0, { 0, 50000, 100000 },
	    { 10, 10, 10 }, false, 1, 2, "ccc" },
	{ "a minimum of one", 4, 4, 1, { 0, NOT, NOT, NOT },
	    { 10, 10, 10, 10 }, true, 1, 1, "snnn" },
	{ "a minimum of three, two there", 3, 3, 3, { 0, 10, NOT },
	    { 10, 10, 10 }, false, 2, 3, "ccn" },
	{ "a minimum of one is still a majority", 3, 3, 1,
	    { 0, 50000, 100000 }, { 10, 10, 10 }, false, 1, 2, "ccc" },
	{ "too far away", 2, 2, 0, { 0, 0 }, { 10, 3001 }, true, 1, 1, "st" },
	{ "all too far away", 2, 2, 0, { 0, 0 }, { 4000, 3001 }, false, 0, 1,
	    "tt" },
	{ "an outlier within its distance", 4, 4, 0, { 0, 10, 20, 8000 },
	    { 10, 10, 10, 20 }, true, 4, 3, "ssso" },
	{ "no clustering below three", 3, 3, 0, { 0, 10, 8000 },
	    { 10, 10, 20 }, true, 3, 2, "sss" },
	{ "nor below what is needed", 5, 5, 5, { 0, 10, 20, 30, 8000 },
	    { 10, 10, 10, 10, 20 }, true, 5, 5, "sssss" },
	{ "a wide one that covers all", 3, 3, 0, { 0, 10, 400000 },
	    { 10, 10, 2000 }, true, 3, 2, "sss" },
	{ "zero distances that are equal", 2, 2, 0, { 7, 7 }, { 0, 0 }, true,
	    2, 2, "ss" },
	{ "zero distances that are not", 2, 2, 0, { 7, 8 }, { 0, 0 }, false,
	    1, 2, "cc" },
};
/* clang-format on */

static void
test_scenes(void)
{
	for (size_t k = 0; k < sizeof(scenes) / sizeof(scenes[0]); k++) {
		const struct scene *c = &scenes[k];
		struct select_input in[5];
		enum select_state state[5] = { 0 };
		struct select_output out;
		char states[6] = "";

		for (uint32_t i = 0; i < c->n; i++) {
			bool usable = c->theta_us[i] != NOT;

			in[i] = source(usable ? c->theta_us[i] * US : 0,
			    c->distance_ms[i] * MS);
			in[i].usable = usable;
		}
		memset(&out, 0xaa, sizeof(out));
		choose(
		    in, c->n, c->configured, c->min_sources, -1, state, &out);
		for (uint32_t i = 0; i < c->n; i++)
			states[i] = "ntfeocs"[state[i]];
		OK(strcmp(states, c->states) == 0, "%s: states %s", c->name,
		    states);
		IS_I64(out.agreed, c->agreed, "%s: agreed", c->name);
		IS_I64(out.agreeing, c->agreeing, "%s: agreeing", c->name);
		IS_I64(out.needed, c->needed, "%s: needed", c->name);
		if (!c->agreed)
			OK(out.peer == -1 && out.stratum == 16 &&
				out.leap == LEAP_UNKNOWN && out.selected == 0,
			    "%s: nothing else is told", c->name);
	}
}

/* Each source's deviation from its bias, with a sigma of 100 us. */
struct xleave_store {
	const char *name;
	uint32_t n;
	int64_t by_us[5];      /* NOT: it has no bias yet */
	const char *deviating; /* y or n each, at the last decision */
	const char *states;    /* e deviating, s selected */
};

/* clang-format off */
static const struct xleave_store xleave_store[] = {
	{ "nobody has departed", 3, { 0, 50, -50 }, "nnn", "sss" },
	{ "all have departed alike", 3, { 5000, 5050, 4950 }, "nnn", "sss" },
	{ "one of three has departed", 3, { 0, 1000, 0 }, "nnn", "ses" },
	{ "two have, alike: then it was the third", 3, { -1000, 0, -1000 },
	    "nnn", "ses" },
	{ "within three sigmas of each", 3, { 0, 590, 0 }, "nnn", "sss" },
	{ "all three in ways of their own", 3, { 0, 1000, -1000 }, "nnn",
	    "sss" },
	{ "one of two: nobody can tell which", 2, { 0, 1000 }, "nn", "ss" },
	{ "two of four against two", 4, { 0, 0, 1000, 1000 }, "nnnn",
	    "ssss" },
	{ "two of five, differently", 5, { 0, 0, 1000, -1000, 0 }, "nnnnn",
	    "ssees" },
	{ "one without a bias contradicts nobody", 4, { 0, NOT, 1000, 0 },
	    "nnnn", "sses" },
	{ "one against one, the third without a bias", 3, { 0, 1000, NOT },
	    "nnn", "sss" },
	{ "it stays away", 3, { 0, 1000, 0 }, "nyn", "ses" },
	{ "it is not back by half", 3, { 0, 500, 0 }, "nyn", "ses" },
	{ "it is back", 3, { 0, 50, 0 }, "nyn", "sss" },
	{ "nobody knows whether it is back", 3, { 0, NOT, 0 }, "nyn", "ses" },
	{ "nor whether others have departed", 3, { NOT, 0, NOT }, "nyn",
	    "ses" },
	{ "too few are left without it", 2, { 0, 1000 }, "ny", "ss" },
};
/* clang-format on */

static void
test_deviations(void)
{
	for (size_t k = 0; k < sizeof(xleave_store) / sizeof(xleave_store[0]);
	     k++) {
		const struct xleave_store *c = &xleave_store[k];
		struct select_input in[5];
		enum select_state state[5] = { 0 };
		struct select_output out;
		char states[6] = "";

		for (uint32_t i = 0; i < c->n; i++) {
			in[i] = source(0, 10 * MS);
			in[i].has_bias = c->by_us[i] != NOT;
			in[i].deviation_ns =
			    in[i].has_bias ? (double)(c->by_us[i] * US) : 0;
			in[i].deviation_sigma_ns = 100e3;
			in[i].deviating = c->deviating[i] == 'y';
		}
		choose(in, c->n, c->n, 0, -1, state, &out);
		for (uint32_t i = 0; i < c->n; i++)
			states[i] = "ntfeocs"[state[i]];
		OK(strcmp(states, c->states) == 0, "%s: states %s", c->name,
		    states);
	}
}

static void
test_combine(void)
{
	struct select_input in[3] = { source(100 * US, 5 * MS),
		source(200 * US, 5 * MS), source(300 * US, 5 * MS) };
	enum select_state state[3];
	struct select_output out;

	choose(in, 3, 3, 0, -1, state, &out);
	IS_I64(out.line.theta_ns, 200 * US, "equals: the mean");
	OK(out.line.sigma_ns > 10e3 / 1.8 && out.line.sigma_ns < 100e3,
	    "sigma knows of the spread: %g", out.line.sigma_ns);
	NEAR(out.line.slope, 1e-6, 1e-15, "slope");
	NEAR(out.line.slope_sigma, 1e-9 / sqrt(3), 1e-12, "slope sigma");
	IS_I64(out.line.at.ns, 5, "moment");
	IS_I64(out.stratum, 3, "stratum");
	IS_I64(out.root_delay_ns, 2 * MS, "root delay is the peer's");
	OK(out.root_dispersion_ns >= 3 * MS + 100 * US,
	    "root dispersion includes what the peer is off");
	OK(out.distance_ns >= 5 * MS + 100 * US, "and so does the bound");

	in[0].line.sigma_ns = 1e-9; /* claims nonsense */
	in[1].line.sigma_ns = 100e3;
	in[2].line.sigma_ns = 100e3;
	choose(in, 3, 3, 0, -1, state, &out);
	OK(out.line.theta_ns > 140 * US && out.line.theta_ns < 200 * US,
	    "no sigma takes it all: %" PRId64, out.line.theta_ns);

	in[0] = source(100 * US, 100 * US);
	in[1] = source(200 * US, 20 * MS);
	in[2] = source(300 * US, 20 * MS);
	choose(in, 3, 3, 0, -1, state, &out);
	NEAR(out.line.theta_ns, 100 * US, 2 * US, "the near one counts most");
	IS_I64(out.peer, 0, "and is the peer");
}

/* The line's place between sources, within their root distances. */
struct apart {
	const char *name;
	uint32_t n;
	int64_t theta_us[4];
	int64_t distance_ms[4];
	int64_t low_us, high_us; /* between these */
};

/* clang-format off */
static const struct apart aparts[] = {
	{ "one", 1, { 700 }, { 10 }, 700, 700 },
	{ "two: the mean", 2, { 0, 10000 }, { 16, 16 }, 4999, 5001 },
	{ "two against one that is 10 ms off", 3, { 0, 10000, 100 },
	    { 10, 30, 10 }, 40, 110 },
	{ "likewise, all are as far from the root", 3, { 0, 10000, 100 },
	    { 16, 16, 16 }, 45, 150 },
	{ "likewise, on the other side", 3, { 0, -10000, 100 },
	    { 16, 16, 16 }, -50, 55 },
	{ "one that is a little off counts in full", 3, { 0, 300, 1800 },
	    { 16, 16, 16 }, 699, 701 },
	{ "two against two: the mean", 4, { 0, 10000, 0, 10000 },
	    { 16, 16, 16, 16 }, 4999, 5001 },
	{ "a near one among far ones that are all off", 4,
	    { 0, 3000, 3100, 3200 }, { 1, 16, 16, 16 }, 0, 50 },
};
/* clang-format on */

static void
test_apart(void)
{
	for (size_t k = 0; k < sizeof(aparts) / sizeof(aparts[0]); k++) {
		const struct apart *c = &aparts[k];
		struct select_input in[4];
		enum select_state state[4];
		struct select_output out;

		for (uint32_t i = 0; i < c->n; i++) {
			in[i] =
			    source(c->theta_us[i] * US, c->distance_ms[i] * MS);
			in[i].line.sigma_ns = 1e3;
		}
		/* All are needed: no outlier is left out. */
		choose(in, c->n, c->n, c->n, -1, state, &out);
		OK(out.agreed && out.line.theta_ns >= c->low_us * US &&
			out.line.theta_ns <= c->high_us * US,
		    "%s: %" PRId64 " ns", c->name, out.line.theta_ns);
		OK(out.weight[0] > 0 && out.weight[c->n - 1] > 0,
		    "%s: all have a weight", c->name);
	}
}

static void
test_extremes(void)
{
	struct select_input in[SELECT_MAX];
	enum select_state state[SELECT_MAX];
	struct select_output out;

	for (uint32_t i = 0; i < SELECT_MAX; i++) {
		in[i] = source(i % 3 == 0 ? INT64_MAX : INT64_MIN, i * US);
		in[i].line.sigma_ns = i % 2 == 0 ? 0 : 1e19;
		in[i].line.slope_sigma = 0;
	}
	choose(in, SELECT_MAX, SELECT_MAX, 0, SELECT_MAX, state, &out);
	OK(out.agreed && isfinite(out.line.sigma_ns) &&
		isfinite(out.line.slope),
	    "the ends of the range");
	IS_I64(out.agreeing, 42, "two thirds agree");
	IS_I64(state[0], SELECT_FALSETICKER, "one third do not");
}

static void
test_peer(void)
{
	struct select_input in[2] = { source(0, 5 * MS), source(0, 6 * MS) };
	enum select_state state[2];
	struct select_output out;

	choose(in, 2, 2, 0, -1, state, &out);
	IS_I64(out.peer, 0, "the nearer one is the peer");
	choose(in, 2, 2, 0, 1, state, &out);
	IS_I64(out.peer, 1, "the last one stays");
	in[1].distance_ns = 20 * MS;
	choose(in, 2, 2, 0, 1, state, &out);
	IS_I64(out.peer, 0, "not if it is much farther");
	in[1].distance_ns = 6 * MS;
	in[0].stratum = 1;
	choose(in, 2, 2, 0, 1, state, &out);
	IS_I64(out.peer, 0, "nor if its stratum is worse");
	IS_I64(out.stratum, 2, "stratum follows the peer");
	in[1].usable = false;
	choose(in, 2, 2, 0, 1, state, &out);
	IS_I64(out.peer, 0, "nor if it is gone");
}

static void
test_leap(void)
{
	static const struct {
		const char *name;
		uint8_t leap[4];
		uint8_t want;
	} t[] = {
		{ "nobody", { 0, 0, 0, 0 }, LEAP_NONE },
		{ "one of four", { 1, 0, 0, 0 }, LEAP_NONE },
		{ "two of four", { 1, 1, 0, 0 }, LEAP_UNKNOWN },
		{ "three of four", { 1, 1, 0, 1 }, LEAP_INSERT },
		{ "three delete", { 2, 2, 1, 2 }, LEAP_DELETE },
		{ "in discord", { 2, 2, 1, 1 }, LEAP_UNKNOWN },
	};

	for (size_t k = 0; k < sizeof(t) / sizeof(t[0]); k++) {
		struct select_input in[4];
		enum select_state state[4];
		struct select_output out;

		for (int i = 0; i < 4; i++) {
			in[i] = source(0, MS);
			in[i].leap = t[k].leap[i];
		}
		choose(in, 4, 4, 0, -1, state, &out);
		IS_I64(out.leap, t[k].want, "leap: %s", t[k].name);
		/* An outlier still has a vote. */
		in[0].distance_ns = in[1].distance_ns = 20 * MS;
		in[0].line.theta_ns = 8 * MS;
		choose(in, 4, 4, 3, -1, state, &out);
		OK(out.leap == t[k].want && state[0] == SELECT_OUTLIER,
		    "leap: %s, one is an outlier", t[k].name);
	}
}

int
main(void)
{
	test_scenes();
	test_deviations();
	test_combine();
	test_apart();
	test_extremes();
	test_peer();
	test_leap();
	return DONE();
}
