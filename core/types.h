/*
 * Time types used by every program.
 *
 * A clock reading is a one-field struct, so that readings of different clocks
 * cannot be mixed up.  The difference of two readings of one clock is an
 * int64_t of nanoseconds.
 *
 * Sign rule for the whole project: a positive offset means that the local clock
 * is behind and must go forward.
 */
#ifndef CORE_TYPES_H
#define CORE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

/* Constants that all programs must agree on, whatever they include. */
#define NTP_PORT     123
#define SOURCES_MAX  64	  /* the most that ntp-net keeps */
#define LEAPS_MAX    8	  /* leap seconds of a file that ntp-net is given */
#define STRATUM_MAX  15	  /* of a server, RFC 5905 section 7.3 */
#define STRATUM_NONE 16	  /* a server that is not synchronized */
#define SMEAR_MIN_S  3600 /* length of a leap second's smear, even */
#define SMEAR_MAX_S  172800

/*
 * A slope is a fraction in units of 2^-32; more than 1000 ppm is never
 * believed.
 */
#define SLOPE_ONE (INT64_C(1) << 32)
#define SLOPE_MAX (SLOPE_ONE / 1000)

/* Raw time is below this: 36 years. */
#define RAW_MAX_NS (INT64_C(1) << 60)

static inline bool
in_range(int64_t v, int64_t least, int64_t most)
{
	return v >= least && v <= most;
}

/*
 * The free-running time line: CLOCK_MONOTONIC_RAW plus the time that the
 * machine was suspended, in nanoseconds.  Nobody steers it.
 */
struct mono {
	int64_t ns;
};

/* UTC, nanoseconds since 1970-01-01 without leap seconds (CLOCK_REALTIME). */
struct wall {
	int64_t ns;
};

/*
 * The range of a believable UTC, whoever says it.  It starts with the year of
 * this release, because a server that was never set is in 1970 or 2000, and one
 * whose GPS receiver counts weeks from the wrong start is 1024 weeks behind.
 * It ends 40 years later, since no release runs for longer.  It is a constant
 * and not the time of the build: if that came from a wrong clock, the right
 * time would be refused.
 */
#define UTC_FIRST_NS (INT64_C(1767225600) * NS_PER_S) /* 2026-01-01 */
#define UTC_LAST_NS  (INT64_C(3029529600) * NS_PER_S) /* 2066-01-01 */

/* Is this moment in the believable range? */
static inline bool
wall_believable(struct wall w)
{
	return w.ns >= UTC_FIRST_NS && w.ns <= UTC_LAST_NS;
}

/* NTP timestamp: 32.32 unsigned seconds since 1900, modulo 2^32 seconds. */
struct ntp_ts {
	uint64_t v;
};

/* Leap indicator as on the wire, RFC 5905 section 7.3. */
enum leap {
	LEAP_NONE = 0,
	LEAP_INSERT = 1, /* the last minute of the day has 61 seconds */
	LEAP_DELETE = 2, /* the last minute of the day has 59 seconds */
	LEAP_UNKNOWN = 3 /* the sender is not synchronized */
};

#endif
