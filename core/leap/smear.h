/*
 * A leap second spread over a day: what a server adds to UTC, so that clients
 * which can not do leap seconds see none (RFC 8633 section 3.7.1).  Linear,
 * from the half of the length before the end of the month to the other half
 * after it: with 24 h from noon to noon UTC, as the large operators do.  Pure.
 *
 * The length is counted in served seconds.  With an inserted second the window
 * has one second of UTC more, 86401 for 86400, and each served second is longer
 * by 1/86400; with a deleted one it has one less, and each is shorter.
 */
#ifndef CORE_SMEAR_H
#define CORE_SMEAR_H

#include "core/types.h"

/*
 * The reference ID of time that is smeared just now, 127.127.1.255: not
 * standardised, but what chrony serves then, so others can know it.
 */
#define SMEAR_REFID UINT32_C(0x7f7f01ff)

struct smear {
	enum leap kind;	   /* LEAP_NONE: nothing is smeared */
	struct wall leap;  /* the end of the month at which it happens */
	uint32_t length_s; /* SMEAR_MIN_S to SMEAR_MAX_S, even */
	bool passed;	   /* the line that gives UTC has the leap behind it */
};

/* True for values with which the functions below work. */
bool smear_ok(const struct smear *s);

/*
 * What is to be added to UTC, ns: 0 to -1 s before an inserted second and +1 s
 * to 0 after it.  The second 23:59:59 is there twice then; passed tells which
 * one it is.  A line that has missed the leap second, as one that nobody tells
 * of it any more, counts on and is smeared all the same.  The sum never goes
 * back while UTC does not but for the leap second.  s must be ok.
 */
int64_t smear_offset_ns(const struct smear *s, struct wall utc);

/* True from the begin of the window to its end. */
bool smear_runs(const struct smear *s, struct wall utc);

#endif
