/*
 * The commands of ntpctl that change something, see change.h.  Run by whoever
 * calls ntpctl.  They must never ask for what the user has not agreed to.
 */
#include "ntp-net/ctl/change.h"

#include <stdio.h>
#include <string.h>

#include "ntp-net/ctl/agree.h"
#include "ntp-net/ctl/text.h"

#define FOUND_MAX 60

int
ctl_wrong(const struct ctl *ctl, const char *what, const char *found)
{
	char text[CLIENT_ERROR_LEN];

	/* Of a long text, the beginning is enough. */
	(void)snprintf(text, sizeof(text), "%s \"%.*s\"%s", what, FOUND_MAX,
	    found, strlen(found) > FOUND_MAX ? " and more" : "");
	return ctl_complain(ctl, text);
}

/* Ask ntpd, with or without confirming.  Returns its message, and *ok. */
static const char *
ask_for(struct ctl *ctl, struct msg_ctl_change *what,
    int (*way)(struct client *, struct msg_ctl_change *, struct report *),
    bool *ok)
{
	struct client *c = &ctl->client;
	const struct msg_ctl_result *result = &ctl->report.result;
	bool answered = client_connect_change(c, ctl->socket) == 0 &&
	    way(c, what, &ctl->report) == 0;

	client_close(c);
	*ok = answered && result->ok != 0;
	if (!answered)
		return c->error;
	return *ok || result->text[0] != '\0' ? result->text : "refused";
}

/* Ask for a change and confirm it.  Returns the exit status. */
static int
change(struct ctl *ctl, struct msg_ctl_change *what, const char *done)
{
	bool ok;
	const char *text = ask_for(ctl, what, client_change, &ok);

	return ctl_conclude(ctl, ok, text[0] != '\0' ? text : done);
}

/*
 * Do not ask the user to agree to what ntpd would refuse.  Returns 0, or 1
 * after saying why.
 */
static int
try_change(struct ctl *ctl, struct msg_ctl_change *what)
{
	bool ok;
	const char *text = ask_for(ctl, what, client_try_change, &ok);

	return ok ? 0 : ctl_complain(ctl, text);
}

static void
set_step(struct msg_ctl_change *what, int64_t step_ns)
{
	what->step_ns = step_ns;
	what->margin_ns = CTL_MARGIN_NS(step_ns);
}

/* Ask about ntp-clock's step.  Returns 0 if the user agrees, else 1. */
static int
agree(struct ctl *ctl, struct msg_ctl_change *change)
{
	const struct msg_clock_state *clock = &ctl->report.clock;
	char what[AGREE_LEN], command[AGREE_LEN], line[3 * AGREE_LEN];

	if (ctl_ask(ctl, CTL_CLOCK) != 0)
		return 1;
	if (!ctl->report.clock_known)
		return ctl_complain(
		    ctl, "ntp-observe says nothing about the clock");
	set_step(change, clock->offset_ns);
	if (try_change(ctl, change) != 0)
		return 1;
	if (!agree_describe(clock, what, sizeof(what)))
		return ctl_complain(ctl, what);
	switch (agree_ask(clock, what)) {
	case AGREE_YES:
		return 0;
	case AGREE_NO:
		return ctl_complain(ctl, "nothing is changed");
	case AGREE_NOBODY:
		break;
	}
	agree_command(clock, ctl->socket, command, sizeof(command));
	(void)snprintf(line, sizeof(line),
	    "%s; nobody is there to agree to that step; to agree: %s", what,
	    command);
	return ctl_complain(ctl, line);
}

int
change_sync(struct ctl *ctl, const char *seconds)
{
	struct msg_ctl_change what = { .command = CTL_SYNC };
	int64_t step_ns;

	if (seconds == NULL) {
		if (agree(ctl, &what) != 0)
			return 1;
	} else if (text_parse_seconds(seconds, &step_ns)) {
		set_step(&what, step_ns);
	} else {
		return ctl_wrong(
		    ctl, "sync: expected seconds as in -1.5, found", seconds);
	}
	return change(ctl, &what, "the clock is released");
}

int
change_reload(struct ctl *ctl, const char *argument)
{
	struct msg_ctl_change what = { .command = CTL_RELOAD };

	(void)argument;
	return change(ctl, &what, "the configuration is reloaded");
}
