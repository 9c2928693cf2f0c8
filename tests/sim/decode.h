/*
 * Decode a recording: its items, and their frame in a file.  Pure; safe for any
 * input.
 */
#ifndef SIM_DECODE_H
#define SIM_DECODE_H

#include "ntp-net/poll/record/codec.h"

/*
 * Decode one item.  Returns the number of octets that it took; or 0, and *wrong
 * says in a few words what was expected.  c must not be used after that.
 */
MUST_CHECK size_t codec_get(struct codec *c, struct item *it,
    const uint8_t *buf, size_t len, const char **wrong);

/* True if both have the same content. */
bool codec_same(const struct item *a, const struct item *b);

/* Returns 0; or -1, *h is zero, and *wrong says what was expected. */
MUST_CHECK int codec_get_head(
    struct head *h, const uint8_t *buf, size_t len, const char **wrong);

/* Check a block.  Returns 0 and where its items are; or -1 and *wrong. */
MUST_CHECK int codec_get_block(const uint8_t *buf, size_t len, uint64_t number,
    const uint8_t **items, size_t *items_len, const char **wrong);

#endif
