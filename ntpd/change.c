/*
 * Peers that ask for a change, see change.h.  Run by ntpd only.
 *
 * Only root, the user of ntpd and the group of the configuration can connect to
 * the change socket.  That is not enough, since all programs may run as the
 * user of ntpd: ntpd's children and their descendants may change nothing.  ntpd
 * believes nothing that a peer says about itself.  It asks the kernel, when the
 * peer connects and again when it confirms.
 */
#include "ntpd/change.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "ntpd/children/stop.h"
#include "ntpd/daemon_log.h"

#define LOG_NS	   (60 * NS_PER_S) /* between log lines about refusals */
#define GROUPS_MAX 256

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
may_change(gid_t gid, int fd, const struct ucred *cred)
{
	if (cred->uid == 0 || cred->uid == geteuid())
		return true;
	return gid != (gid_t)-1 && in_group(fd, cred->gid, gid);
}

/* Does any of our programs run as this user? */
static bool
is_programs_user(const struct children *c, uid_t uid)
{
	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++)
		if (c->list[p].started_ns != 0 && c->list[p].ids.uid == uid)
			return true;
	return uid == geteuid() && uid != 0;
}

/* Why the peer may not change anything; NULL: it may. */
static const char *
refusal(const struct children *c, gid_t gid, int fd, struct ucred *cred)
{
	socklen_t len = sizeof(*cred);

	memset(cred, 0, sizeof(*cred));
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, cred, &len) == -1)
		return "permission denied: the kernel does not tell who asks";
	if (!may_change(gid, fd, cred))
		return "permission denied: only root, the user of ntpd and the "
		       "group of the control socket may change anything";
	if (child_with(c, cred->pid) != -1)
		return "permission denied: one of ntpd's own programs asks";
	switch (kin_of_peer("/proc", getpid(), fd, cred->pid, &c->dead)) {
	case KIN_NONE:
		break;
	case KIN_OURS:
		return "permission denied: one of ntpd's own programs asks";
	case KIN_GONE:
		return "permission denied: the process that asked has ended";
	case KIN_UNKNOWN:
		if (!is_programs_user(c, cred->uid))
			break; /* none of our programs can be this user */
		if (cred->uid == 0 && cred->pid == 0)
			break; /* outside of our pid namespace: not ours */
		return "permission denied: from /proc ntpd cannot tell that it "
		       "is not one of its own programs that asks";
	}
	return NULL;
}

/* Log the refusal, once a minute; a child that asks is broken, and is ended. */
static void
note_refusal(struct changes *a, struct children *c, const struct ucred *cred,
    const char *why)
{
	int child = child_with(c, cred->pid);
	int64_t now = clock_read_boot();

	a->refusals++;
	if (a->refusal_said_ns == 0 || now - a->refusal_said_ns >= LOG_NS) {
		a->refusal_said_ns = now;
		daemon_log(LOG_LEVEL_WARNING,
		    "refused a change: %s: process=\"%s\" "
		    "pid=%d uid=%u refused=%" PRIu64,
		    why, child == -1 ? "" : proc_name(child_proc(child)),
		    (int)cred->pid, cred->uid, a->refusals);
	}
	if (child != -1)
		stop_child(c, child);
}

static struct change *
free_change(struct changes *a)
{
	for (int i = 0; i < CHANGES_MAX; i++)
		if (a->list[i].channel.fd == -1)
			return &a->list[i];
	return NULL;
}

void
changes_none(struct changes *a)
{
	for (int i = 0; i < CHANGES_MAX; i++)
		a->list[i].channel = channel_none(PROC_NTPD, PROC_CTL);
}

bool
changes_have_room(struct changes *a, const struct letgo *l)
{
	return free_change(a) != NULL && letgo_left(l) < LETGO_MAX / 2;
}

struct change *
change_accept(struct changes *all, const struct control_sockets *c)
{
	struct change *a = free_change(all);
	int fd;

	if (a == NULL)
		return NULL;
	fd = accept4(c->change_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd == -1)
		return NULL;
	*a = (struct change){ .channel = channel_none(PROC_NTPD, PROC_CTL),
		.deadline_ns = clock_read_boot() + CHANGE_PATIENCE_NS };
	a->channel.fd = fd;
	a->channel.guarded = c->change_guarded;
	return a;
}

void
change_answer(struct change *to, bool ok, const char *text)
{
	struct msg_ctl_result m = { .ok = ok };

	(void)snprintf(m.text, sizeof(m.text), "%s", text);
	msg_offer(&to->channel, MSG_CTL_RESULT, &m);
}

void
change_end(struct change *a, struct letgo *l)
{
	letgo_channel(l, &a->channel);
}

bool
change_refuse(
    struct changes *all, struct change *a, struct children *children, gid_t gid)
{
	struct ucred cred;
	const char *why = refusal(children, gid, a->channel.fd, &cred);

	if (why == NULL)
		return false;
	change_answer(a, false, why);
	note_refusal(all, children, &cred, why);
	change_end(a, &children->letgo);
	return true;
}

void
changes_expire(struct changes *a, struct letgo *l, int64_t now_ns)
{
	for (int i = 0; i < CHANGES_MAX; i++)
		if (a->list[i].channel.fd != -1 &&
		    a->list[i].deadline_ns <= now_ns)
			change_end(&a->list[i], l);
}

int64_t
changes_deadline(const struct changes *a)
{
	int64_t first = INT64_MAX;

	for (int i = 0; i < CHANGES_MAX; i++)
		if (a->list[i].channel.fd != -1 &&
		    a->list[i].deadline_ns < first)
			first = a->list[i].deadline_ns;
	return first;
}
