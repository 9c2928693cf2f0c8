/*
 * How soon a program is started again, from how it ended.  Pure: see pace.h.
 *
 * A program gets a new layout of its memory each time that it is started, and
 * an attacker who does not know it crashes the program with each wrong guess.
 * So a crash is a guess, and guesses are counted; what an operator or an
 * upgrade does to a program is none, and must not keep the clock waiting.
 */
#ifndef NTPD_DEATH_H
#define NTPD_DEATH_H

#include "common/pace.h"
#include "core/types.h"

enum death {
	DEATH_FOREIGN, /* a signal that others send: kill(1), out of memory */
	DEATH_EXIT,    /* it ended by itself */
	DEATH_CRASH    /* a fault, its filter, or it broke our rules */
};

/*
 * Crashes of one program that are followed by a quick start, and the time that
 * gives one of them back: 8 + 192 guesses on the first day, 192 on any other.
 */
#define DEATH_CRASHES	     8
#define DEATH_CRASH_EVERY_NS (450 * NS_PER_S)

/* What one program's deaths have come to; all zero: none yet. */
struct deaths {
	uint32_t level; /* doublings of the wait */
	struct pace crashes;
};

/*
 * How it ended: status is that of wait(2); guilty: ntpd ended it since it broke
 * the rules.
 */
enum death death_kind(int status, bool guilty);

/* True if it could not even be executed: see the exit statuses in spawn.c. */
bool death_at_start(int status);

/*
 * The exit status of a child that could not execute its program, from errno; and
 * back from the status of wait(2), 0 where that says nothing of it.
 */
int death_no_exec(int error);
int death_exec_error(int status);

/*
 * It has ended after a life of so long: note it, and return how long to wait
 * before the next start.  20 ms, and twice as much each time; one doubling is
 * forgotten for each minute that it lived.  At most 0.25 s after a foreign death,
 * 30 s after any other, but until a further crash may be if this was one.
 */
int64_t death_wait_ns(
    struct deaths *d, enum death kind, int64_t life_ns, int64_t now_ns);

#endif
