/*
 * ntpctl's end of the control socket, see client.h.  Run by whoever calls
 * ntpctl.  It must never show what was not checked, nor confirm a change that
 * its user did not ask for.
 */
#include "ntp-net/ctl/client.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include <bsd/string.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/ctlpath.h"
#include "common/status.h"
#include "core/types.h"
#include "ntp-net/ctl/server.h"

#define ANSWER_MS 5000	/* timeout of a whole answer, */
#define LONG_MS	  60000 /* and of one that may have a million messages */

/* One question: whom it goes to, and what may come next. */
struct exchange {
	struct client *client;
	struct report *report;
	struct channel channel; /* to ntp-observe, or to ntpd for a change */
	const struct msg_ctl_change *change; /* NULL: none */
	bool only_try;			     /* do not confirm it */
	bool confirmed;
};

static int
failed(struct client *c, const char *what)
{
	(void)strlcpy(c->error, what, sizeof(c->error));
	return -1;
}

/* The answering program is at fault: name it, as others may be well. */
static int
failed_by(struct exchange *x, const char *what)
{
	(void)snprintf(x->client->error, sizeof(x->client->error), "%s %s",
	    x->change != NULL ? "ntpd" : "ntp-observe, which answers for ntpd,",
	    what);
	return -1;
}

static int
closed_by(struct exchange *x)
{
	return failed_by(x,
	    "closed the connection before all was answered: it has ended, or "
	    "is too busy");
}

static int
connect_to(struct client *c, const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct timeval wait = { .tv_sec = ANSWER_MS / 1000 };
	struct stat st;
	int error;

	c->fd = -1;
	c->error[0] = '\0';
	if (strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path))
		return failed(c, "the name of the control socket is too long");
	c->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (c->fd == -1)
		return failed(c, "cannot make a socket");
	if (setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) ==
		0 &&
	    connect(c->fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return 0;
	error = errno;
	client_close(c);
	if (stat(path, &st) == 0 && !S_ISSOCK(st.st_mode))
		(void)snprintf(c->error, sizeof(c->error),
		    "cannot connect to %s: it is %s", path,
		    S_ISDIR(st.st_mode) ? "a directory" : "no socket");
	else
		(void)snprintf(c->error, sizeof(c->error),
		    "cannot connect to %s: %s%s", path, strerrordesc_np(error),
		    error == ENOENT || error == ECONNREFUSED
			? ": is ntpd running?"
			: error == EAGAIN ? ": nobody takes the connection"
					  : "");
	errno = error;
	return -1;
}

/* Could only this user have put something into the folder? */
static bool
is_private(const char *dir)
{
	struct stat st;

	return lstat(dir, &st) == 0 && S_ISDIR(st.st_mode) &&
	    st.st_uid == geteuid() && (st.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

/* Connect to the socket at path with this suffix. */
static int
connect_beside(struct client *c, const char *path, const char *suffix)
{
	char name[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];

	/* A path that is too long is still too long after the cut. */
	(void)snprintf(name, sizeof(name), "%s%s", path, suffix);
	return connect_to(c, name);
}

static int
connect_somewhere(struct client *c, const char *path, const char *suffix)
{
	char dir[CTL_FALLBACK_DIR_LEN], fallback[CTL_FALLBACK_DIR_LEN + 16];
	char first[CLIENT_ERROR_LEN];
	int error;

	if (path != NULL)
		return connect_beside(c, path, suffix);
	if (connect_beside(c, CTL_PATH, suffix) == 0)
		return 0;
	error = errno;
	(void)snprintf(dir, sizeof(dir), CTL_FALLBACK_DIR, geteuid());
	(void)snprintf(
	    fallback, sizeof(fallback), CTL_FALLBACK_PATH, geteuid());
	memcpy(first, c->error, sizeof(first));
	if (is_private(dir) && connect_beside(c, fallback, suffix) == 0)
		return 0;
	memcpy(c->error, first, sizeof(first));
	errno = error;
	return -1;
}

int
client_connect(struct client *c, const char *path)
{
	return connect_somewhere(c, path, "");
}

int
client_connect_change(struct client *c, const char *path)
{
	char reason[CLIENT_ERROR_LEN];

	if (connect_somewhere(c, path, CTL_CHANGE_SUFFIX) == 0)
		return 0;
	if (errno != EACCES)
		return -1;
	memcpy(reason, c->error, sizeof(reason));
	(void)snprintf(c->error, sizeof(c->error),
	    "permission denied: only root, the user of ntpd and the group of "
	    "the control socket may change anything (%.100s)",
	    reason);
	return -1;
}

void
client_close(struct client *c)
{
	if (c->fd != -1)
		(void)close(c->fd); /* a failure cannot be handled */
	c->fd = -1;
}

static bool
source_ok(const struct msg_source_status *s)
{
	return s->state <= STATE_SELECTED && s->poll_log2 <= 17 &&
	    s->port <= UINT16_MAX && s->auth <= SOURCE_AUTH_MAC &&
	    msg_text_ok(s->name, sizeof(s->name)) &&
	    msg_text_ok(s->why, sizeof(s->why));
}

/* Store a message in the report.  Returns false if it is invalid. */
static bool
keep(struct report *r, const union msg *msg)
{
	switch (msg->h.type) {
	case MSG_STATUS:
		r->status = msg->status;
		r->status_known = true;
		return status_ok(&r->status);
	case MSG_SOURCE_STATUS:
		if (r->source_count == SOURCES_MAX)
			return false;
		r->sources[r->source_count++] = msg->source_status;
		return source_ok(&msg->source_status);
	case MSG_PROCESS:
		if (r->process_count == CHILD_COUNT)
			return false;
		r->processes[r->process_count++] = msg->process;
		return msg->process.child < CHILD_COUNT &&
		    msg->process.age_ns >= 0 && msg->process.since_ns >= 0;
	case MSG_CLOCK_STATE:
		r->clock = msg->clock_state;
		r->clock_known = true;
		return msg_text_ok(r->clock.frozen, REASON_LEN);
	case MSG_CLOCK_EVENT:
		if (r->event_count == EVENTS_KEPT)
			return false;
		r->events[r->event_count++] = msg->clock_event;
		return msg->clock_event.event < EVENT_COUNT &&
		    msg_text_ok(msg->clock_event.reason, REASON_LEN);
	case MSG_SERVER_STATUS:
		if (r->server_count == REPORT_SERVERS_MAX)
			return false;
		r->servers[r->server_count++] = msg->server_status;
		return server_status_ok(&msg->server_status);
	case MSG_FAST_STATUS:
		if (r->fast_known)
			return false;
		r->fast = msg->fast_status;
		r->fast_known = true;
		return true;
	case MSG_CLIENT_STATUS:
		return server_client_ok(&msg->client_status) &&
		    server_add_client(r, &msg->client_status);
	case MSG_CTL_RESULT:
		r->result = msg->ctl_result;
		return msg_text_ok(r->result.text, REASON_LEN);
	default:
		return false;
	}
}

/*
 * ntpd repeats what it has understood.  Confirm it only if it is exactly what
 * the user agreed to.  Returns as take().
 */
static int
confirm(struct exchange *x, const struct msg_ctl_confirm *ask)
{
	struct msg_ctl_confirm yes = *ask;

	if (x->confirmed || x->change == NULL ||
	    ask->command != x->change->command ||
	    ask->step_ns != x->change->step_ns ||
	    ask->margin_ns != x->change->margin_ns)
		return failed_by(x, "asked to confirm what was not asked for");
	x->report->result.ok = x->only_try;
	if (x->only_try)
		return 1; /* that is all we want to know */
	x->confirmed = true;
	if (msg_send(&x->channel, MSG_CTL_CONFIRM, &yes, -1) == -1)
		return closed_by(x);
	return 0;
}

/* Returns 1 when the answer is complete, 0 when more is to come, or -1. */
static int
take(struct exchange *x)
{
	union msg msg;
	int fd;

	switch (msg_recv(&x->channel, &msg, &fd)) {
	case MSG_NOTHING:
		return 0;
	case MSG_CLOSED:
		return closed_by(x);
	case MSG_BAD:
		return failed_by(x, "sent what it may not send");
	case MSG_GOT:
		break;
	}
	if (msg.h.type == MSG_CTL_CONFIRM)
		return confirm(x, &msg.ctl_confirm);
	if (!keep(x->report, &msg))
		return failed_by(x, "sent what may not be");
	return msg.h.type == MSG_CTL_RESULT ? 1 : 0;
}

static int64_t
now_ms(void)
{
	return clock_read_monotonic() / NS_PER_MS;
}

static void
forget(struct report *r, enum ctl_command command)
{
	memset(&r->result, 0, sizeof(r->result));
	switch (command) {
	case CTL_STATUS:
		r->status_known = false;
		r->source_count = 0;
		r->process_count = 0;
		break;
	case CTL_CLOCK:
		r->clock_known = false;
		break;
	case CTL_LOG:
		r->event_count = 0;
		break;
	case CTL_SERVER:
		r->server_count = 0;
		r->fast_known = false;
		break;
	case CTL_CLIENTS:
		r->client_count = 0;
		break;
	case CTL_SYNC:
	case CTL_RELOAD:
		break;
	}
}

/* Returns 0 when the answer is complete, or -1. */
static int
collect(struct exchange *x, int64_t limit_ms)
{
	struct client *c = x->client;
	int64_t end_ms = now_ms() + limit_ms;
	int64_t left_ms;
	int done = 0;

	while (done == 0 && (left_ms = end_ms - now_ms()) > 0) {
		struct pollfd pfd = { .fd = c->fd, .events = POLLIN };
		int n = poll(&pfd, 1, (int)left_ms);

		if (n == -1)
			return failed(c, "interrupted");
		if (n == 1)
			done = take(x);
	}
	if (done == 0)
		return failed_by(
		    x, "does not answer: it hangs, or does not run just now");
	return done == 1 ? 0 : -1;
}

int
client_ask(struct client *c, enum ctl_command command, struct report *r)
{
	struct exchange x = { .client = c,
		.report = r,
		.channel = channel_none(PROC_CTL, PROC_OBSERVE) };
	struct msg_ctl_ask ask = { .version = CTL_VERSION,
		.command = (uint32_t)command };

	x.channel.fd = c->fd;
	forget(r, command);
	if (msg_send(&x.channel, MSG_CTL_ASK, &ask, -1) == -1)
		return closed_by(&x);
	if (collect(&x, command == CTL_CLIENTS ? LONG_MS : ANSWER_MS) == -1)
		return -1;
	if (r->result.ok != 0 && command == CTL_STATUS && !r->status_known)
		return failed_by(&x, "sent what may not be");
	return 0;
}

static int
ask_change(struct client *c, struct msg_ctl_change *change, bool only_try,
    struct report *r)
{
	struct exchange x = { .client = c,
		.report = r,
		.change = change,
		.only_try = only_try,
		.channel = channel_none(PROC_CTL, PROC_NTPD) };

	x.channel.fd = c->fd;
	change->version = CTL_VERSION;
	forget(r, (enum ctl_command)change->command);
	/* Where ntpd has refused already, its answer says why. */
	if (msg_send(&x.channel, MSG_CTL_CHANGE, change, -1) == -1 &&
	    errno != EPIPE && errno != ECONNRESET)
		return closed_by(&x);
	return collect(&x, ANSWER_MS);
}

int
client_try_change(
    struct client *c, struct msg_ctl_change *change, struct report *r)
{
	return ask_change(c, change, true, r);
}

int
client_change(struct client *c, struct msg_ctl_change *change, struct report *r)
{
	return ask_change(c, change, false, r);
}
