/*
 * What a user agrees to, see agree.h.  Run by whoever calls ntpctl.  The step
 * that is requested later must be exactly the one that was shown here.
 */
#include "ntp-net/ctl/agree.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ntp-net/ctl/text.h"

bool
agree_describe(const struct msg_clock_state *clock, char *text, size_t size)
{
	char seconds[TEXT_SHORT];
	bool behind = clock->offset_ns >= 0;

	if ((clock->flags & CLOCK_STATE_HAS_LINE) == 0) {
		(void)snprintf(text, size,
		    "ntp-clock has no time from the sources yet: there is no "
		    "step to agree to");
		return false;
	}
	text_seconds(seconds, sizeof(seconds), clock->offset_ns);
	(void)snprintf(text, size,
	    "the clock is %s s %s UTC as the sources have it",
	    seconds + (seconds[0] == '-' ? 1 : 0),
	    behind ? "behind" : "ahead of");
	return true;
}

void
agree_command(const struct msg_clock_state *clock, const char *socket,
    char *text, size_t size)
{
	char seconds[TEXT_SHORT];

	text_seconds(seconds, sizeof(seconds), clock->offset_ns);
	(void)snprintf(text, size, "ntpctl %s%s%ssync -s %s",
	    socket != NULL ? "-s " : "", socket != NULL ? socket : "",
	    socket != NULL ? " " : "", seconds);
}

static bool
is_yes(const char *line)
{
	return strcmp(line, "y\n") == 0 || strcmp(line, "Y\n") == 0 ||
	    strcmp(line, "yes\n") == 0;
}

enum agree_answer
agree_ask(const struct msg_clock_state *clock, const char *what)
{
	char frozen[REASON_LEN * 4], line[16] = "";
	FILE *tty, *in = stdin, *out = stderr;
	bool yes;

	if (isatty(STDIN_FILENO) == 0)
		return AGREE_NOBODY;
	tty = fopen("/dev/tty", "r+e");
	if (tty != NULL)
		in = out = tty;
	escape_text(frozen, sizeof(frozen), clock->frozen);
	if (frozen[0] != '\0')
		fprintf(out, "frozen: %s\n", frozen);
	fprintf(out, "%s: step it %s by that? [y/N] ", what,
	    clock->offset_ns >= 0 ? "forward" : "back");
	(void)fflush(out); /* if it fails, no answer comes either */
	yes = fgets(line, sizeof(line), in) != NULL && is_yes(line);
	if (tty != NULL)
		(void)fclose(tty);
	return yes ? AGREE_YES : AGREE_NO;
}
