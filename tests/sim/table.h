/*
 * Results for people.
 */
#ifndef SIM_TABLE_H
#define SIM_TABLE_H

#include <stdbool.h>

#include "tests/sim/jobs.h"

/* One run in words. */
void table_one(
    const struct scenario *sc, int poll_log2, const struct result *r);

/*
 * All runs of a plan: medians over the seeds, beside their targets.  Returns
 * true if every run came to its end and every target was met.
 */
bool table_print(const struct plan *plan);

#endif
