/*
 * Properties that hold in every scenario.  Scenarios are drawn at random: a few
 * hundred for `make test`, many more for `make sim-soak`.  A failure names the
 * seed; `properties.t -w SEED` writes its scenario, which sim can play.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/source/source.h"
#include "tests/sim/chance.h"
#include "tests/sim/jobs.h"
#include "tests/tap.h"

#define SEEDS_DEFAULT	300
#define SHOWN_MOST	8
#define AGAIN		20 /* runs that are repeated */
/* Limits: share of seconds, for a run to be shown, and for all runs. */
#define UNCOVERED_SHOWN 0.01
#define UNCOVERED_MOST	0.001
#define WAKES_START	200 /* wake-ups of the start */
#define WAKES_QUERY	4   /* with duplicates */

enum property {
	P_DONE,
	P_FROZEN,
	P_LIMIT,
	P_STEPS,
	P_BOUND,
	P_SERVED,
	P_CONVERGES,
	P_POLL,
	P_WAKES,
	PROPERTIES
};

static const char *const sentences[PROPERTIES] = {
	[P_DONE] = "every run comes to its end",
	[P_FROZEN] = "no honest trouble, and no minority, freezes the clock",
	[P_LIMIT] = "no minority moves the clock beyond honest servers' bounds",
	[P_STEPS] = "no step after the first while the true error is small",
	[P_BOUND] = "the bound that the kernel announces covers the true error",
	[P_SERVED] = "the bound that is served covers the error of that time",
	[P_CONVERGES] = "the clock is right at the end, wherever it started",
	[P_POLL] = "no server is asked more often than is configured",
	[P_WAKES] = "no program wakes up more often than it has work",
};

/*
 * A lie that is smaller than the errors of honest servers cannot be detected,
 * and the liar's bound is as false as its time.
 */
static bool
has_liars(const struct scenario *sc)
{
	for (uint32_t i = 0; i < sc->server_count; i++)
		if (sc->servers[i].liar != 0)
			return true;
	return false;
}

/*
 * In any time, no more queries to a server than the shortest interval allows,
 * plus a burst of SOURCE_BURST.
 */
static bool
keeps_to_the_poll(const struct result *r, double least_s)
{
	for (int i = 0; i < MEASURE_GAPS; i++) {
		double most = i * SOURCE_BURST + 1;

		if (r->least_gap_s[i] > 0 &&
		    r->least_gap_s[i] < most * least_s * 0.999)
			return false;
	}
	return true;
}

/*
 * ntp-net wakes up twice in 16 s (a look at everything, a report of ntp-clock),
 * and for each query and its answer.  ntp-clock wakes up once a second while it
 * slews, and for each sample.
 */
static bool
wakes_little(const struct result *r)
{
	double queries = (double)r->queries;

	return (double)r->turns[0] <= WAKES_START + r->length_s + queries &&
	    (double)r->turns[1] <=
	    WAKES_START + r->length_s / 8 + WAKES_QUERY * queries;
}

static bool
holds(enum property p, const struct scenario *sc, const struct result *r)
{
	double least_s = (double)(1 << (int)sc->poll_min);

	switch (p) {
	case P_DONE:
		return r->done;
	case P_FROZEN:
		return !r->frozen;
	case P_LIMIT:
		return r->over_limit_ns <= 0;
	case P_STEPS:
		/* Servers may mislead the clock by as much as their bound. */
		return r->least_step_ns <= 0 ||
		    r->least_step_ns + sc->limit_ns >= sc->step_over_ns;
	case P_BOUND:
		return has_liars(sc) || r->uncovered <= UNCOVERED_SHOWN;
	case P_SERVED:
		return has_liars(sc) || r->served_uncovered <= UNCOVERED_SHOWN;
	case P_CONVERGES:
		return r->final_excused ||
		    fabs(r->final_error_ns) <= sc->limit_ns;
	case P_POLL:
		return keeps_to_the_poll(r, least_s);
	case P_WAKES:
		return wakes_little(r);
	case PROPERTIES:
		break;
	}
	return false;
}

static void
show(const struct scenario *sc, const struct result *r)
{
	printf("# seed %s: limit %.3g ms, over by %.3g ms at %.0f s; least "
	       "step %.3g ms; bound short %.3g %%, by %.3g ms at %.0f s; "
	       "served %.3g %%, by %.3g ms at %.0f s; end %.3g ms; gap %.3f "
	       "s, least %d s\n",
	    sc->name, sc->limit_ns / 1e6, r->over_limit_ns / 1e6,
	    r->over_limit_s, r->least_step_ns / 1e6, r->uncovered * 100,
	    r->uncovered_worst_ns / 1e6, r->uncovered_worst_s,
	    r->served_uncovered * 100, r->served_worst_ns / 1e6,
	    r->served_worst_s, r->final_error_ns / 1e6, r->least_gap_s[0],
	    1 << (int)sc->poll_min);
}

/* A bound may be wrong at times, but in all runs together hardly ever. */
static bool
may_fail(const struct plan *plan, const struct result *results, enum property p)
{
	static struct scenario sc;
	double sum = 0, runs = 0;

	if (p != P_BOUND && p != P_SERVED)
		return false;
	for (int k = 0; k < plan->seeds; k++) {
		chance_scenario(&sc, plan->first_seed + (uint64_t)k);
		if (has_liars(&sc))
			continue;
		runs++;
		sum += p == P_BOUND ? results[k].uncovered
				    : results[k].served_uncovered;
	}
	printf("# %s: not in %.4f %% of seconds\n", sentences[p],
	    runs > 0 ? sum / runs * 100 : 0);
	return sum <= runs * UNCOVERED_MOST;
}

static void
judge(const struct plan *plan, const struct result *results, enum property p)
{
	static struct scenario sc;
	int bad = 0;

	for (int k = 0; k < plan->seeds; k++) {
		chance_scenario(&sc, plan->first_seed + (uint64_t)k);
		if (holds(p, &sc, &results[k]))
			continue;
		if (bad++ < SHOWN_MOST)
			show(&sc, &results[k]);
	}
	OK(may_fail(plan, results, p) || bad == 0, "%s (%d of %d fail)",
	    sentences[p], bad, plan->seeds);
}

/* Repeat some runs: only the real time that they take may differ. */
static void
judge_same(const struct plan *plan, const struct result *results)
{
	struct plan again = *plan;
	const struct result *second;
	int differ = 0;

	again.seeds = plan->seeds < AGAIN ? plan->seeds : AGAIN;
	second = jobs_draw(&again, chance_scenario);
	for (int k = 0; k < again.seeds; k++) {
		struct result r = second[k];

		r.wall_s = results[k].wall_s;
		differ += memcmp(&r, &results[k], sizeof(r)) != 0;
	}
	OK(differ == 0, "a seed gives the same run each time");
}

int
main(int argc, char **argv)
{
	static struct plan plan = {
		.workers = 2, .seeds = SEEDS_DEFAULT, .first_seed = 1
	};
	static struct scenario sc;
	const struct result *results;
	int c;

	while ((c = getopt(argc, argv, "j:n:s:w:")) != -1) {
		unsigned long v = c == '?' ? 0 : strtoul(optarg, NULL, 10);

		if (c == 'j') {
			plan.workers = (int)v;
		} else if (c == 'n') {
			plan.seeds = (int)v;
		} else if (c == 's') {
			plan.first_seed = v;
		} else if (c == 'w') {
			chance_scenario(&sc, v);
			scenario_write(&sc, stdout);
			return 0;
		} else {
			errx(2,
			    "usage: properties.t [-j jobs] [-n seeds] "
			    "[-s seed] | -w seed");
		}
	}
	results = jobs_draw(&plan, chance_scenario);
	judge_same(&plan, results);
	for (int p = 0; p < PROPERTIES; p++)
		judge(&plan, results, (enum property)p);
	return DONE();
}
