/*
 * How often something may happen: so many at once, then one in so much time.
 * Pure: time is an argument, in ns of a clock that never goes back; memory is
 * the caller's.
 */
#ifndef COMMON_PACE_H
#define COMMON_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace_rate {
	int64_t every_ns;
	int64_t burst; /* at least 1 */
};

/* All zero: nothing has happened yet.  Private: when all will be forgotten. */
struct pace {
	int64_t empty_ns;
};

/* How long it is until one more may happen; 0: it may now. */
static inline int64_t
pace_wait_ns(const struct pace *p, const struct pace_rate *rate, int64_t now_ns)
{
	int64_t owed_ns = p->empty_ns > now_ns ? p->empty_ns - now_ns : 0;
	int64_t free_ns = (rate->burst - 1) * rate->every_ns;

	return owed_ns > free_ns ? owed_ns - free_ns : 0;
}

/* One has happened, whether it may or not. */
static inline void
pace_count(struct pace *p, const struct pace_rate *rate, int64_t now_ns)
{
	if (p->empty_ns < now_ns)
		p->empty_ns = now_ns;
	p->empty_ns += rate->every_ns;
}

/* One more, if it may happen now; false: it may not, and is not counted. */
static inline bool
pace_take(struct pace *p, const struct pace_rate *rate, int64_t now_ns)
{
	if (pace_wait_ns(p, rate, now_ns) > 0)
		return false;
	pace_count(p, rate, now_ns);
	return true;
}

#endif
