/*
 * The grain of a server's timestamps.  Some servers stamp in whole seconds, in
 * hundredths, or with a clock that ticks 64 times a second, and claim a
 * precision of microseconds.  If all stamps are multiples of a part of a
 * second, and chance does not explain it, that part is the grain.  Run by
 * ntp-net.  Pure; all state is in the caller's struct.
 */
#ifndef CORE_GRAIN_H
#define CORE_GRAIN_H

#include "core/types.h"

#define GRAIN_STAMPS 6	  /* the newest; all of them must agree */
#define GRAIN_PARTS  1024 /* of a second: the finest grain that is found */

struct grain_stamp {
	uint32_t fraction; /* of a second, 2^-32 */
	int64_t raw_ns;	   /* its moment on our own time line */
};

/* All zero is the start. */
struct grain {
	struct grain_stamp stamps[GRAIN_STAMPS]; /* ring */
	uint32_t next;
	uint32_t count; /* at most GRAIN_STAMPS */
	uint32_t parts; /* of a second, as found; 0: none */
};

/*
 * Remember a server's timestamp, and its moment on the raw time line.  Returns
 * the grain, ns, at most a second; 0 if there is none.  A grain, once found,
 * stays until a timestamp does not fit.
 */
int64_t grain_push(struct grain *g, struct ntp_ts stamp, struct mono at);

#endif
