/*
 * The commands of ntpctl that change something, and what all commands share.
 */
#ifndef CTL_CHANGE_H
#define CTL_CHANGE_H

#include "ntp-net/ctl/client.h"
#include "ntp-net/ctl/show.h"

struct ctl {
	const char *socket; /* NULL: the default path */
	bool json;
	bool terminal; /* standard output can move its cursor */
	struct show show;
	struct client client;
	struct report report;
};

/* All of these return 0 or ntpctl's exit status. */

/* Print text, which says what failed: on one line, or as JSON if requested. */
int ctl_complain(const struct ctl *ctl, const char *text);

/* Likewise for an error in the command line, with the text found there. */
int ctl_wrong(const struct ctl *ctl, const char *what, const char *found);

/* Ask one question on a new connection; on failure, say why. */
int ctl_ask(struct ctl *ctl, enum ctl_command command);

/* Print the outcome of a command that shows nothing: in words or JSON. */
int ctl_conclude(const struct ctl *ctl, bool ok, const char *message);

/* sync and reload; seconds is NULL, or text such as -1.5. */
int change_sync(struct ctl *ctl, const char *seconds);
int change_reload(struct ctl *ctl, const char *argument);

#endif
