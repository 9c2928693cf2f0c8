/*
 * Many runs, see jobs.h.
 */
#include "tests/sim/jobs.h"

#include <sys/mman.h>
#include <sys/wait.h>

#include <err.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tests/sim/world.h"

void
jobs_add(struct plan *plan, const struct scenario *sc, int poll_log2)
{
	struct variant *v;

	if (plan->count == VARIANTS_MAX)
		errx(1, "too many scenarios");
	v = &plan->variants[plan->count++];
	v->scenario = malloc(sizeof(*v->scenario));
	if (v->scenario == NULL)
		err(1, "malloc");
	*v->scenario = *sc;
	v->poll_log2 = poll_log2;
	scenario_fix_poll(v->scenario, poll_log2);
}

static double
wall_s(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1)
		err(1, "clock_gettime");
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

void
jobs_play(const struct scenario *sc, uint64_t seed, int log_level,
    const char *trace, double every_s, struct result *r)
{
	double begun_s = wall_s();

	measure_init(&world.measure, sc->from_s, sc->to_s);
	if (trace != NULL) {
		world.measure.trace = fopen(trace, "w");
		world.measure.trace_every_s = every_s;
		if (world.measure.trace == NULL)
			err(1, "%s", trace);
	}
	world_run(sc, seed, log_level);
	if (trace != NULL && fclose(world.measure.trace) != 0)
		err(1, "%s", trace);
	measure_result(&world, r);
	r->wall_s = wall_s() - begun_s;
}

/* Results in memory that the processes of all runs share. */
static struct result *
shared_results(size_t n)
{
	void *p = mmap(NULL, n * sizeof(struct result), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		err(1, "mmap");
	return p;
}

static void
wait_for_one(void)
{
	if (wait(NULL) == -1)
		err(1, "wait");
}

/* Start a run in a new process, once fewer than the maximum run. */
static void
start(const struct plan *plan, int *running, const struct scenario *sc,
    uint64_t seed, struct result *r)
{
	pid_t pid;

	if (*running == plan->workers) {
		wait_for_one();
		--*running;
	}
	pid = fork();
	if (pid == -1)
		err(1, "fork");
	++*running;
	if (pid != 0)
		return;
	jobs_play(sc, seed, -1, NULL, 1, r);
	_exit(0);
}

void
jobs_run(struct plan *plan)
{
	size_t seeds = (size_t)plan->seeds;
	struct result *all = shared_results(plan->count * seeds);
	int running = 0;

	for (uint32_t i = 0; i < plan->count; i++) {
		struct variant *v = &plan->variants[i];

		v->results = all + i * seeds;
		for (size_t k = 0; k < seeds; k++)
			start(plan, &running, v->scenario, plan->first_seed + k,
			    &v->results[k]);
	}
	for (; running > 0; running--)
		wait_for_one();
}

const struct result *
jobs_draw(
    const struct plan *plan, void (*draw)(struct scenario *sc, uint64_t seed))
{
	static struct scenario sc;
	struct result *all = shared_results((size_t)plan->seeds);
	int running = 0;

	for (size_t k = 0; k < (size_t)plan->seeds; k++) {
		draw(&sc, plan->first_seed + k);
		start(plan, &running, &sc, plan->first_seed + k, &all[k]);
	}
	for (; running > 0; running--)
		wait_for_one();
	return all;
}
