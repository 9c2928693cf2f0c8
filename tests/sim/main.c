/*
 * sim: play scenarios against the programs' own objects in virtual time, and
 * say how well the clock did.  See the README of this folder.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jobs.h"
#include "table.h"
#include "world.h"

#define SEEDS_DEFAULT 5

struct options {
	struct plan plan;
	bool targets; /* each variant that a scenario has a target for */
	int poll_log2;
	const char *trace;
	double trace_every_s;
	int log_level;
};

__attribute__((noreturn)) static void
usage(void)
{
	fprintf(stderr,
	    "usage: sim [-av] [-j jobs] [-n seeds] [-p poll] [-s seed]\n"
	    "           [-t trace [-e seconds]] scenario ...\n");
	exit(2);
}

static long
number(const char *text, long least, long most)
{
	char *end;
	long v = strtol(text, &end, 10);

	if (end == text || *end != '\0' || v < least || v > most)
		errx(2, "not a number that is possible here: %s", text);
	return v;
}

static void
read_options(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "ae:j:n:p:s:t:v")) != -1) {
		if (c == 'a')
			o->targets = true;
		else if (c == 'e')
			o->trace_every_s = (double)number(optarg, 1, 86400);
		else if (c == 'j')
			o->plan.workers = (int)number(optarg, 1, 256);
		else if (c == 'n')
			o->plan.seeds = (int)number(optarg, 1, 10000);
		else if (c == 'p')
			o->poll_log2 = (int)number(optarg, 0, 17);
		else if (c == 's')
			o->plan.first_seed =
			    (uint64_t)number(optarg, 0, 1000000000);
		else if (c == 't')
			o->trace = optarg;
		else if (c == 'v')
			o->log_level++;
		else
			usage();
	}
}

/* One run, in this process, that leaves a trace. */
static void
run_traced(const struct options *o, const char *file)
{
	static struct scenario sc;
	struct result r;

	if (scenario_read(&sc, file) == -1)
		exit(1);
	scenario_fix_poll(&sc, o->poll_log2);
	jobs_play(&sc, o->plan.first_seed, o->log_level, o->trace,
	    o->trace_every_s, &r);
	table_one(&sc, o->poll_log2, &r);
}

static void
add_variants(
    struct plan *plan, const struct scenario *sc, const struct options *o)
{
	if (!o->targets || sc->target_count == 0) {
		jobs_add(plan, sc, o->poll_log2);
		return;
	}
	for (uint32_t i = 0; i < sc->target_count; i++)
		jobs_add(plan, sc, sc->targets[i].poll_log2);
}

int
main(int argc, char **argv)
{
	static struct scenario sc;
	static struct options o = {
		.plan = { .workers = 1, .seeds = 1, .first_seed = 1 },
		.poll_log2 = POLL_DEFAULT,
		.trace_every_s = 1,
		.log_level = -1
	};

	read_options(&o, argc, argv);
	if (optind == argc)
		usage();
	if (o.trace != NULL || o.log_level >= 0) {
		if (optind + 1 != argc)
			errx(2, "a trace is of one scenario");
		run_traced(&o, argv[optind]);
		return 0;
	}
	for (int i = optind; i < argc; i++) {
		if (scenario_read(&sc, argv[i]) == -1)
			return 1;
		add_variants(&o.plan, &sc, &o);
	}
	jobs_run(&o.plan);
	return table_print(&o.plan) ? 0 : 1;
}
