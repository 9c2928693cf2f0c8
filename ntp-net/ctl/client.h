/*
 * ntpctl's end of the control socket: ask a question, then collect and check
 * the answer.
 */
#ifndef CTL_CLIENT_H
#define CTL_CLIENT_H

#include "common/msg.h"
#include "ntp-net/ctl/report.h"

#define CLIENT_ERROR_LEN 256

/* A connection.  error describes the last failure to the user. */
struct client {
	int fd; /* -1: none */
	char error[CLIENT_ERROR_LEN];
};

/*
 * Connect to the control socket at path.  If path is NULL, use the default
 * path, or the one that this user's ntpd has made elsewhere (ctlpath.h).
 * Returns 0, or -1 with error.  *c need not be initialized; client_close() ends
 * it, even after a failure.
 */
MUST_CHECK int client_connect(struct client *c, const char *path);
void client_close(struct client *c);

/*
 * Likewise to the socket beside it, on which ntpd itself takes requests for
 * changes.  Not every user may connect to it.
 */
MUST_CHECK int client_connect_change(struct client *c, const char *path);

/*
 * Ask, and wait for the whole answer: at most a few seconds, or a minute for a
 * long one.  What the answer contains replaces its part of *r; the rest stays.
 * Returns 0 if the question was answered: r->result says whether it was
 * granted.  Returns -1 with error otherwise: the connection is then of no more
 * use.
 */
MUST_CHECK int client_ask(
    struct client *c, enum ctl_command command, struct report *r);

/*
 * Ask for a change that the user has agreed to, and confirm exactly that, on a
 * connection of client_connect_change().  The caller sets the command, and the
 * two numbers for CTL_SYNC.  Returns as client_ask().
 */
MUST_CHECK int client_change(
    struct client *c, struct msg_ctl_change *change, struct report *r);

/*
 * Likewise, but do not confirm, so that nothing changes: r->result says whether
 * ntpd would refuse, and why.
 */
MUST_CHECK int client_try_change(
    struct client *c, struct msg_ctl_change *change, struct report *r);

#endif
