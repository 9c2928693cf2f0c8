/*
 * An oscillator with an impossible frequency, as one source's measurements show
 * it; and what only looks like one.
 */
#include "core/filter/oscillator.h"

#include <math.h>
#include <string.h>

#include "tests/tap.h"

#define MS	 NS_PER_MS
#define BEGIN	 (1000 * NS_PER_S)
#define ROUND_NS (20 * MS)

struct shown {
	const char *name;
	double ppm;	   /* of UTC - raw */
	int64_t gap_ns;	   /* between measurements */
	int n;		   /* number of them */
	int64_t step_ns;   /* in the middle */
	int64_t jitter_ns; /* of every second round trip, all on one way */
	int64_t dispersion_ns;
	enum oscillator_is want;
};

/* The result after n measurements. */
static enum oscillator_is
judge(const struct shown *t, double *slope)
{
	struct oscillator o;

	memset(&o, 0, sizeof(o));
	for (int i = 0; i < t->n; i++) {
		int64_t at_ns = BEGIN + i * t->gap_ns;
		int64_t late_ns = i % 2 == 1 ? t->jitter_ns : 0;
		int64_t off_ns = i >= t->n / 2 ? t->step_ns : 0;
		const struct measurement m = { .at = { at_ns },
			.theta_ns =
			    (int64_t)(t->ppm * 1e-6 * (double)(at_ns - BEGIN)) +
			    off_ns + late_ns / 2,
			.delay_ns = ROUND_NS + late_ns,
			.dispersion_ns = t->dispersion_ns };

		oscillator_push(&o, &m);
	}
	return oscillator_judge(&o, slope);
}

static void
test_shown(void)
{
	static const struct shown t[] = {
		{ "none", 0, 16 * NS_PER_S, 0, 0, 0, 0, OSCILLATOR_UNKNOWN },
		{ "one", 0, 16 * NS_PER_S, 1, 0, 0, 0, OSCILLATOR_UNKNOWN },
		{ "two of a good one", 20, 16 * NS_PER_S, 2, 0, 0, 0,
		    OSCILLATOR_FINE },
		{ "four of a wild one", 1100, 16 * NS_PER_S, 4, 0, 0, 0,
		    OSCILLATOR_UNKNOWN },
		{ "1100 ppm", 1100, 16 * NS_PER_S, 5, 0, 0, 0,
		    OSCILLATOR_WILD },
		{ "the other way", -1100, 16 * NS_PER_S, 5, 0, 0, 0,
		    OSCILLATOR_WILD },
		{ "5 %, each second", 50000, NS_PER_S, 40, 0, 0, 0,
		    OSCILLATOR_WILD },
		{ "5 %, each second, for too short", 50000, NS_PER_S, 30, 0, 0,
		    0, OSCILLATOR_UNKNOWN },
		{ "1001 ppm, each 1024 s", 1001, 1024 * NS_PER_S, 9, 0, 0, 0,
		    OSCILLATOR_WILD },
		{ "999 ppm", 999, 16 * NS_PER_S, 9, 0, 0, 0, OSCILLATOR_FINE },
		{ "1100 ppm, and jitter", 1100, 16 * NS_PER_S, 6, 0, 5 * MS, 0,
		    OSCILLATOR_WILD },
		{ "1100 ppm, and more jitter than shows it", 1100,
		    16 * NS_PER_S, 6, 0, 50 * MS, 0, OSCILLATOR_UNKNOWN },
		{ "1100 ppm, by stamps of a second", 1100, 16 * NS_PER_S, 9, 0,
		    0, NS_PER_S, OSCILLATOR_UNKNOWN },
		{ "a step of a second", 10, 16 * NS_PER_S, 6, NS_PER_S, 0, 0,
		    OSCILLATOR_UNKNOWN },
		{ "a step long ago", 10, 16 * NS_PER_S, 12, NS_PER_S, 0, 0,
		    OSCILLATOR_FINE },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		double slope;

		IS_I64(judge(&t[i], &slope), t[i].want, "%s", t[i].name);
		OK(t[i].want == OSCILLATOR_WILD
			? fabs(slope - t[i].ppm * 1e-6) < 60e-6
			: slope == 0,
		    "%s: its slope", t[i].name);
	}
}

/* Invalid values are ignored, and do not overflow. */
static void
test_edges(void)
{
	const struct measurement m[] = {
		{ .at = { BEGIN }, .delay_ns = INT64_MAX },
		{ .at = { BEGIN }, .theta_ns = 5 },
		{ .at = { BEGIN - NS_PER_S }, .theta_ns = 5 },
		{ .at = { BEGIN + OSCILLATOR_GAP_NS },
		    .theta_ns = INT64_MAX / 4,
		    .dispersion_ns = INT64_MAX },
	};
	struct oscillator o;
	double slope;

	memset(&o, 0, sizeof(o));
	for (size_t i = 0; i < sizeof(m) / sizeof(m[0]); i++)
		oscillator_push(&o, &m[i]);
	IS_I64(o.seen[0].theta_ns, INT64_MAX / 4, "the newest");
	OK(o.seen[1].theta_ns == 0 && o.seen[2].at_ns == 0,
	    "one at the same time, or from before, is left out");
	IS_I64(oscillator_judge(&o, &slope), OSCILLATOR_UNKNOWN,
	    "what is that blurred shows nothing");
}

int
main(void)
{
	test_shown();
	test_edges();
	return DONE();
}
