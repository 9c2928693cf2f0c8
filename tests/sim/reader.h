/*
 * Read the files of a recording.  Their content is not trusted: bad content is
 * only reported, with its place.
 */
#ifndef SIM_READER_H
#define SIM_READER_H

#include "tests/sim/decode.h"

#define READER_PARTS 4096

/* A head and the blocks that follow it. */
struct part {
	struct head head;
	const char *file;
	const uint8_t *bytes; /* of the whole file, */
	size_t begin;	      /* offset of its first block, */
	size_t end;	      /* end of the last good one */
	uint64_t blocks;
	const char *wrong; /* what was expected at end; NULL: no fault */
};

/*
 * Parts in order: those of a session follow each other.  The bytes belong to
 * the caller and must stay.
 */
struct parts {
	uint32_t count;
	struct part part[READER_PARTS];
	const char *stray; /* file with bytes outside of any part, */
	size_t stray_at;   /* their offset, */
	const char *wrong; /* and what was expected there */
};

/* Add the parts of a file; *p is all zero at first. */
void reader_scan(
    struct parts *p, const char *file, const uint8_t *bytes, size_t len);

/* After all files: put the parts in order. */
void reader_sort(struct parts *p);

/* True if part i continues the one before it. */
bool reader_goes_on(const struct parts *p, uint32_t i);

/*
 * Read a file, and the one beside it (".1") if there is one, into memory that
 * is never freed, and scan them.  On failure, ends the program with a message.
 */
void reader_load(struct parts *p, const char *path);

/* Reads items one by one, over parts that continue each other. */
struct reader {
	const struct parts *parts;
	uint32_t part;
	size_t at; /* offset of the next block */
	uint64_t number;
	const uint8_t *items;
	size_t items_len;
	size_t item_at;
	size_t place; /* offset of the last item */
	struct codec codec;
	const char *wrong;
};

void reader_begin(struct reader *r, const struct parts *p, uint32_t part);

/*
 * The next item.  Returns 1; 0 at the end; or -1 if something else was
 * expected: r->wrong says what, at r->place of the part's file.
 */
MUST_CHECK int reader_next(struct reader *r, struct item *it);

#endif
