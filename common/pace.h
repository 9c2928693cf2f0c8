/*
 * A rate limit: burst events at once, then one every every_ns.  Pure: time is
 * an argument, in ns of a clock that never goes back; the caller owns the
 * memory.
 */
#ifndef COMMON_PACE_H
#define COMMON_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace_rate {
	int64_t every_ns;
	int64_t burst; /* at least 1 */
};

/*
 * Initialize to zeros: no events yet.  Private: when all events are forgotten.
 */
struct pace {
	int64_t empty_ns;
};

/* Time until the next event is allowed, in ns; 0: it is allowed now. */
static inline int64_t
pace_wait_ns(const struct pace *p, const struct pace_rate *rate, int64_t now_ns)
{
	int64_t owed_ns = p->empty_ns > now_ns ? p->empty_ns - now_ns : 0;
	int64_t free_ns = (rate->burst - 1) * rate->every_ns;

	return owed_ns > free_ns ? owed_ns - free_ns : 0;
}

/* Count one event, whether it is allowed or not. */
static inline void
pace_count(struct pace *p, const struct pace_rate *rate, int64_t now_ns)
{
	if (p->empty_ns < now_ns)
		p->empty_ns = now_ns;
	p->empty_ns += rate->every_ns;
}

/*
 * Count one event if it is allowed now.  Returns false, and does not count it,
 * if it is not.
 */
static inline bool
pace_take(struct pace *p, const struct pace_rate *rate, int64_t now_ns)
{
	if (pace_wait_ns(p, rate, now_ns) > 0)
		return false;
	pace_count(p, rate, now_ns);
	return true;
}

#endif
