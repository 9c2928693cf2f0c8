/*
 * The log of a child process, see log.h.
 */
#include "common/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/escape.h"
#include "common/pace.h"
#include "core/types.h"

static const struct pace_rate line_rate = { NS_PER_S / 4, 40 };

static struct channel *channel;
static enum log_level threshold = LOG_LEVEL_INFO;

static struct pace pace;
static uint32_t suppressed; /* lines dropped since the last one sent */

void
log_to(struct channel *ch)
{
	channel = ch;
}

void
log_set_level(enum log_level level)
{
	threshold = level;
}

static bool
allowed(void)
{
	if (pace_take(&pace, &line_rate, clock_read_monotonic()))
		return true;
	suppressed++;
	return false;
}

void
log_line(enum log_level level, const char *fmt, ...)
{
	struct msg_log msg = { .level = (uint32_t)level };
	char text[TEXT_LEN];
	va_list ap;

	if (level > threshold || channel == NULL || channel->fd == -1 ||
	    !allowed())
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap); /* truncation is fine */
	va_end(ap);
	escape_text(msg.text, sizeof(msg.text), text);
	msg.suppressed = suppressed;
	if (msg_send(channel, MSG_LOG, &msg, -1) == -1)
		suppressed++;
	else
		suppressed = 0;
}
