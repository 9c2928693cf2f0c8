/*
 * Reading what a recording's codec has written: items, and the frame that they
 * have in a file.  Pure; whatever bytes it reads do no harm.
 */
#ifndef SIM_DECODE_H
#define SIM_DECODE_H

#include "ntp-net/poll/record/codec.h"

/*
 * Decode one.  Returns how many bytes it took; or 0, and *wrong says what was
 * expected, in a few words.  c is then of no use any more.
 */
MUST_CHECK size_t codec_get(struct codec *c, struct item *it,
    const uint8_t *buf, size_t len, const char **wrong);

/* True if both say the same. */
bool codec_same(const struct item *a, const struct item *b);

/* Returns 0; or -1, *h is zero, and *wrong says what was expected. */
MUST_CHECK int codec_get_head(
    struct head *h, const uint8_t *buf, size_t len, const char **wrong);

/*
 * Look at a block.  Returns 0, and where its items are; or -1 and what is
 * wrong.
 */
MUST_CHECK int codec_get_block(const uint8_t *buf, size_t len, uint64_t number,
    const uint8_t **items, size_t *items_len, const char **wrong);

#endif
