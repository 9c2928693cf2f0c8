/*
 * Replay a recording: run ntp-net's own objects again in a process of their
 * own, with the recorded events in place of the system (replay.syms).  Each
 * decision of the program is compared with the recorded one.
 */
#ifndef SIM_REPLAY_H
#define SIM_REPLAY_H

#include <stdio.h>

#include "tests/sim/reader.h"

#define REPLAY_WHY 4096

struct replay_result {
	bool ended; /* reached the end of the recording */
	bool same;  /* and nothing differed */
	uint64_t decisions;
	uint64_t answers; /* datagrams that were checked */
	uint64_t samples;
	uint64_t items;
	int64_t from_ns; /* CLOCK_REALTIME of the first and last reading */
	int64_t to_ns;
	char why[REPLAY_WHY]; /* the difference, if not the same */
};

/*
 * Replay from a part on, through all parts that continue it.  story: where to
 * print events, or NULL; detail 0: answers, states and samples, 1: also
 * queries, messages and the log, 2: every item.
 */
void replay_run(const struct parts *p, uint32_t part, FILE *story, int detail,
    struct replay_result *r);

/*
 * Replay a whole recording and print the result.  Returns 0 if everything is
 * the same, else 1.
 */
int replay_all(const char *path, int detail);

#endif
