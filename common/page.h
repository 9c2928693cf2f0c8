/*
 * A page of memory that one program writes and others read, without waking each
 * other.  There are two: the page of served time (written by ntp-net, read by
 * every ntp-serve) and the state of the clock (written by ntp-clock, read by
 * ntpd and ntp-observe on demand).  ntpd makes the page, a sealed memfd whose
 * size cannot change, and gives readers a descriptor that can be mapped for
 * reading only.
 */
#ifndef COMMON_PAGE_H
#define COMMON_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/attr.h"

#define PAGE_BYTES 4096
#define PAGE_ROOM  (PAGE_BYTES - sizeof(uint64_t))

#define PAGE_SYNCED (1U << 0) /* theta and slope give UTC */
#define PAGE_LOCAL  (1U << 1) /* not in sync: serve CLOCK_REALTIME as is */
#define PAGE_SILENT (1U << 2) /* no new measurements are arriving */
#define PAGE_SMEARS (1U << 3) /* leap seconds are smeared, not announced */
#define PAGE_PASSED (1U << 4) /* the smeared leap second is over on this line */

/* What a server needs.  Without SYNCED and LOCAL: answer "unsynchronized". */
struct page_time {
	int64_t raw_ns; /* UTC - raw was theta at this raw time */
	int64_t theta_ns;
	int64_t slope_q32; /* 2^-32 */
	int64_t root_delay_ns;
	int64_t root_dispersion_ns; /* at raw_ns; grows with age */
	int64_t reference_ns;	    /* UTC of the last update, 0: never */
	uint32_t flags;		    /* PAGE_* */
	uint32_t stratum;	    /* our own: 1 to 15 */
	uint32_t leap;		    /* 0 to 2 */
	uint32_t refid;		    /* host order */
	int64_t smear_leap_ns;	    /* UTC, the end of that month */
	uint32_t smear_length_s;
	uint32_t smear_kind; /* enum leap; 0: none is near */
};

struct page; /* mapped memory */

/*
 * Map the page of a descriptor, for reading and writing or for reading only.
 * Returns NULL with errno.  It stays mapped for the life of the process; the
 * descriptor may be closed.
 */
MUST_CHECK struct page *page_map(int fd, bool writable);

/*
 * Replace the contents of the page.  size is in octets: a multiple of 8, at
 * most PAGE_ROOM, and the same in every call.  There is one writer; readers
 * never see a partial update.
 */
void page_put(struct page *page, const void *from, size_t size);

/*
 * Copy size octets of the page.  Returns false and zeroes *to if every try hit
 * the writer at work, or nothing was ever written.
 */
MUST_CHECK bool page_get(const struct page *page, void *to, size_t size);

/* Replace the contents of the page of served time. */
void page_store(struct page *page, const struct page_time *t);

/* Copy the page of served time, as page_get() does. */
MUST_CHECK bool page_load(const struct page *page, struct page_time *t);

#endif
