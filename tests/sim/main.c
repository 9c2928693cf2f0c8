/*
 * sim: runs scenarios against the programs' own objects in virtual time, and
 * reports how good the clock was.  See the README of this folder.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/sim/jobs.h"
#include "tests/sim/replay.h"
#include "tests/sim/table.h"
#include "tests/sim/world.h"
#include "tests/sim/writers.h"

#define SEEDS_DEFAULT 5
#define RECORD_BYTES  (16 << 20)

struct options {
	struct plan plan;
	bool targets; /* run each variant that has a target */
	int poll_log2;
	const char *trace;
	double trace_every_s;
	const char *record;
	uint64_t record_bytes;
	const char *replay;
	int log_level;
};

__attribute__((noreturn)) static void
usage(void)
{
	fprintf(stderr,
	    "usage: sim [-av] [-j jobs] [-n seeds] [-p poll] [-s seed]\n"
	    "           [-t trace [-e seconds]] [-w record [-b bytes]] "
	    "scenario ...\n"
	    "       sim [-v] -r record\n");
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

	while ((c = getopt(argc, argv, "ab:e:j:n:p:r:s:t:vw:")) != -1) {
		if (c == 'a')
			o->targets = true;
		else if (c == 'b')
			o->record_bytes =
			    (uint64_t)number(optarg, 1, 1000000000);
		else if (c == 'e')
			o->trace_every_s = (double)number(optarg, 1, 86400);
		else if (c == 'j')
			o->plan.workers = (int)number(optarg, 1, 256);
		else if (c == 'n')
			o->plan.seeds = (int)number(optarg, 1, 10000);
		else if (c == 'p')
			o->poll_log2 = (int)number(optarg, 0, 17);
		else if (c == 'r')
			o->replay = optarg;
		else if (c == 's')
			o->plan.first_seed =
			    (uint64_t)number(optarg, 0, 1000000000);
		else if (c == 't')
			o->trace = optarg;
		else if (c == 'v')
			o->log_level++;
		else if (c == 'w')
			o->record = optarg;
		else
			usage();
	}
}

/* One run in this process, which writes a trace or a recording. */
static void
run_traced(const struct options *o, const char *file)
{
	static struct scenario sc;
	struct result r;

	if (scenario_read(&sc, file) == -1)
		exit(1);
	scenario_fix_poll(&sc, o->poll_log2);
	if (o->record != NULL)
		writers_open(o->record, o->record_bytes);
	jobs_play(&sc, o->plan.first_seed, o->log_level, o->trace,
	    o->trace_every_s, &r);
	writers_close();
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
		.record_bytes = RECORD_BYTES,
		.log_level = -1
	};

	read_options(&o, argc, argv);
	if (o.replay != NULL && optind == argc)
		return replay_all(o.replay, o.log_level + 1);
	if (optind == argc || o.replay != NULL)
		usage();
	if (o.trace != NULL || o.record != NULL || o.log_level >= 0) {
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
