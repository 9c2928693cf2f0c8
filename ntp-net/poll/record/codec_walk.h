/*
 * The fields of items, each for both directions.  Private to the codec's own
 * files and to tests/sim/decode.c.
 */
#ifndef POLL_CODEC_WALK_H
#define POLL_CODEC_WALK_H

#include "common/msg.h"

/*
 * The position in the bytes of an item.  Reading stops at the first error;
 * values are then zero or the last good one, and always in range.  Writing
 * cannot fail: there is room for any item.
 */
struct walk {
	const uint8_t *in; /* NULL: writing */
	uint8_t *out;
	size_t at;
	size_t size;
	const char *wrong; /* what was expected; NULL: no error */
};

void walk_u64(struct walk *w, uint64_t *v);

/* A number from 0 to most; what names it for people. */
void walk_u32(struct walk *w, uint32_t *v, uint32_t most, const char *what);

/* A number, as its difference to last. */
void walk_difference(struct walk *w, int64_t *v, int64_t last);

/* Random bits, in a fixed number of bytes. */
void walk_fixed(struct walk *w, uint64_t *v, size_t bytes);

void walk_bytes(struct walk *w, uint8_t *p, size_t n);

/* Bytes with runs of zeros. */
void walk_packed(struct walk *w, uint8_t *p, size_t n);

void walk_addr(struct walk *w, struct msg_addr *a);

/* A message to or from ntp-net; last has the previous one of each type. */
void walk_message(struct walk *w, union msg last[MSG_COUNT], union msg *m);

#endif
