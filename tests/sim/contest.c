/*
 * The estimator against a plain client (reference.h), in random scenarios by
 * kind (kinds.h): make sim-soak.  For each kind it prints the ratio of their
 * errors, so that a kind in which the estimator is worse finds itself.
 *
 *	contest [-j JOBS] [-n SEEDS] [-s SEED]
 *	contest -w SEED		write that scenario, which sim can play
 *
 * Exit status 1 if a run is worse than RATIO_MOST times the plain client.
 */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/sim/jobs.h"
#include "tests/sim/kinds.h"

#define SEEDS_DEFAULT 2000
#define RATIO_MOST    1.5
/* Below this, ns, errors are as good as each other. */
#define SAME_NS	      100

/* The runs of one kind and poll. */
struct group {
	uint32_t count;
	double *ratio; /* room for all seeds */
	double worst;
	uint64_t worst_seed;
	double uncovered; /* sum, of seconds in sync */
	double largest;	  /* sum of the ratios of the largest errors, logs */
};

static double
ratio(double ours_ns, double theirs_ns)
{
	return (ours_ns + SAME_NS) / (theirs_ns + SAME_NS);
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
add(struct group *g, const struct result *r, uint64_t seed)
{
	double rms = ratio(r->fair_rms_ns, r->reference_rms_ns);

	g->ratio[g->count++] = rms;
	g->uncovered += r->uncovered;
	g->largest += log(ratio(r->fair_max_ns, r->reference_max_ns));
	if (rms <= g->worst)
		return;
	g->worst = rms;
	g->worst_seed = seed;
}

static void
print_group(struct group *g, const char *name, const char *poll)
{
	uint32_t n = g->count;

	if (n == 0)
		return;
	qsort(g->ratio, n, sizeof(*g->ratio), compare);
	printf("%-26s %-7s %5u %7.3f %7.3f %7.3f %8llu %8.3f %8.4f%s\n", name,
	    poll, n, g->ratio[n / 2], g->ratio[n * 9 / 10], g->worst,
	    (unsigned long long)g->worst_seed, exp(g->largest / n),
	    g->uncovered / n * 100, g->worst > RATIO_MOST ? " WORSE" : "");
}

/* Gather the runs of one kind with one poll. */
static struct group
gather(const struct plan *plan, const struct result *results, uint32_t kind,
    bool fixed)
{
	struct group g = { .ratio =
			       calloc((size_t)plan->seeds, sizeof(double)) };

	if (g.ratio == NULL)
		err(1, "calloc");
	for (int k = 0; k < plan->seeds; k++) {
		uint64_t seed = plan->first_seed + (uint64_t)k;

		if (kinds_of(seed) != kind || kinds_is_fixed(seed) != fixed)
			continue;
		if (!results[k].done)
			errx(1, "seed %llu: the run failed",
			    (unsigned long long)seed);
		add(&g, &results[k], seed);
	}
	return g;
}

static bool
report(const struct plan *plan, const struct result *results)
{
	struct group all = { .ratio =
				 calloc((size_t)plan->seeds, sizeof(double)) };

	if (all.ratio == NULL)
		err(1, "calloc");
	printf("%-26s %-7s %5s %7s %7s %7s %8s %8s %8s\n",
	    "ours / plain client", "poll", "runs", "median", "90 %", "worst",
	    "seed", "largest", "unc/%");
	for (uint32_t k = 0; k < kinds_count() * KINDS_EACH; k++) {
		uint32_t kind = k / KINDS_EACH;
		bool fixed = k % KINDS_EACH == 0;
		struct group g = gather(plan, results, kind, fixed);

		print_group(&g, kinds_name(kind), fixed ? "64s" : "default");
		free(g.ratio);
	}
	for (int k = 0; k < plan->seeds; k++)
		add(&all, &results[k], plan->first_seed + (uint64_t)k);
	print_group(&all, "all", "both");
	free(all.ratio);
	return all.worst <= RATIO_MOST;
}

int
main(int argc, char **argv)
{
	static struct plan plan = {
		.workers = 2, .seeds = SEEDS_DEFAULT, .first_seed = 1
	};
	static struct scenario sc;
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
			kinds_draw(&sc, v);
			scenario_write(&sc, stdout);
			return 0;
		} else {
			errx(2,
			    "usage: contest [-j jobs] [-n seeds] [-s seed] | "
			    "-w seed");
		}
	}
	return report(&plan, jobs_draw(&plan, kinds_draw)) ? 0 : 1;
}
