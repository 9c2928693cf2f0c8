/*
 * The smear of a leap second, see smear.h.  Run by ntp-serve, and by ntp-net to
 * recognize smeared servers.  It must never make served time jump or go back.
 */
#include "core/leap/smear.h"

#include "core/saturate.h"

static int64_t
leap_s(const struct smear *s)
{
	return s->kind == LEAP_INSERT ? 1 : -1;
}

/* The time since the start of the window, with the leap second counted. */
static int64_t
elapsed_ns(const struct smear *s, struct wall utc)
{
	int64_t begin_ns = s->leap.ns - s->length_s / 2 * NS_PER_S;
	int64_t ns = sat_sub(utc.ns, begin_ns);

	return s->passed ? sat_add(ns, leap_s(s) * NS_PER_S) : ns;
}

/* The length of the whole window, counted in the same way. */
static int64_t
window_s(const struct smear *s)
{
	return s->length_s + leap_s(s);
}

bool
smear_ok(const struct smear *s)
{
	if (s->kind == LEAP_NONE)
		return true;
	return (s->kind == LEAP_INSERT || s->kind == LEAP_DELETE) &&
	    s->length_s >= SMEAR_MIN_S && s->length_s <= SMEAR_MAX_S &&
	    s->length_s % 2 == 0 && s->leap.ns >= 0 &&
	    s->leap.ns <= LEAP_MAX_NS && s->leap.ns % NS_PER_S == 0;
}

int64_t
smear_offset_ns(const struct smear *s, struct wall utc)
{
	int64_t ns, whole_ns;

	if (s->kind == LEAP_NONE)
		return 0;
	ns = elapsed_ns(s, utc);
	whole_ns = leap_s(s) * NS_PER_S;
	if (ns <= 0)
		return 0;
	if (ns >= window_s(s) * NS_PER_S)
		ns = whole_ns; /* the whole leap second */
	else
		ns = leap_s(s) * (ns / window_s(s));
	return s->passed ? whole_ns - ns : -ns;
}

bool
smear_runs(const struct smear *s, struct wall utc)
{
	int64_t ns;

	if (s->kind == LEAP_NONE)
		return false;
	ns = elapsed_ns(s, utc);
	return ns > 0 && ns < window_s(s) * NS_PER_S;
}
