/*
 * Reads the clocks; no other file in the project does.  Raw time is
 * CLOCK_MONOTONIC_RAW plus the time that the machine was suspended, which the
 * kernel does not include.  All estimates are made on this time line.
 */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>

/* State that a process keeps between readings; initialize to zeros. */
struct timeline {
	int64_t suspended_ns;
};

/* Raw time and CLOCK_REALTIME at one moment. */
struct clock_pair {
	int64_t raw_ns;
	int64_t real_ns;
	int64_t error_ns;     /* half the time that the reading took */
	int64_t suspended_ns; /* since the previous reading, mostly 0 */
};

/*
 * Read both clocks together, keeping the quickest of a few tries.  Never fails:
 * these clocks exist on every Linux since 2.6.28.
 */
struct clock_pair clock_read_pair(struct timeline *tl);

/* Raw time alone. */
int64_t clock_read_raw(struct timeline *tl);

/* CLOCK_REALTIME in nanoseconds: the time of day, even if wrong. */
int64_t clock_read_real(void);

/* CLOCK_MONOTONIC in nanoseconds since boot, without suspended time. */
int64_t clock_read_monotonic(void);

/* CLOCK_BOOTTIME in nanoseconds since boot, with suspended time. */
int64_t clock_read_boot(void);

#endif
