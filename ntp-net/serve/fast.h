/*
 * Give the served time to the program in the kernel (the fast path, see
 * fastmap.h): plain writes to a map that is mapped here.
 */
#ifndef SERVE_FAST_H
#define SERVE_FAST_H

#include "common/clock.h"
#include "common/fastmap.h"
#include "core/serve/serve.h"

/* How often to call fast_update(). */
#define FAST_EVERY_NS (NS_PER_S / 8)

/* How long the program uses a time line after it was written. */
#define FAST_VALID_NS NS_PER_S

/* The raw clock, CLOCK_BOOTTIME and the system clock at one moment. */
struct fast_moment {
	int64_t raw_ns;
	int64_t boot_ns; /* CLOCK_BOOTTIME */
	int64_t real_ns;
};

/* Initialize to all zero. */
struct fast {
	struct fast_line *line;	   /* mapped; NULL: there is no fast path */
	struct fast_moment before; /* at the last update; boot_ns 0: none */
};

/*
 * Map the time line from ntpd's descriptor; the descriptor may be closed
 * afterwards.  Returns 0, or -1 with errno.
 */
MUST_CHECK int fast_map(struct fast *f, int fd);

/*
 * Write the served time for the program.  The state st must be plausible.  The
 * rate between the clocks is measured since the last update.  If it is not
 * known yet, or we are not in sync, the program is told to leave requests to
 * us.
 */
void fast_update(struct fast *f, const struct serve_state *st,
    struct timeline *tl, int8_t precision_log2);

/*
 * The same for a given moment, into *slot.  Pure.  Returns false if there is no
 * valid time; *slot then tells the program so.
 */
bool fast_slot(const struct serve_state *st, const struct fast_moment *before,
    const struct fast_moment *now, int8_t precision_log2,
    struct fast_slot *slot);

#endif
