/*
 * What ntpd keeps in the state directory: the drift of the clock, the budget of
 * steps, and a time when the clock was right.  One small text file, replaced as a whole: a crash at any
 * instant leaves the old one or the new one.
 */
#ifndef NTPD_STATE_H
#define NTPD_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "msg.h"

struct state {
	bool drift_known;
	int64_t drift_slope;	   /* 2^-32 */
	int64_t drift_slope_sigma; /* 2^-32 */
	int64_t budget_used_ns;
	int64_t budget_start_ns; /* CLOCK_BOOTTIME */
	char boot_id[40];	 /* of the boot that the budget belongs to */
	int64_t time_ns;	 /* UTC when the clock was last right, or 0 */
};

#define STATE_TIME_END_NS INT64_C(7258118400000000000) /* 2200-01-01 */

struct state_dir {
	int fd;	      /* -1: there is none; nothing is kept */
	bool failing; /* a write failed, and that was said */
};

/*
 * Open the directory, made if it is not there (mode 0755).  Returns 0, or -1
 * with errno: dir is then one that keeps nothing.
 */
MUST_CHECK int state_open(struct state_dir *dir, const char *path);

/*
 * Read what is kept.  A missing file gives zeros; a damaged one too, and -1.
 * The budget of another boot than this is left out: its clock is gone.
 */
MUST_CHECK int state_load(const struct state_dir *dir, struct state *s);

/* Keep it.  Returns 0, or -1 with errno. */
MUST_CHECK int state_save(const struct state_dir *dir, const struct state *s);

#endif
