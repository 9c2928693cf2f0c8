/*
 * What ntpd keeps in the state directory: the drift of the clock, the ledger of
 * what has moved it, why it is frozen, and a time that has been.  One small text
 * file, replaced as a whole: a crash at any instant leaves the old one or the new
 * one.
 */
#ifndef NTPD_STATE_H
#define NTPD_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/msg.h"
#include "core/steer/ledger.h"

struct state {
	bool drift_known;
	int64_t drift_slope;	   /* 2^-32 */
	int64_t drift_slope_sigma; /* 2^-32 */
	char boot_id[40];	   /* of the boot that the ledger belongs to */
	int64_t time_ns;	   /* UTC that has been, or 0 */
	int64_t leap_ns;	   /* UTC of the last leap second made, or 0 */
	struct ledger_kept ledger;
	char frozen[REASON_LEN]; /* why, or empty */
};

struct state_dir {
	int fd;	       /* -1: there is none; nothing is kept */
	char file[32]; /* in it */
};

/*
 * Open the directory, made if it is not there (mode 0755); it must be one that
 * can be written to.  Returns 0, or -1 with errno: dir is then one that keeps
 * nothing.
 */
MUST_CHECK int state_open(struct state_dir *dir, const char *path);

/*
 * The same for a folder that will do until the next boot: of root in /run, of an
 * ordinary user in /dev/shm, where nobody else may write.  *path says which.  It
 * may be used by several: the file is named after the folder that it stands for.
 */
MUST_CHECK int state_open_volatile(
    struct state_dir *dir, const char *instead_of, const char **path);

/*
 * Read what is kept.  A missing file gives zeros; a damaged one too, and -1.
 * Of another boot than this only drift, time, leap second and anchor are taken
 * over: its clock is gone.  The drift comes back as sure as it can still be, see
 * core/filter/drift.h.
 */
MUST_CHECK int state_load(const struct state_dir *dir, struct state *s);

/*
 * Take over what ntp-clock reports.  Returns true if it must be written at once:
 * a freeze, a leap second, what kind of anchor there is, that the first
 * correction was made, a rate that went on while no ntp-clock was there.  What
 * else was spent was written before, as set aside.
 */
MUST_CHECK bool state_take(struct state *s, const struct msg_clock_state *m);

/*
 * Read both, and take what is later: of this boot, what the spare folder had to
 * take while the other could not be written to.  Returns -1 if what was kept in
 * the first could not be read, and the other has nothing.
 */
MUST_CHECK int state_load_later(const struct state_dir *dir,
    const struct state_dir *spare, struct state *s);

/* Keep it.  Returns 0, or -1 with errno. */
MUST_CHECK int state_save(const struct state_dir *dir, const struct state *s);

#endif
