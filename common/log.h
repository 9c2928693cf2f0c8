/*
 * The log of a child process: every line goes to ntpd over the channel, which
 * writes it where the operator wants it.  So a child needs no file, no socket
 * and no syslog, and ntpd limits what a network can make it say.
 */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include "common/msg.h"

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/* Lines go to this channel from now on; it is kept, not copied. */
void log_to(struct channel *ch);

/* Leave out what is less important than this. */
void log_set_level(enum log_level level);

/*
 * Write one line: a sentence, then key=value.  Characters that are not
 * printable are escaped.  A child that says more than a few lines a second
 * is cut short, and the next line says how many were left out.
 */
void log_line(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define log_error(...)	 log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)	 log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)	 log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
