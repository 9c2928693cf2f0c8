/*
 * The log of all programs, see daemon_log.h.  Run by ntpd only.
 */
#include "ntpd/daemon_log.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <paths.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/escape.h"
#include "common/pace.h"
#include "core/types.h"
#include "ntpd/logsock.h"

/* Lines that a child logs, and lines that ntpd logs about it. */
static const struct pace_rate said_rate = { 1 * NS_PER_S, 60 };
static const struct pace_rate about_rate = { 60 * NS_PER_S, 12 };

/* The budget of lines of one kind. */
struct lines {
	struct pace pace;
	uint32_t left_out;
};

static struct {
	enum daemon_log_target target;
	enum log_level level;
	bool watched;	 /* errors go to standard error too */
	bool prefixed;	 /* standard error gets priorities and no time */
	uint32_t unread; /* lines that found its pipe full */
	struct logsock syslog;
	struct lines said[CHILD_COUNT];
	struct lines about[CHILD_COUNT];
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
daemon_log_open(enum daemon_log_target target, enum log_level level)
{
	state.prefixed = target == DAEMON_LOG_STDERR && is_managers_stream();
	state.target = target;
	state.level = level;
	if (target == DAEMON_LOG_SYSLOG)
		logsock_open(&state.syslog, _PATH_LOG);
}

void
daemon_log_watched(bool watched)
{
	state.watched = watched;
}

void
daemon_log_set_level(enum log_level level)
{
	state.level = level;
}

/* A reader that has stopped must not stop ntpd: its pipe will be full. */
static bool
may_write_now(void)
{
	struct pollfd pfd = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLOUT) != 0;
}

/* One write for each line: lines of two processes do not mix. */
static void
write_line(const char *line, int len, size_t size)
{
	char note[80];
	int n;

	if (len < 0)
		return;
	if ((size_t)len >= size)
		len = (int)size - 1;
	if (!may_write_now()) {
		state.unread += state.unread < UINT32_MAX;
		return;
	}
	if (state.unread > 0) {
		n = snprintf(note, sizeof(note),
		    "%s%u lines were left out here, since nobody read them\n",
		    state.prefixed ? "<4>ntpd: " : "", state.unread);
		state.unread = 0;
		if (write(STDERR_FILENO, note, (size_t)n) == -1 ||
		    !may_write_now())
			return;
	}
	if (write(STDERR_FILENO, line, (size_t)len) == -1)
		return; /* there is nowhere to log it */
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
	if (state.target == DAEMON_LOG_SYSLOG) {
		(void)snprintf(
		    line, sizeof(line), "%s: %s", proc_name(from), text);
		logsock_write(&state.syslog, priorities[level], line);
		if (!state.watched || level > LOG_LEVEL_ERROR)
			return;
	}
	if (state.prefixed) { /* sd-daemon(3) */
		n = snprintf(line, sizeof(line), "<%d>%s: %s\n",
		    priorities[level], proc_name(from), text);
		write_line(line, n, sizeof(line));
		return;
	}
	now = clock_read_real() / NS_PER_S;
	if (gmtime_r(&now, &tm) == NULL ||
	    strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		when[0] = '\0';
	n = snprintf(line, sizeof(line), "%s %s %s: %s\n", when,
	    proc_name(from), level_names[level], text);
	write_line(line, n, sizeof(line));
}

__attribute__((format(printf, 2, 0))) static void
put_escaped(enum log_level level, const char *fmt, va_list ap)
{
	char text[TEXT_LEN], escaped[TEXT_LEN];

	(void)vsnprintf(text, sizeof(text), fmt, ap); /* may be cut */
	escape_text(escaped, sizeof(escaped), text);
	put(PROC_NTPD, level, escaped);
}

void
daemon_log(enum log_level level, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	va_start(ap, fmt);
	put_escaped(level, fmt, ap);
	va_end(ap);
	errno = saved;
}

/*
 * May one more line be written?  If so, *left_out says how many were dropped
 * before; if not, the line is counted.
 */
static bool
may_write(struct lines *l, const struct pace_rate *rate, uint32_t *left_out)
{
	*left_out = 0;
	if (!pace_take(&l->pace, rate, clock_read_boot())) {
		l->left_out += l->left_out < UINT32_MAX;
		return false;
	}
	*left_out = l->left_out;
	l->left_out = 0;
	return true;
}

void
daemon_log_about(int child, enum log_level level, const char *fmt, ...)
{
	uint32_t left_out;
	va_list ap;

	if (level > state.level ||
	    !may_write(&state.about[child], &about_rate, &left_out))
		return;
	if (left_out > 0)
		daemon_log(LOG_LEVEL_WARNING,
		    "%u lines about %s were suppressed here", left_out,
		    proc_name(child_proc(child)));
	va_start(ap, fmt);
	put_escaped(level, fmt, ap);
	va_end(ap);
}

void
daemon_log_child(int from, const struct msg_log *line)
{
	char note[80], text[TEXT_LEN];
	uint32_t left_out;

	if (line->level > LOG_LEVEL_DEBUG || line->level > state.level ||
	    !msg_text_ok(line->text, sizeof(line->text)) ||
	    !may_write(&state.said[from], &said_rate, &left_out))
		return;
	if (line->suppressed > UINT32_MAX - left_out)
		left_out = UINT32_MAX;
	else
		left_out += line->suppressed;
	if (left_out > 0) {
		(void)snprintf(note, sizeof(note),
		    "%u lines were left out here", left_out);
		put(child_proc(from), LOG_LEVEL_WARNING, note);
	}
	escape_text(text, sizeof(text), line->text);
	put(child_proc(from), (enum log_level)line->level, text);
}

void
daemon_log_death(int p, pid_t pid, int status)
{
	const char *name = proc_name(child_proc(p));

	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		daemon_log_about(p, LOG_LEVEL_ERROR,
		    "%s pid=%d was killed by its system call filter", name,
		    (int)pid);
	else if (WIFSIGNALED(status))
		daemon_log_about(p, LOG_LEVEL_WARNING,
		    "%s pid=%d was killed by signal %d", name, (int)pid,
		    WTERMSIG(status));
	else
		daemon_log_about(p, LOG_LEVEL_WARNING,
		    "%s pid=%d ended with status %d", name, (int)pid,
		    WEXITSTATUS(status));
}
