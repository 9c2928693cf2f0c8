/*
 * Changes that an operator asks for.  Run by ntpd only.
 *
 * ntp-observe, which may be broken into, passes the connection of somebody
 * who asked for a change.  It could pass any descriptor that it has, so here
 * is looked at what it is: a connection on the control socket (not the
 * listening socket, whose credentials are ours, and not a socket pair), whose
 * other end is root or in the group of the configuration, and who confirms
 * the very command when asked.  A command that nobody confirms does nothing.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "journal.h"
#include "supervise.h"

#define CONFIRM_NS (2 * INT64_C(1000000000))
#define GROUPS_MAX 256

/* True if this is a connection that was accepted on the control socket. */
static bool
is_control_connection(const struct supervisor *s, int fd)
{
	struct sockaddr_un name;
	socklen_t len = sizeof(name), peer_len = sizeof(name);
	struct sockaddr_un peer;
	int type = 0, listening = 1;
	socklen_t int_len = sizeof(int);

	memset(&name, 0, sizeof(name));
	if (getsockname(fd, (struct sockaddr *)&name, &len) == -1 ||
	    name.sun_family != AF_UNIX ||
	    strncmp(name.sun_path, s->control_path, sizeof(name.sun_path)) != 0)
		return false;
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &int_len) == -1 ||
	    type != SOCK_SEQPACKET)
		return false;
	int_len = sizeof(int);
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &int_len) ==
		-1 ||
	    listening != 0)
		return false;
	return getpeername(fd, (struct sockaddr *)&peer, &peer_len) == 0;
}

static bool
in_group(int fd, gid_t primary, gid_t wanted)
{
	gid_t groups[GROUPS_MAX];
	socklen_t len = sizeof(groups);

	if (primary == wanted)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) == -1)
		return false;
	for (size_t i = 0; i < len / sizeof(gid_t); i++)
		if (groups[i] == wanted)
			return true;
	return false;
}

/* Root, the user that ntpd runs as, or a member of the configured group. */
static bool
may_change(const struct supervisor *s, int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1)
		return false;
	if (cred.uid == 0 || cred.uid == geteuid())
		return true;
	return s->control_gid != (gid_t)-1 &&
	    in_group(fd, cred.gid, s->control_gid);
}

static void
answer(struct channel *to, bool ok, const char *text)
{
	struct msg_ctl_result m = { .ok = ok };

	(void)snprintf(m.text, sizeof(m.text), "%s", text);
	msg_offer(to, MSG_CTL_RESULT, &m);
}

void
control_take(struct supervisor *s, uint32_t command, int fd)
{
	struct msg_ctl_confirm m = { .command = command };
	struct channel ch = channel_none(PROC_NTPD, PROC_CTL);
	struct asker *a = NULL;

	ch.fd = fd;
	for (int i = 0; i < ASKERS_MAX && a == NULL; i++)
		if (s->askers[i].channel.fd == -1)
			a = &s->askers[i];
	if (a == NULL || !is_control_connection(s, fd) ||
	    (command != CTL_SYNC && command != CTL_RELOAD)) {
		channel_close(&ch);
		return;
	}
	if (!may_change(s, fd)) {
		answer(&ch, false,
		    "permission denied: only root and the group of the "
		    "control socket may change anything");
		channel_close(&ch);
		return;
	}
	a->channel = ch;
	a->command = (enum ctl_command)command;
	a->deadline_ns = clock_read_boot() + CONFIRM_NS;
	if (msg_send(&a->channel, MSG_CTL_CONFIRM, &m, -1) == -1)
		channel_close(&a->channel);
}

static void
release_clock(struct supervisor *s, struct asker *a)
{
	struct msg_clock_release m = { .h = { 0, 0 } };
	struct channel *clock = &s->children[PROC_CLOCK].channel;

	if (s->options->no_clock)
		answer(&a->channel, false,
		    "the clock is not controlled (ntpd -x)");
	else if (s->clock_known && (s->clock.flags & CLOCK_CONTROLLED) == 0)
		answer(&a->channel, false,
		    "the clock is not controlled: ntp-clock lacks "
		    "CAP_SYS_TIME");
	else if (clock->fd == -1 ||
	    msg_send(clock, MSG_CLOCK_RELEASE, &m, -1) == -1)
		answer(&a->channel, false, "ntp-clock does not run just now");
	else
		answer(&a->channel, true,
		    "the clock is released, one step is allowed");
	journal(LOG_LEVEL_INFO, "an operator asked for sync");
}

void
control_confirm(struct supervisor *s, struct asker *a)
{
	union msg m;
	int fd;

	switch (msg_recv(&a->channel, &m, &fd)) {
	case MSG_NOTHING:
		return;
	case MSG_GOT:
		if (m.ctl_confirm.command != (uint32_t)a->command)
			break;
		if (a->command == CTL_SYNC)
			release_clock(s, a);
		else if (reload(s) == 0)
			answer(&a->channel, true, "configuration reloaded");
		else
			answer(&a->channel, false,
			    "the configuration has errors, see the log: "
			    "the old one stays in force");
		break;
	case MSG_CLOSED:
	case MSG_BAD:
		break;
	}
	channel_close(&a->channel);
}

void
control_expire(struct supervisor *s, int64_t now_ns)
{
	for (int i = 0; i < ASKERS_MAX; i++)
		if (s->askers[i].channel.fd != -1 &&
		    s->askers[i].deadline_ns <= now_ns)
			channel_close(&s->askers[i].channel);
}
