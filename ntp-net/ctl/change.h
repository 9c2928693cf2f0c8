/*
 * The commands of ntpctl that change something, and what all commands share.
 */
#ifndef CTL_CHANGE_H
#define CTL_CHANGE_H

#include "ntp-net/ctl/client.h"
#include "ntp-net/ctl/show.h"

struct ctl {
	const char *socket; /* NULL: where it is by default */
	bool json;
	bool terminal; /* standard output is one that can be drawn on */
	struct show show;
	struct client client;
	struct report report;
};

/* All of these return 0 or the exit status of ntpctl. */

/* A text that says what failed, on one line, and in JSON if that is wanted. */
int ctl_complain(const struct ctl *ctl, const char *text);

/* The command line is wrong: the same, with what was found there. */
int ctl_wrong(const struct ctl *ctl, const char *what, const char *found);

/* One question on a connection of its own, or having said why not. */
int ctl_ask(struct ctl *ctl, enum ctl_command command);

/* The outcome of a command that shows nothing: words or JSON. */
int ctl_conclude(const struct ctl *ctl, bool ok, const char *message);

/* sync and reload; seconds is NULL, or as in -1.5. */
int change_sync(struct ctl *ctl, const char *seconds);
int change_reload(struct ctl *ctl, const char *argument);

#endif
