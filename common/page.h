/*
 * A page of memory that one program writes and others read, none of whom wakes
 * another by it: the page of served time, which ntp-net writes and every
 * ntp-serve reads, and the state of the clock, which ntp-clock writes, and ntpd
 * and ntp-observe read when somebody asks.  ntpd makes it (a sealed memfd: its
 * size cannot change) and gives those who read a descriptor that can be mapped
 * for reading only.
 */
#ifndef COMMON_PAGE_H
#define COMMON_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/attr.h"

#define PAGE_BYTES 4096
#define PAGE_ROOM  (PAGE_BYTES - sizeof(uint64_t))

#define PAGE_SYNCED (1U << 0) /* theta and slope are UTC */
#define PAGE_LOCAL  (1U << 1) /* not in sync: serve CLOCK_REALTIME as it is */
#define PAGE_SILENT (1U << 2) /* measurements have failed to come */
#define PAGE_SMEARS (1U << 3) /* leap seconds are smeared, not announced */
#define PAGE_PASSED (1U << 4) /* the line has the smeared one behind it */

/* What a server needs to know.  Neither flag: answer "unsynchronized". */
struct page_time {
	int64_t raw_ns; /* UTC - raw was theta at this raw time */
	int64_t theta_ns;
	int64_t slope; /* 2^-32 */
	int64_t root_delay_ns;
	int64_t root_dispersion_ns; /* at raw_ns; grows after it */
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
 * Map the page that a descriptor gives, for writing or for reading only.
 * Returns NULL with errno.  It stays mapped for the life of the process; the
 * descriptor may be closed.
 */
MUST_CHECK struct page *page_map(int fd, bool writable);

/*
 * Replace what is on the page: size octets, a multiple of 8, at most
 * PAGE_ROOM, and always as many.  One writer; readers never see half of it.
 */
void page_put(struct page *page, const void *from, size_t size);

/*
 * Copy what is on the page, so many octets.  Returns false if the writer was at
 * it each time that we looked, or has never written: then all are zero.
 */
MUST_CHECK bool page_get(const struct page *page, void *to, size_t size);

/* Replace what is on the page of served time. */
void page_store(struct page *page, const struct page_time *t);

/* Copy what is on the page of served time, as page_get(). */
MUST_CHECK bool page_load(const struct page *page, struct page_time *t);

#endif
