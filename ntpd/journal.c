/*
 * The log of all programs, see journal.h.  Run by ntpd only.
 */
#include "journal.h"

#include <sys/stat.h>

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define CHILD_BURST	 60
#define CHILD_PER_MINUTE 60

static struct {
	enum journal_target target;
	enum log_level level;
	bool prefixed; /* standard error wants priorities, and no time */
	struct {
		time_t last;
		uint32_t used;
		uint32_t left_out;
	} child[CHILD_COUNT];
} state = { .level = LOG_LEVEL_INFO };

static const char *const level_names[] = { "error", "warning", "info",
	"debug" };
static const int priorities[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Is standard error the stream that systemd made?  See systemd.exec(5). */
static bool
is_managers_stream(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char own[48];
	struct stat st;

	if (stream == NULL || fstat(STDERR_FILENO, &st) == -1)
		return false;
	(void)snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	return strcmp(stream, own) == 0;
}

void
journal_open(enum journal_target target, enum log_level level)
{
	state.prefixed = target == JOURNAL_STDERR && is_managers_stream();
	state.target = target;
	state.level = level;
	if (target == JOURNAL_SYSLOG)
		openlog("ntpd", LOG_NDELAY | LOG_PID, LOG_DAEMON);
}

void
journal_set_level(enum log_level level)
{
	state.level = level;
}

/* One line, one write: lines of two processes do not mix. */
static void
write_line(const char *line, int len, size_t size)
{
	if (len < 0)
		return;
	if ((size_t)len >= size)
		len = (int)size - 1;
	if (write(STDERR_FILENO, line, (size_t)len) == -1)
		return; /* nowhere to say it */
}

static void
put(enum proc from, enum log_level level, const char *text)
{
	char line[TEXT_LEN + 80], when[32];
	struct tm tm;
	time_t now;
	int n;

	if (level > state.level)
		return;
	if (state.target == JOURNAL_SYSLOG) {
		syslog(priorities[level], "%s: %s", proc_name(from), text);
		return;
	}
	if (state.prefixed) { /* sd-daemon(3) */
		n = snprintf(line, sizeof(line), "<%d>%s: %s\n",
		    priorities[level], proc_name(from), text);
		write_line(line, n, sizeof(line));
		return;
	}
	now = time(NULL);
	if (gmtime_r(&now, &tm) == NULL ||
	    strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		when[0] = '\0';
	n = snprintf(line, sizeof(line), "%s %s %s: %s\n", when,
	    proc_name(from), level_names[level], text);
	write_line(line, n, sizeof(line));
}

void
journal(enum log_level level, const char *fmt, ...)
{
	char text[TEXT_LEN], escaped[TEXT_LEN];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap); /* cut is good enough */
	va_end(ap);
	log_escape(escaped, sizeof(escaped), text);
	put(PROC_NTPD, level, escaped);
}

static bool
within_budget(int from)
{
	struct timespec ts;
	int64_t refill;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1)
		return true;
	refill = (ts.tv_sec - state.child[from].last) * CHILD_PER_MINUTE / 60;
	if (refill > 0) {
		state.child[from].used = refill >= state.child[from].used
		    ? 0
		    : state.child[from].used - (uint32_t)refill;
		state.child[from].last = ts.tv_sec;
	}
	if (state.child[from].used >= CHILD_BURST)
		return false;
	state.child[from].used++;
	return true;
}

void
journal_child(int from, const struct msg_log *line)
{
	char note[80], text[TEXT_LEN];
	uint32_t left_out;

	if (line->level > LOG_LEVEL_DEBUG || line->level > state.level ||
	    !msg_text_ok(line->text, sizeof(line->text)))
		return;
	if (!within_budget(from)) {
		state.child[from].left_out++;
		return;
	}
	left_out = state.child[from].left_out + line->suppressed;
	state.child[from].left_out = 0;
	if (left_out > 0) {
		(void)snprintf(note, sizeof(note),
		    "%u lines were left out here", left_out);
		put(child_proc(from), LOG_LEVEL_WARNING, note);
	}
	log_escape(text, sizeof(text), line->text);
	put(child_proc(from), (enum log_level)line->level, text);
}
