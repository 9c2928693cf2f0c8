/* The clocks as ntp-net sees them; exchange.h declares the reading. */
#ifndef POLL_CLOCKS_H
#define POLL_CLOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/clock.h"

struct recorder;

/* Initialize to zeros. */
struct clocks {
	struct recorder *recorder; /* records readings; NULL: none */
	struct timeline line;
	struct clock_pair pair; /* the last reading */
	int64_t suspended_ns;	/* detected, but not handled yet */
	bool begun;
};

#endif
