/*
 * The one place where the log of all programs goes: standard error or syslog.
 */
#ifndef NTPD_DAEMON_LOG_H
#define NTPD_DAEMON_LOG_H

#include <sys/types.h>

#include <stdbool.h>

#include "common/log.h"
#include "common/msg.h"

enum daemon_log_target {
	DAEMON_LOG_STDERR, /* lines with the time and the level */
	DAEMON_LOG_SYSLOG
};

/* Set the target, and the level beyond which lines are dropped. */
void daemon_log_open(enum daemon_log_target target, enum log_level level);

/*
 * Is the process that started the daemon still waiting?  Then errors go to
 * standard error as well as to syslog.
 */
void daemon_log_watched(bool watched);

/* Change the level (at a reload). */
void daemon_log_set_level(enum log_level level);

/* Log a line of ntpd's own. */
void daemon_log(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);

/*
 * Log a line of ntpd's own about a child, which the child may have caused.
 * Each child is allowed 12 such lines at once, then one a minute.  Further
 * lines are counted at any level, and the count is logged before the next line.
 */
void daemon_log_about(int child, enum log_level level, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/*
 * Log a line from a child.  Each child has a budget of lines, so that nobody
 * who makes a child talk can fill a disk.  Lines beyond it are counted, and the
 * count is logged when lines are let through again.
 */
void daemon_log_child(int child, const struct msg_log *line);

/* Log how a child has ended, from its status of wait(2). */
void daemon_log_death(int child, pid_t pid, int status);

#endif
