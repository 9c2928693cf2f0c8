/*
 * Replaying a recording: ntp-net's own objects once more, in a process of
 * their own, with what was seen then in the place of the system (replay.syms).
 * Everything that the program does now is compared with what it did then.
 */
#ifndef SIM_REPLAY_H
#define SIM_REPLAY_H

#include <stdio.h>

#include "tests/sim/reader.h"

#define REPLAY_WHY 4096

struct replay_result {
	bool ended; /* it came to the end of what is recorded */
	bool same;  /* and everything was as it was */
	uint64_t decisions;
	uint64_t answers; /* datagrams that were judged */
	uint64_t samples;
	uint64_t items;
	int64_t from_ns; /* CLOCK_REALTIME of the first and last reading */
	int64_t to_ns;
	char why[REPLAY_WHY]; /* not the same: because */
};

/*
 * Replay from a part on, as far as parts go on in each other.  story: where to
 * tell what happens, or NULL; detail 0 answers, states and samples, 1 also
 * queries, messages and the log, 2 every item.
 */
void replay_run(const struct parts *p, uint32_t part, FILE *story, int detail,
    struct replay_result *r);

/*
 * Replay all that is in a recording and say how it went.  Returns 0 where all
 * is the same, else 1.
 */
int replay_all(const char *path, int detail);

#endif
