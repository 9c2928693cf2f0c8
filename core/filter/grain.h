/*
 * The grain of a server's timestamps: some servers stamp in whole seconds, in
 * hundredths, or by a clock that ticks 64 times a second, and claim a precision
 * of microseconds.  Where all stamps are a whole number of such parts of a second,
 * and chance does not explain that, the part is the grain.  Pure; all state is in
 * the caller's struct.
 */
#ifndef CORE_GRAIN_H
#define CORE_GRAIN_H

#include "core/types.h"

#define GRAIN_STAMPS 6	  /* the newest, all of which must agree */
#define GRAIN_PARTS  1024 /* of a second: finer grain is not looked for */

struct grain_stamp {
	uint32_t fraction; /* of a second, 2^-32 */
	int64_t raw_ns;	   /* when that was, on our own time line */
};

/* Zeros are the start. */
struct grain {
	struct grain_stamp stamps[GRAIN_STAMPS]; /* ring */
	uint32_t next;
	uint32_t count; /* at most GRAIN_STAMPS */
	uint32_t parts; /* of a second, that have been found; 0: none */
};

/*
 * Remember a server's stamp of a moment that was at raw time.  Returns the grain,
 * ns, from a second down; 0 if there is none to be seen.  What was found stays
 * until a stamp does not fit.
 */
int64_t grain_push(struct grain *g, struct ntp_ts stamp, struct mono at);

#endif
