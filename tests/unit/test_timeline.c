/*
 * Raw time and suspends, with clocks that the test plays: between any two
 * readings another process may run.
 */
#undef _FORTIFY_SOURCE

#include <time.h>

#include "common/clock.h"
#include "tests/tap.h"

#define MS INT64_C(1000000)
#define S  (1000 * MS)

static int64_t mono_ns, suspended_ns; /* now */
static int64_t stall_ns;	      /* duration of a slow reading, */
static int stall_from, stall_count;   /* the first one, and how many */
static int readings, total;

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	int64_t ns = mono_ns + (id == CLOCK_BOOTTIME ? suspended_ns : 0);

	ts->tv_sec = ns / S;
	ts->tv_nsec = ns % S;
	mono_ns += 100 + total++ * 37 % 90; /* all differ */
	readings++;
	if (readings >= stall_from && readings < stall_from + stall_count)
		mono_ns += stall_ns;
	return 0;
}

/* Read once, while some of the readings are slow. */
static struct clock_pair
read_slowly(struct timeline *tl, int from, int count, int64_t ns)
{
	readings = 0;
	stall_from = from;
	stall_count = count;
	stall_ns = ns;
	return clock_read_pair(tl);
}

static void
test_busy(void)
{
	for (int from = 1; from <= 26; from++)
		for (int count = 1; count <= 26; count += 5) {
			struct timeline tl = { 0 };
			struct clock_pair p;

			mono_ns = 1000 * S;
			suspended_ns = 7 * S;
			p = read_slowly(&tl, 0, 0, 0);
			NEAR((double)p.suspended_ns, 7e9, 1e3, "since boot");
			p = read_slowly(&tl, from, count, 60 * MS);
			IS_I64(p.suspended_ns, 0,
			    "a stall is no suspend: reading %d, %d of them",
			    from, count);
			p = read_slowly(&tl, 0, 0, 0);
			IS_I64(p.suspended_ns, 0, "nor later");
			NEAR(
			    (double)(p.raw_ns - mono_ns), 7e9, 1e4, "raw time");
		}
}

static void
test_suspend(void)
{
	struct timeline tl = { 0 };
	struct clock_pair p;

	mono_ns = 1000 * S;
	suspended_ns = 0;
	p = read_slowly(&tl, 0, 0, 0);
	IS_I64(p.suspended_ns, 0, "it never was");
	suspended_ns = 3600 * S;
	p = read_slowly(&tl, 2, 8, 60 * MS);
	NEAR((double)p.suspended_ns, 3600e9, 61e6, "a suspend is noticed");
	NEAR((double)(p.raw_ns - mono_ns), 3600e9, 400e6,
	    "and counts as raw time");
	p = read_slowly(&tl, 0, 0, 0);
	IS_I64(p.suspended_ns, 0, "once");
	suspended_ns += 100 * MS;
	p = read_slowly(&tl, 0, 0, 0);
	NEAR((double)p.suspended_ns, 100e6, 61e6, "a short one, too");
}

int
main(void)
{
	test_busy();
	test_suspend();
	return DONE();
}
