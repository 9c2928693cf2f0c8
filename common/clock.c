/* Reads the clocks, see clock.h.  Linked into every program. */
#include "common/clock.h"

#include <time.h>

#include "core/types.h"

#define TRIES		   4
#define SUSPEND_NOTICED_NS 50000000 /* more than readings differ */

static int64_t
read_ns(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) == -1)
		return 0; /* no such clock: only with a simulated C library */
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/*
 * CLOCK_BOOTTIME - CLOCK_MONOTONIC, from the tightest of a few readings.  On a
 * busy machine a reading may take long; *error_ns bounds the error.
 */
static int64_t
suspended_since_boot(int64_t *error_ns)
{
	int64_t best_ns = INT64_MAX, suspended_ns = 0;

	for (int i = 0; i < TRIES; i++) {
		int64_t before = read_ns(CLOCK_MONOTONIC);
		int64_t boot = read_ns(CLOCK_BOOTTIME);
		int64_t after = read_ns(CLOCK_MONOTONIC);

		if (after - before >= best_ns)
			continue;
		best_ns = after - before;
		suspended_ns = boot - before - best_ns / 2;
	}
	*error_ns = best_ns / 2;
	return suspended_ns;
}

/*
 * Detect a suspend.  The difference of the two clocks changes only at a resume.
 * They are not read at the same instant, so a small difference means nothing,
 * and a large one may only mean that this process was preempted between the
 * readings.
 */
static int64_t
note_suspend(struct timeline *tl)
{
	int64_t mono = read_ns(CLOCK_MONOTONIC);
	int64_t boot = read_ns(CLOCK_BOOTTIME);
	int64_t before = tl->suspended_ns;
	int64_t after, error_ns;

	if (boot == 0 || boot - mono - before < SUSPEND_NOTICED_NS)
		return 0;
	after = suspended_since_boot(&error_ns);
	if (after - before < SUSPEND_NOTICED_NS + error_ns)
		return 0;
	tl->suspended_ns = after;
	return after - before;
}

struct clock_pair
clock_read_pair(struct timeline *tl)
{
	struct clock_pair best = { .error_ns = INT64_MAX };
	int64_t suspended = note_suspend(tl);

	for (int i = 0; i < TRIES; i++) {
		int64_t before = read_ns(CLOCK_MONOTONIC_RAW);
		int64_t real = read_ns(CLOCK_REALTIME);
		int64_t after = read_ns(CLOCK_MONOTONIC_RAW);

		if ((after - before) / 2 >= best.error_ns)
			continue;
		best.error_ns = (after - before) / 2;
		best.raw_ns = before + best.error_ns + tl->suspended_ns;
		best.real_ns = real;
	}
	best.suspended_ns = suspended;
	return best;
}

int64_t
clock_read_raw(struct timeline *tl)
{
	return read_ns(CLOCK_MONOTONIC_RAW) + tl->suspended_ns;
}

int64_t
clock_read_real(void)
{
	return read_ns(CLOCK_REALTIME);
}

int64_t
clock_read_monotonic(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

int64_t
clock_read_boot(void)
{
	return read_ns(CLOCK_BOOTTIME);
}
