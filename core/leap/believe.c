/*
 * Leap seconds from a list, see believe.h.  Run by ntp-net.  A leap second that
 * lay ahead when the list expired must never be believed.
 */
#include "core/leap/believe.h"

#include "core/packet/timestamp.h"

bool
leap_list_ok(const struct leap_list *l)
{
	int64_t last_ns = 0;

	if (l->count > LEAPS_MAX || l->expiry.ns < 0)
		return false;
	for (uint32_t i = 0; i < l->count; i++) {
		const struct leap_entry *e = &l->entries[i];

		if (e->at.ns <= last_ns || e->at.ns > LEAP_MAX_NS ||
		    !wall_month_begin(e->at) ||
		    (e->kind != LEAP_INSERT && e->kind != LEAP_DELETE))
			return false;
		last_ns = e->at.ns;
	}
	return true;
}

bool
leap_list_valid(const struct leap_list *l, struct wall utc)
{
	return utc.ns < l->expiry.ns;
}

enum leap
leap_believed(const struct leap_list *l, enum leap majority, struct wall utc)
{
	struct wall end;

	if (!leap_list_valid(l, utc))
		return majority;
	if (!wall_month_end(utc, &end))
		return LEAP_NONE;
	for (uint32_t i = 0; i < l->count; i++)
		if (l->entries[i].at.ns == end.ns)
			return l->entries[i].kind;
	return LEAP_NONE;
}

bool
leap_list_has(const struct leap_list *l, struct wall utc)
{
	return leap_believed(l, LEAP_NONE, utc) != LEAP_NONE;
}

/* Is this leap second applied to the line?  The watch knows the last one. */
static bool
has_passed(const struct leap_watch *watch, struct wall at, struct wall utc)
{
	if (watch->when.ns == at.ns)
		return watch->armed == LEAP_NONE;
	return utc.ns >= at.ns;
}

struct smear
leap_smear(const struct leap_list *l, const struct leap_watch *watch,
    struct wall utc, uint32_t length_s)
{
	for (uint32_t i = 0; i < l->count; i++) {
		struct smear s = { .kind = l->entries[i].kind,
			.leap = l->entries[i].at,
			.length_s = length_s };

		/*
		 * It is over, even by a line that has missed the leap second.
		 */
		if (utc.ns > s.leap.ns + (length_s / 2 + 1) * NS_PER_S)
			continue;
		/* Do not believe what lay ahead when the list expired. */
		if (s.leap.ns > l->expiry.ns && !leap_list_valid(l, utc))
			continue;
		s.passed = has_passed(watch, s.leap, utc);
		return s;
	}
	return (struct smear){ .kind = LEAP_NONE };
}
