/*
 * What ntpd saves in the state directory: the drift of the clock, the ledger of
 * what has moved it, why it is frozen, and a time that is past.  It is one
 * small text file, replaced as a whole: a crash at any time leaves the old one
 * or the new one.
 */
#ifndef NTPD_STATE_H
#define NTPD_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/msg.h"
#include "core/steer/ledger.h"

struct state {
	bool drift_known;
	int64_t drift_q32;	 /* 2^-32 */
	int64_t drift_sigma_q32; /* 2^-32 */
	char boot_id[40];	 /* of the boot that the ledger belongs to */
	int64_t time_ns;	 /* UTC known to be past, or 0 */
	int64_t leap_ns;	 /* UTC of the last leap second applied, or 0 */
	struct ledger_kept ledger;
	char frozen[REASON_LEN]; /* the reason, or empty */
};

struct state_dir {
	int fd;	       /* -1: none; nothing is saved */
	char file[32]; /* its name in there */
};

/*
 * Open the directory, created if absent (mode 0755); it must be writable.
 * Returns 0, or -1 with errno: dir then saves nothing.
 */
MUST_CHECK int state_open(struct state_dir *dir, const char *path);

/*
 * The same for a folder that lasts until the next boot, where nobody else may
 * write: in /run for root, in /dev/shm for an ordinary user.  *path says which.
 * Several instances may share it: the file is named after the folder that it
 * replaces.
 */
MUST_CHECK int state_open_volatile(
    struct state_dir *dir, const char *instead_of, const char **path);

/*
 * Read the saved state.  A missing file gives zeros; a damaged one gives zeros
 * and -1.  From another boot only drift, time, leap second and anchor are used,
 * since its clock is gone.  The drift's uncertainty grows with its age, see
 * core/filter/drift.h.
 */
MUST_CHECK int state_load(const struct state_dir *dir, struct state *s);

/*
 * Copy what ntp-clock reports.  Returns true if it must be written at once:
 * after a freeze, a leap second, another kind of anchor, the first correction,
 * or a rate that continued while no ntp-clock was running.  All other spending
 * was written before, when it was set aside.
 */
MUST_CHECK bool state_take(struct state *s, const struct msg_clock_state *m);

/*
 * Read both, and use the later one: during this boot, the spare folder has what
 * could not be written to the other.  Returns -1 if the first could not be read
 * and the spare has nothing.
 */
MUST_CHECK int state_load_later(const struct state_dir *dir,
    const struct state_dir *spare, struct state *s);

/* Save the state.  Returns 0, or -1 with errno. */
MUST_CHECK int state_save(const struct state_dir *dir, const struct state *s);

#endif
