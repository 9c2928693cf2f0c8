/*
 * The files that a recording goes to.  There are two, and a bound for each:
 * when one is full, the other is emptied and begins with all that is known, so
 * that the newest time is always there, at least half of the bound of it.
 * ntpd has opened them; here they can only be written to.
 *
 * What is recorded waits in memory until the end of a turn of the loop, and
 * then goes out in one write.  Where a file cannot be written, for the disk is
 * full, that is said, and tried again each minute; then it begins anew with all
 * that is known, and a gap.  Everything else goes on.
 *
 * In a replay another object stands in the place of this one: it compares.
 */
#ifndef POLL_TAPE_H
#define POLL_TAPE_H

#include "ntp-net/poll/net.h"
#include "ntp-net/poll/record/codec.h"

/* The files that ntpd has given, if it has. */
struct tape_files {
	bool given;
	struct msg_record file[RECORD_FILES];
};

/* Private. */
struct tape {
	bool runs;
	bool lost;	  /* a turn was too long for the file */
	bool said;	  /* that it waits */
	bool waits;	  /* nothing can be written just now */
	int64_t again_ns; /* raw time to try it again */
	int fd;		  /* EXTRA_FD, or the next one */
	uint64_t used[RECORD_FILES];
	uint64_t limit;	      /* of each */
	struct head head;     /* of the part that is being written */
	uint64_t block;	      /* number of the next one */
	struct timeline line; /* own, not to disturb the estimation's */
	struct codec codec;
	size_t len; /* of items that wait in buf, behind two bytes */
	uint8_t buf[BLOCK_MAX + BLOCK_FRAME_MAX];
};

/*
 * Begin, from zeros, where ntpd has given files; else nothing is recorded, at no
 * cost.
 */
void tape_open(struct tape *t, const struct tape_files *files);

/* Is anything to be recorded? */
bool tape_runs(const struct tape *t);

/* Record it. */
void tape_put(struct tape *t, const struct item *it);

/* A turn begins: what came before it is written. */
void tape_turn(struct tape *t, struct net *n);

#endif
