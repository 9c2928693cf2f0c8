/*
 * The clocks as ntp-net knows them; exchange.h reads them.
 */
#ifndef POLL_CLOCKS_H
#define POLL_CLOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/clock.h"

struct recorder;

/* Start from zeros. */
struct clocks {
	struct recorder *recorder; /* of what they say; NULL: none */
	struct timeline line;
	struct clock_pair pair; /* the last reading */
	int64_t suspended_ns;	/* noticed, and not dealt with yet */
	bool begun;
};

#endif
