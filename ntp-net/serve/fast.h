/*
 * Telling the program in the kernel (the fast path, see fastmap.h) the time
 * that is served: plain writes to a map that is mapped here.
 */
#ifndef SERVE_FAST_H
#define SERVE_FAST_H

#include "common/clock.h"
#include "common/fastmap.h"
#include "core/serve/serve.h"

/* How often fast_update() is to be called. */
#define FAST_EVERY_NS (NS_PER_S / 8)

/* For how long the program believes what it was told. */
#define FAST_VALID_NS NS_PER_S

/* The free-running clock, the kernel's and the system's at one moment. */
struct fast_moment {
	int64_t raw_ns;
	int64_t boot_ns; /* CLOCK_BOOTTIME */
	int64_t real_ns;
};

/* Start from zeros. */
struct fast {
	struct fast_line *line;	   /* mapped; NULL: there is no fast path */
	struct fast_moment before; /* of the last update; boot_ns 0: none */
};

/*
 * Map the line that a descriptor of ntpd's gives; the descriptor may be closed
 * afterwards.  Returns 0, or -1 with errno.
 */
MUST_CHECK int fast_map(struct fast *f, int fd);

/*
 * Tell the program the time: what is served now by a state that is ok, and
 * how the clocks run against each other since the last update.  Where that is
 * not known yet, or we are not in sync, it is told to leave it to us.
 */
void fast_update(struct fast *f, const struct serve_state *st,
    struct timeline *tl, int8_t precision_log2);

/*
 * The same at a given moment, into *slot.  Pure.  Returns false where nothing
 * can be told; *slot then says so.
 */
bool fast_slot(const struct serve_state *st, const struct fast_moment *before,
    const struct fast_moment *now, int8_t precision_log2,
    struct fast_slot *slot);

#endif
