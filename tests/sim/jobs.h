/*
 * Many runs, each in a process of its own, some at a time.
 */
#ifndef SIM_JOBS_H
#define SIM_JOBS_H

#include "tests/sim/measure.h"
#include "tests/sim/scenario.h"

#define VARIANTS_MAX 512

/* A scenario with one choice of poll; it is run with each seed. */
struct variant {
	struct scenario *scenario;
	int poll_log2;
	struct result *results; /* one for each seed */
};

struct plan {
	int workers;
	int seeds;
	uint64_t first_seed;
	uint32_t count;
	struct variant variants[VARIANTS_MAX];
};

/* Add a copy of a scenario to the plan. */
void jobs_add(struct plan *plan, const struct scenario *sc, int poll_log2);

/* Run all; a run that fails leaves a result with done false. */
void jobs_run(struct plan *plan);

/*
 * Run the scenario that draw() makes, once for each seed of the plan, which has
 * no variants.  Returns the results, one per seed.
 */
const struct result *jobs_draw(
    const struct plan *plan, void (*draw)(struct scenario *sc, uint64_t seed));

/*
 * Run one scenario in this process, which can do it only once.  trace is a file
 * to write, or NULL; it gets a line every every_s seconds.
 */
void jobs_play(const struct scenario *sc, uint64_t seed, int log_level,
    const char *trace, double every_s, struct result *r);

#endif
