/*
 * A leap second smeared over a day: what a server adds to UTC so that clients
 * that cannot handle leap seconds see none (RFC 8633 section 3.7.1).  The smear
 * is linear, from half of its length before the end of the month to half of it
 * after: with 24 h, from noon to noon UTC, like the large operators.  Run by
 * ntp-serve and ntp-net.  Pure.
 *
 * The length is in served seconds.  With an inserted second, the window has one
 * more second of UTC, 86401 for 86400, and each served second is longer by
 * 1/86400.  With a deleted second it has one less, and each is shorter.
 */
#ifndef CORE_SMEAR_H
#define CORE_SMEAR_H

#include "core/types.h"

/*
 * The reference ID of time that is being smeared, 127.127.1.255.  It is not
 * standardised, but chrony serves the same, so others can recognize it.
 */
#define SMEAR_REFID UINT32_C(0x7f7f01ff)

/* A leap second is not later than this, so that no sum with it overflows. */
#define LEAP_MAX_NS (INT64_C(1) << 62)

struct smear {
	enum leap kind;	   /* LEAP_NONE: nothing is smeared */
	struct wall leap;  /* the end of the month at which it happens */
	uint32_t length_s; /* SMEAR_MIN_S to SMEAR_MAX_S, even */
	bool passed;	   /* the leap second is applied to the line */
};

/* True for values that the functions below can handle. */
bool smear_ok(const struct smear *s);

/*
 * What to add to UTC, ns.  For an inserted second it goes from 0 to -1/2 s, and
 * after it from +1/2 s to 0.  The UTC second 23:59:59 then occurs twice; passed
 * tells which one it is.  A line to which the leap second was not applied is
 * smeared all the same: the offset goes on to -1 s.  UTC plus the offset never
 * decreases, unless UTC does so for another reason than this leap second. s
 * must be ok.
 */
int64_t smear_offset_ns(const struct smear *s, struct wall utc);

/* True from the start of the window to its end. */
bool smear_runs(const struct smear *s, struct wall utc);

#endif
