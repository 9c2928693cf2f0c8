/*
 * The one place where all programs' log goes: standard error or syslog.
 */
#ifndef NTPD_JOURNAL_H
#define NTPD_JOURNAL_H

#include <sys/types.h>

#include <stdbool.h>

#include "common/log.h"
#include "common/msg.h"

enum journal_target {
	JOURNAL_STDERR, /* lines with the time and the level */
	JOURNAL_SYSLOG
};

/* Where to write, and what to leave out. */
void journal_open(enum journal_target target, enum log_level level);

/*
 * Whoever started the daemon waits, or no longer: then errors go to standard error
 * as well as to syslog.
 */
void journal_watched(bool watched);

/* Change the level (a reload). */
void journal_set_level(enum log_level level);

/* A line of ntpd's own. */
void journal(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);

/*
 * A line of ntpd's own about a child, which it may have caused: of each child
 * 12 at once, then one a minute.  What goes beyond is counted, at whatever
 * level, and the count is said before the next one.
 */
void journal_about(int child, enum log_level level, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/*
 * A line from a child.  Each child has a budget of lines: what goes beyond is
 * counted, and the count is said when lines are let through again, so that
 * nobody who makes a child talk can fill a disk.
 */
void journal_child(int child, const struct msg_log *line);

/* Say how a child has ended, by its status of wait(2). */
void journal_death(int child, pid_t pid, int status);

#endif
