/*
 * Reading the files of a recording: whatever is in them, nothing worse happens
 * than that it is said what is wrong, and where.
 */
#ifndef SIM_READER_H
#define SIM_READER_H

#include "tests/sim/decode.h"

#define READER_PARTS 4096

/* A head and the blocks that follow it. */
struct part {
	struct head head;
	const char *file;
	const uint8_t *bytes; /* of the file, */
	size_t begin;	      /* and in it: the first block, */
	size_t end;	      /* behind the last good one */
	uint64_t blocks;
	const char *wrong; /* what was expected at end; NULL: all is well */
};

/*
 * Parts in their order: a session's come one after the other.  The bytes
 * belong to the caller and must stay.
 */
struct parts {
	uint32_t count;
	struct part part[READER_PARTS];
	const char *stray; /* a file with bytes that belong to no part, */
	size_t stray_at;   /* where, */
	const char *wrong; /* and what was expected there */
};

/* Add the parts of a file to those that are there, zeros at first. */
void reader_scan(
    struct parts *p, const char *file, const uint8_t *bytes, size_t len);

/* After all files: put the parts in order. */
void reader_sort(struct parts *p);

/* True if part i goes on where the one before it ends. */
bool reader_goes_on(const struct parts *p, uint32_t i);

/*
 * Read a file, and the one beside it (".1") if there is one, into memory that
 * is kept, and scan them.  Ends the program with a message if that fails.
 */
void reader_load(struct parts *p, const char *path);

/* Item after item, over parts that go on in each other. */
struct reader {
	const struct parts *parts;
	uint32_t part;
	size_t at; /* the next block, in the part's file */
	uint64_t number;
	const uint8_t *items;
	size_t items_len;
	size_t item_at;
	size_t place; /* in the file, of the last item */
	struct codec codec;
	const char *wrong;
};

void reader_begin(struct reader *r, const struct parts *p, uint32_t part);

/*
 * The next item.  Returns 1; 0 at the end; or -1 where something else was
 * expected, r->wrong, at r->place of the part's file.
 */
MUST_CHECK int reader_next(struct reader *r, struct item *it);

#endif
