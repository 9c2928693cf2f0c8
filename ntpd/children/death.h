/*
 * How soon a program is restarted, from how it ended.  Pure: see pace.h.
 *
 * Every start gives a program a new memory layout.  An attacker who does not
 * know the layout crashes the program with each wrong guess.  So every crash
 * counts as a guess, and guesses are limited.  What an operator or an upgrade
 * does to a program is not a guess, and must not delay the clock discipline.
 */
#ifndef NTPD_DEATH_H
#define NTPD_DEATH_H

#include "common/pace.h"
#include "core/types.h"

enum death {
	DEATH_FOREIGN, /* a signal sent from outside: kill(1), out of memory */
	DEATH_EXIT,    /* it exited */
	DEATH_CRASH /* a fault, its filter, or ended for breaking the rules */
};

/*
 * The number of a program's crashes that are followed by a quick restart, and
 * the time that restores one of them: 8 + 192 guesses on the first day, 192 on
 * any other.
 */
#define DEATH_CRASHES	     8
#define DEATH_CRASH_EVERY_NS (450 * NS_PER_S)

/* The history of one program's deaths; all zero: none yet. */
struct deaths {
	uint32_t level; /* doublings of the wait */
	struct pace crashes;
};

/*
 * How it ended: status is that of wait(2); guilty: ntpd ended it because it
 * broke the rules.
 */
enum death death_kind(int status, bool guilty);

/* True if it could not even be executed: see the exit statuses in spawn.c. */
bool death_at_start(int status);

/*
 * The exit status of a child that could not execute its program, from errno;
 * and the errno from a status of wait(2), 0 if the status holds none.
 */
int death_no_exec(int error);
int death_exec_error(int status);

/*
 * Record a death after life_ns, and return how long to wait before the restart.
 * The wait starts at 20 ms and doubles each time; each minute of life cancels
 * one doubling.  It is at most 0.25 s after a foreign death and 30 s after any
 * other, but after a crash it lasts at least until a further crash is allowed.
 */
int64_t death_wait_ns(
    struct deaths *d, enum death kind, int64_t life_ns, int64_t now_ns);

#endif
