/*
 * NTP timestamps and eras (RFC 5905 section 6).  Run by ntp-net and ntp-serve.
 * Pure.
 */
#ifndef CORE_TIMESTAMP_H
#define CORE_TIMESTAMP_H

#include "core/types.h"

/* Seconds from 1900-01-01 to 1970-01-01. */
#define NTP_UNIX_OFFSET_S INT64_C(2208988800)

/*
 * Convert UTC to an NTP timestamp.  Any wall time is valid; the result is
 * modulo the 136 years of an era.  Rounds down to 2^-32 s.
 */
struct ntp_ts ntp_ts_from_wall(struct wall w);

/*
 * Convert an NTP timestamp to UTC: the moment with this timestamp that is
 * within 68 years of the pivot, rounded to the nanosecond.
 */
struct wall ntp_ts_to_wall(struct ntp_ts ts, struct wall pivot);

/*
 * a - b in ns; correct across an era boundary if the two are less than 68 years
 * apart (RFC 5905 section 6).
 */
int64_t ntp_ts_diff_ns(struct ntp_ts a, struct ntp_ts b);

/*
 * Convert the 16.16 fixed point format of root delay and root dispersion to ns:
 * 0 to 65536 s.
 */
int64_t ntp_short_to_ns(uint32_t v);

/*
 * Convert ns to 16.16 fixed point.  Rounds up, so that a bound stays a bound.
 * A negative value gives 0, one that is too large the largest.
 */
uint32_t ntp_short_from_ns(int64_t ns);

/*
 * True if this moment is in the last 24 hours of a UTC month, when a leap
 * second may be announced (RFC 8633 section 3.7).  *end is then the first
 * moment of the next month.
 */
bool wall_month_end(struct wall w, struct wall *end);

/* True for the first moment of a UTC month after January 1970. */
bool wall_month_begin(struct wall w);

/* A calendar day. */
struct wall_date {
	int year;
	int month; /* 1 to 12 */
	int day;
};

/* The calendar day of this moment, UTC. */
struct wall_date wall_date(struct wall w);

#endif
