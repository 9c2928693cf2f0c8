/*
 * One turn of a loop: which functions are called, in which order; its wait.
 */
#include <sys/resource.h>

#include <err.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/loop.h"
#include "core/types.h"
#include "tests/tap.h"

static struct loop l;
static char called[8];
static int ends[2][2];

static void
note(void *argument, const struct pollfd *p)
{
	const char *name = argument;

	called[strlen(called)] = *name;
	OK((p->revents & POLLIN) != 0, "%s has something to read", name);
}

static void
begin(void)
{
	static char names[][2] = { "a", "b", "c" };

	memset(called, 0, sizeof(called));
	loop_clear(&l);
	loop_add(&l, ends[0][0], POLLIN, note, names[0]);
	loop_add(&l, -1, POLLIN, note, names[1]);
	loop_add(&l, ends[1][0], POLLIN, note, names[2]);
}

static void
test_ready(void)
{
	begin();
	IS_I64(loop_wait(&l, 0, NULL), 2, "two are ready, without a deadline");
	loop_serve(&l, 0, l.count);
	OK(strcmp(called, "ac") == 0, "they are called in order");
	begin();
	IS_I64(loop_wait(&l, 0, NULL), 2, "and are still");
	loop_serve(&l, 1, l.count);
	loop_serve(&l, 0, 1);
	OK(strcmp(called, "ca") == 0, "or part after part");
}

static void
test_deadline(void)
{
	int64_t before = clock_read_monotonic();

	loop_clear(&l);
	loop_until(&l, 7 * NS_PER_S + 20 * NS_PER_MS);
	loop_until(&l, 8 * NS_PER_S);
	IS_I64(loop_wait(&l, 7 * NS_PER_S, NULL), 0, "nothing is ready");
	OK(clock_read_monotonic() - before >= 20 * NS_PER_MS,
	    "it waits until the earliest deadline");
	IS_I64(loop_wait(&l, 9 * NS_PER_S, NULL), 0,
	    "one that is over is no reason to wait");
	loop_serve(&l, 0, l.count);
}

/* RLIMIT_NOFILE below the number of descriptors makes the wait fail. */
static void
test_failure(void)
{
	struct rlimit limit, before;

	begin();
	IS_I64(loop_wait(&l, 0, NULL), 2, "two are ready");
	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		err(1, "getrlimit");
	before = limit;
	limit.rlim_cur = 2;
	if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
		err(1, "setrlimit");
	OK(loop_wait(&l, 0, NULL) == -1 && errno == EINVAL,
	    "a wait that fails says so");
	loop_serve(&l, 0, l.count);
	IS_I64(called[0], 0, "and then nobody is called");
	if (setrlimit(RLIMIT_NOFILE, &before) == -1)
		err(1, "setrlimit");
}

int
main(void)
{
	if (pipe(ends[0]) == -1 || pipe(ends[1]) == -1 ||
	    write(ends[0][1], "x", 1) != 1 || write(ends[1][1], "x", 1) != 1)
		err(1, "pipe");
	test_ready();
	test_deadline();
	test_failure();
	return DONE();
}
