/*
 * The log of a child process.  Every line goes over the channel to ntpd, which
 * writes it where the operator wants it.  So a child needs no file, socket or
 * syslog, and ntpd limits what the network can make it log.
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

/* Send lines to this channel from now on; the pointer is kept, not copied. */
void log_to(struct channel *ch);

/* Drop lines that are less important than this level. */
void log_set_level(enum log_level level);

/*
 * Write one line: a sentence, then key=value pairs.  Unprintable characters are
 * escaped.  A child that logs more than a few lines per second is rate-limited;
 * the next line says how many were dropped.
 */
void log_line(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define log_error(...)	 log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)	 log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)	 log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
