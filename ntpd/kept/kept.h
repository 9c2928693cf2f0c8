/*
 * What ntpd keeps for its next start, and where: what there is, when it is
 * written, and what waits for that.
 */
#ifndef NTPD_KEPT_H
#define NTPD_KEPT_H

#include "ntpd/kept/state.h"

struct kept {
	struct state state;
	struct state_dir dir;
	struct state_dir spare; /* until the next boot; fd -1: none */
	const char *path;	/* of dir, as configured */
	bool lost;		/* what was kept could not be read */
	bool said_no_state;
	int64_t saved_ns;
	int64_t noted_ns; /* CLOCK_BOOTTIME up to which its time is */
	uint64_t charge;  /* number of one that is not kept yet; 0: none */
	int64_t again_ns; /* CLOCK_BOOTTIME: when to try that again */
};

/*
 * Open the state directory of this path, which must stay as long as *k; where
 * nothing can be kept for good, until the next boot is better than not.  What
 * cannot be done is said in the log.
 */
void kept_open(struct kept *k, const char *path);

/* Read what is kept; what cannot be read is said in the log. */
void kept_load(struct kept *k);

/*
 * Keep it, if it is time for that or if forced; clock is what ntp-clock said last,
 * or NULL.  Returns false, and has said so, if it could not be kept anywhere.
 */
bool kept_save(struct kept *k, const struct msg_clock_state *clock, bool force);

/* This charge could not be kept: it is tried again, at k->again_ns. */
void kept_later(struct kept *k, uint64_t charge);

#endif
