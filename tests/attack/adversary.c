/*
 * The promise, against an adversary: whoever has ntp-net moves the clock no
 * further than ntpd.conf(5) allows.  Many runs of 24 hours, each with a hostile
 * ntp-net that chance has drawn, in a world where every program is killed,
 * stopped and started again; then a search that changes the worst of them for
 * worse.  See adv_check.h for what is checked, and adv_world.h for the world.
 *
 *   adversary [-n RUNS] [-j JOBS] [-f FIRST] [-c STEPS]
 *   adversary -s SEED [-m STEP,STEP,...] [-v]     one run again
 */
#include <sys/mman.h>
#include <sys/wait.h>

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/attack/adv_net.h"
#include "tests/attack/adv_state.h"
#include "tests/attack/adv_world.h"
#include "tests/tap.h"

#define RUNS_DEFAULT 200
#define CLIMBERS     6
#define STEPS_MAX    32 /* changes that were kept */
#define WORST	     5

struct result {
	uint64_t seed;
	bool done, failed;
	char why[TEXT];
	double worst, worst_formula, worst_s;
	uint32_t steps, leaps, freezes, releases, charged, killed, lost;
	bool anchored;
	uint32_t change_count;
	uint32_t changes[STEPS_MAX];
};

static struct {
	int runs, jobs, climb;
	uint64_t first;
} options = { .runs = RUNS_DEFAULT, .jobs = 2, .climb = 0, .first = 1 };

static struct genome
genome_of(uint64_t seed, const uint32_t *changes, uint32_t count)
{
	struct genome g;
	struct rng r;

	rng_init(&r, seed, 2);
	genome_draw(&g, &r);
	for (uint32_t i = 0; i < count; i++) {
		rng_init(&r, seed, 1000 + changes[i]);
		genome_change(&g, &r);
	}
	return g;
}

static void
play(struct result *r, bool verbose)
{
	struct genome g = genome_of(r->seed, r->changes, r->change_count);
	const struct check *c = &world.check;

	world_run(r->seed, &g, verbose);
	r->done = true;
	r->failed = world.failed;
	memcpy(r->why, world.why, sizeof(r->why));
	r->worst = c->worst;
	r->worst_formula = c->worst_formula;
	r->worst_s = c->worst_ns / 1e9;
	r->steps = c->steps;
	r->leaps = c->leaps;
	r->freezes = c->freezes;
	r->releases = c->releases;
	r->charged = c->charged;
	r->lost = c->lost;
	r->killed = world.events.killed;
	r->anchored = c->ever_anchored;
}

/* --- many runs ------------------------------------------------------------ */

static struct result *
shared(size_t count)
{
	void *p = mmap(NULL, count * sizeof(struct result),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		err(1, "mmap");
	return p;
}

/* Changes that are no better than what was there are taken back. */
static void
climb(struct result *best, int steps)
{
	for (int i = 0; i < steps && !best->failed; i++) {
		struct result next = *best;

		if (next.change_count == STEPS_MAX)
			return;
		next.changes[next.change_count++] = (uint32_t)i;
		play(&next, false);
		if (next.failed ||
		    next.worst + next.worst_formula >
			best->worst + best->worst_formula)
			*best = next;
	}
}

static void
work(struct result *all, int count, int job, int steps)
{
	for (int i = job; i < count; i += options.jobs)
		if (steps == 0)
			play(&all[i], false);
		else
			climb(&all[i], steps);
	_exit(0);
}

static void
run_all(struct result *all, int count, int steps)
{
	for (int j = 0; j < options.jobs; j++) {
		pid_t pid = fork();

		if (pid == -1)
			err(1, "fork");
		if (pid == 0)
			work(all, count, j, steps);
	}
	for (int j = 0; j < options.jobs; j++)
		if (wait(NULL) == -1)
			err(1, "wait");
}

/* --- what came out -------------------------------------------------------- */

static int
by_budget(const void *a, const void *b)
{
	const struct result *x = a, *y = b;

	return (x->worst < y->worst) - (x->worst > y->worst);
}

static int
by_formula(const void *a, const void *b)
{
	const struct result *x = a, *y = b;

	return (x->worst_formula < y->worst_formula) -
	    (x->worst_formula > y->worst_formula);
}

static void
show(const struct result *r)
{
	printf("#   %.6f of a budget in a period, %.6f of the formula's bound, "
	       "%.6f s: -s %" PRIu64,
	    r->worst, r->worst_formula, r->worst_s, r->seed);
	for (uint32_t i = 0; i < r->change_count; i++)
		printf("%s%u", i == 0 ? " -m " : ",", r->changes[i]);
	putchar('\n');
}

static void
show_worst(struct result *all, int count)
{
	qsort(all, (size_t)count, sizeof(*all), by_formula);
	printf("# nearest to the formula's bound:\n");
	for (int i = 0; i < count && i < WORST; i++)
		show(&all[i]);
	qsort(all, (size_t)count, sizeof(*all), by_budget);
	printf("# nearest to the budget of a period:\n");
	for (int i = 0; i < count && i < WORST; i++)
		show(&all[i]);
}

/* Runs in which nothing happens would prove nothing. */
static void
show_summary(const struct result *all, int count)
{
	uint64_t steps = 0, leaps = 0, killed = 0, released = 0, lost = 0;
	int frozen = 0, charged = 0, anchored = 0, spent = 0;

	for (int i = 0; i < count; i++) {
		steps += all[i].steps;
		leaps += all[i].leaps;
		killed += all[i].killed;
		lost += all[i].lost;
		released += all[i].releases;
		frozen += all[i].freezes > 0;
		charged += all[i].charged > 0;
		anchored += all[i].anchored;
		spent += all[i].worst > 0.9;
	}
	printf("# in %d runs: steps=%" PRIu64 " leap seconds=%" PRIu64
	       " kills and hangs=%" PRIu64 " releases=%" PRIu64
	       " gaps lost by two kills=%" PRIu64 "\n",
	    count, steps, leaps, killed, released, lost);
	printf("# runs that froze=%d had a rate charged=%d an anchor=%d used "
	       "90 %% of a budget=%d\n",
	    frozen, charged, anchored, spent);
	OK(count < 100 ||
		(steps > (uint64_t)count && killed > (uint64_t)count &&
		    leaps > 0 && released > 0 && frozen > count / 20 &&
		    charged > count / 10 && anchored > count / 10 &&
		    spent > count / 10),
	    "the adversary did all that it can");
}

static int
show_broken(const struct result *all, int count)
{
	int broken = 0;

	for (int i = 0; i < count; i++) {
		if (all[i].done && !all[i].failed)
			continue;
		if (++broken > 10)
			continue;
		printf("# BROKEN: %s:",
		    all[i].done ? all[i].why : "the run did not end");
		show(&all[i]);
	}
	return broken;
}

static void
test_runs(void)
{
	struct result *all = shared((size_t)options.runs);
	int climbers = options.climb > 0 ? CLIMBERS : 0, broken;

	for (int i = 0; i < options.runs; i++)
		all[i].seed = options.first + (uint64_t)i;
	run_all(all, options.runs, 0);
	show_summary(all, options.runs);
	show_worst(all, options.runs);
	broken = show_broken(all, options.runs);
	OK(broken == 0, "%d runs of 24 hours: %d break the promise",
	    options.runs, broken);
	if (climbers == 0 || climbers > options.runs)
		return;
	run_all(all, climbers, options.climb);
	printf("# after a search of %d steps from each of the worst:\n",
	    options.climb);
	show_worst(all, climbers);
	broken = show_broken(all, climbers);
	OK(broken == 0, "a search for worse ones: %d break the promise",
	    broken);
}

static int
play_one(uint64_t seed, char *changes, bool verbose)
{
	struct result r = { .seed = seed };
	char *one;

	while (changes != NULL && (one = strsep(&changes, ",")) != NULL)
		if (r.change_count < STEPS_MAX)
			r.changes[r.change_count++] =
			    (uint32_t)strtoul(one, NULL, 10);
	play(&r, verbose);
	if (r.failed)
		printf("# BROKEN: %s\n", r.why);
	show(&r);
	return r.failed;
}

int
main(int argc, char **argv)
{
	char *changes = NULL;
	uint64_t seed = 0;
	bool one = false, verbose = false;
	int o;

	while ((o = getopt(argc, argv, "n:j:f:c:s:m:v")) != -1) {
		switch (o) {
		case 'n':
			options.runs = atoi(optarg);
			break;
		case 'j':
			options.jobs = atoi(optarg);
			break;
		case 'f':
			options.first = strtoull(optarg, NULL, 10);
			break;
		case 'c':
			options.climb = atoi(optarg);
			break;
		case 's':
			seed = strtoull(optarg, NULL, 10);
			one = true;
			break;
		case 'm':
			changes = optarg;
			break;
		case 'v':
			verbose = true;
			break;
		default:
			errx(1,
			    "usage: adversary [-n runs] [-j jobs] [-f "
			    "first] [-c steps] [-s seed [-m changes] [-v]]");
		}
	}
	if (options.runs < 1 || options.jobs < 1)
		errx(1, "at least one run and one job");
	if (one)
		return play_one(seed, changes, verbose);
	test_runs();
	return DONE();
}
