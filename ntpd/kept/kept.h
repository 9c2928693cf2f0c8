/*
 * What ntpd saves for its next start, and where; when it is written, and what
 * waits for that.
 */
#ifndef NTPD_KEPT_H
#define NTPD_KEPT_H

#include "ntpd/kept/state.h"

struct kept {
	struct state state;
	struct state_dir dir;
	struct state_dir spare; /* lasts until the next boot; fd -1: none */
	const char *path;	/* of dir, as configured */
	bool lost;		/* the saved state could not be read */
	bool said_no_state;
	int64_t saved_ns;
	int64_t noted_ns; /* CLOCK_BOOTTIME up to which its time has advanced */
	uint64_t charge;  /* number of a charge not saved yet; 0: none */
	int64_t again_ns; /* CLOCK_BOOTTIME of the next try to save it */
};

/*
 * Open the state directory of this path, which must stay valid as long as *k.
 * If nothing can be saved for good, use a folder that lasts until the next
 * boot.  Failures are logged.
 */
void kept_open(struct kept *k, const char *path);

/* Read the saved state; a failure is logged. */
void kept_load(struct kept *k);

/*
 * Save the state, if it is time for that or if forced.  clock is the last state
 * of ntp-clock, or NULL.  Returns false, after logging it, if it could not be
 * saved anywhere.
 */
bool kept_save(struct kept *k, const struct msg_clock_state *clock, bool force);

/* The charge could not be saved: it is tried again at k->again_ns. */
void kept_later(struct kept *k);

#endif
