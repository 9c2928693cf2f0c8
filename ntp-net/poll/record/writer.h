/*
 * The files of a recording.  There are two, each with a size limit.  When one
 * is full, the other is emptied and starts with the whole state.  So the files
 * always cover the most recent time, with at least half of the total size.
 * ntpd opens the files; here they can only be written to.
 *
 * Items wait in memory until the end of a turn of the loop, and are then
 * written at once.  If writing fails because the disk is full, this is logged
 * and tried again each minute; then the recording restarts with the whole
 * state, after a gap.  Everything else continues.
 *
 * In a replay another object replaces this one: it compares.
 */
#ifndef POLL_WRITER_H
#define POLL_WRITER_H

#include "ntp-net/poll/net.h"
#include "ntp-net/poll/record/codec.h"

/* The files that ntpd passed, if any. */
struct writer_files {
	bool given;
	struct msg_record file[RECORD_FILES];
};

/* Private. */
struct writer {
	bool runs;
	bool lost;	  /* a turn did not fit into the file */
	bool said;	  /* logged that it waits */
	bool waits;	  /* writing is not possible now */
	int64_t again_ns; /* raw time of the next try */
	int fd;		  /* EXTRA_FD or EXTRA_FD + 1 */
	uint64_t used[RECORD_FILES];
	uint64_t limit;	      /* of each file, in bytes */
	struct head head;     /* of the current part */
	uint64_t block;	      /* number of the next block */
	struct timeline line; /* its own: must not affect the estimation */
	struct codec codec;
	size_t len; /* of items waiting in buf, after two bytes */
	uint8_t buf[BLOCK_MAX + BLOCK_FRAME_MAX];
};

/*
 * Open a zeroed writer if ntpd passed files.  Otherwise nothing is recorded, at
 * no cost.
 */
void writer_open(struct writer *t, const struct writer_files *files);

/* True if recording is on. */
bool writer_runs(const struct writer *t);

/* Record an item. */
void writer_put(struct writer *t, const struct item *it);

/* A turn starts: write the items before it. */
void writer_turn(struct writer *t, struct net *n);

#endif
