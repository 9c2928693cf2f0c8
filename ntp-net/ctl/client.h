/*
 * The ntpctl end of the control socket: asking a question, and collecting and
 * checking the answer.
 */
#ifndef CTL_CLIENT_H
#define CTL_CLIENT_H

#include "common/msg.h"
#include "ntp-net/ctl/report.h"

#define CLIENT_ERROR_LEN 256

/* A connection.  error says what failed last, in words for the user. */
struct client {
	int fd; /* -1: none */
	char error[CLIENT_ERROR_LEN];
};

/*
 * Connect to the control socket; where path is NULL, to the usual one, or one
 * that this user's ntpd has made elsewhere (ctlpath.h).  Returns 0, or -1 with
 * error.  *c need not be initialized; client_close() ends it, also after a
 * failure.
 */
MUST_CHECK int client_connect(struct client *c, const char *path);
void client_close(struct client *c);

/*
 * The same to the socket beside it, where ntpd itself is asked for changes: not
 * everybody may.
 */
MUST_CHECK int client_connect_change(struct client *c, const char *path);

/*
 * Ask, and wait for the whole answer, at most a few seconds, or a minute for a
 * long one.  What the command
 * brings replaces what *r had of it; the rest stays.  Returns 0 if the question
 * was answered: r->result says whether it was granted.  Returns -1 with error
 * if it was not: the connection is then of no more use.
 */
MUST_CHECK int client_ask(
    struct client *c, enum ctl_command command, struct report *r);

/*
 * Ask for a change, which its user has agreed to, and confirm just that, on a
 * connection of client_connect_change().  The command, and for CTL_SYNC the two
 * numbers, are the caller's.  Returns as client_ask().
 */
MUST_CHECK int client_change(
    struct client *c, struct msg_ctl_change *change, struct report *r);

/*
 * Likewise, but it is not confirmed, so that nothing is changed: r->result says
 * whether ntpd would refuse it, and why.
 */
MUST_CHECK int client_try_change(
    struct client *c, struct msg_ctl_change *change, struct report *r);

#endif
