/*
 * How soon a program is started again, see death.h.  Run by ntpd only.  Pure.
 */
#include "ntpd/children/death.h"

#include <sys/wait.h>

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#define FIRST_NS       (20 * NS_PER_MS)
#define FOREIGN_MAX_NS (250 * NS_PER_MS)
#define OWN_MAX_NS     (30 * NS_PER_S)
#define FORGET_NS      (60 * NS_PER_S)

#define EXIT_NO_EXEC 127 /* also that of a loader that lacks a library */
#define EXIT_ERROR   128 /* plus errno */

static const struct pace_rate crash_rate = { DEATH_CRASH_EVERY_NS,
	DEATH_CRASHES };

/* Signals that a wrong guess of an address causes, and the filter's signal. */
static bool
is_fault(int sig)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGABRT, SIGFPE,
		SIGTRAP, SIGSYS };

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (sig == faults[i])
			return true;
	return false;
}

enum death
death_kind(int status, bool guilty)
{
	if (guilty || (WIFSIGNALED(status) && is_fault(WTERMSIG(status))))
		return DEATH_CRASH;
	return WIFSIGNALED(status) ? DEATH_FOREIGN : DEATH_EXIT;
}

/* Cancel doublings for the life, return the wait, and double the next one. */
static int64_t
next_wait_ns(struct deaths *d, int64_t max_ns, int64_t life_ns)
{
	int64_t forgotten = life_ns / FORGET_NS;
	int64_t wait_ns;

	d->level = forgotten >= d->level ? 0 : d->level - (uint32_t)forgotten;
	wait_ns = FIRST_NS << d->level;
	if (wait_ns >= max_ns)
		return max_ns; /* no further doubling */
	d->level++;
	return wait_ns;
}

int64_t
death_wait_ns(
    struct deaths *d, enum death kind, int64_t life_ns, int64_t now_ns)
{
	int64_t max_ns = kind == DEATH_FOREIGN ? FOREIGN_MAX_NS : OWN_MAX_NS;
	int64_t wait_ns = next_wait_ns(d, max_ns, life_ns);
	int64_t crash_ns;

	if (kind != DEATH_CRASH)
		return wait_ns;
	pace_count(&d->crashes, &crash_rate, now_ns);
	crash_ns = pace_wait_ns(&d->crashes, &crash_rate, now_ns);
	return crash_ns > wait_ns ? crash_ns : wait_ns;
}

bool
death_at_start(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) >= 126;
}

int
death_no_exec(int error)
{
	return error > 0 && error <= UINT8_MAX - EXIT_ERROR ? EXIT_ERROR + error
							    : EXIT_NO_EXEC;
}

int
death_exec_error(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) > EXIT_ERROR
	    ? WEXITSTATUS(status) - EXIT_ERROR
	    : 0;
}
