/*
 * Changes that an operator asks for.  Run by ntpd only.
 *
 * They are asked for on a socket of their own, beside the control socket, which
 * ntpd itself listens on: ntp-observe, which may be broken into, has no part in
 * it.  Only root, the user of ntpd and the group of the configuration can
 * connect to it.  That is not enough, since all programs may run as the user of
 * ntpd: whoever is ntpd's child, or a child's child, may change nothing.  Nobody
 * is believed what he says about himself; the kernel tells, when he comes and
 * again when he confirms.  What nobody confirms is not done.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "ntpd/journal.h"
#include "ntpd/supervise.h"

#define CONFIRM_NS (2 * NS_PER_S)
#define LOG_NS	   (60 * NS_PER_S) /* a refusal is logged as often at most */
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
may_change(const struct supervisor *s, int fd, const struct ucred *cred)
{
	if (cred->uid == 0 || cred->uid == geteuid())
		return true;
	return s->control_gid != (gid_t)-1 &&
	    in_group(fd, cred->gid, s->control_gid);
}

/* The child that has this pid, -1 if none has. */
static int
child_with(const struct supervisor *s, pid_t pid)
{
	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++)
		if (pid > 0 && s->children[p].pid == pid)
			return p;
	return -1;
}

/* Does any of our programs run as this user? */
static bool
is_programs_user(const struct supervisor *s, uid_t uid)
{
	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++)
		if (s->children[p].started_ns != 0 &&
		    s->children[p].ids.uid == uid)
			return true;
	return uid == geteuid() && uid != 0;
}

/* Why whoever is at the other end may not change anything; NULL: he may. */
static const char *
refusal(const struct supervisor *s, int fd, struct ucred *cred)
{
	socklen_t len = sizeof(*cred);

	memset(cred, 0, sizeof(*cred));
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, cred, &len) == -1)
		return "permission denied: the kernel does not tell who asks";
	if (!may_change(s, fd, cred))
		return "permission denied: only root, the user of ntpd and the "
		       "group of the control socket may change anything";
	if (child_with(s, cred->pid) != -1)
		return "permission denied: one of ntpd's own programs asks";
	switch (kin_of_peer("/proc", getpid(), fd, cred->pid, &s->dead)) {
	case KIN_NONE:
		break;
	case KIN_OURS:
		return "permission denied: one of ntpd's own programs asks";
	case KIN_GONE:
		return "permission denied: the process that asked has ended";
	case KIN_UNKNOWN:
		if (!is_programs_user(s, cred->uid))
			break; /* none of our programs can be this user */
		if (cred->uid == 0 && cred->pid == 0)
			break; /* beyond our pid namespace, where none is */
		return "permission denied: from /proc ntpd cannot tell that it "
		       "is not one of its own programs that asks";
	}
	return NULL;
}

/* In the log, once a minute; a child that asks is broken, and ended. */
static void
note_refusal(struct supervisor *s, const struct ucred *cred, const char *why)
{
	int child = child_with(s, cred->pid);
	int64_t now = clock_read_boot();

	s->refusals++;
	if (s->refusal_said_ns == 0 || now - s->refusal_said_ns >= LOG_NS) {
		s->refusal_said_ns = now;
		journal(LOG_LEVEL_WARNING,
		    "a change was asked for and refused: %s: process=\"%s\" "
		    "pid=%d uid=%u refused=%" PRIu64,
		    why, child == -1 ? "" : proc_name(child_proc(child)),
		    (int)cred->pid, cred->uid, s->refusals);
	}
	if (child != -1)
		stop_child(s, child);
}

static void
answer(struct channel *to, bool ok, const char *text)
{
	struct msg_ctl_result m = { .ok = ok };

	(void)snprintf(m.text, sizeof(m.text), "%s", text);
	msg_offer(to, MSG_CTL_RESULT, &m);
}

static void
finish(struct supervisor *s, struct asker *a)
{
	letgo_channel(&s->letgo, &a->channel);
}

/* Refuse one who may not, or not any more.  Returns true if that was so. */
static bool
refuse(struct supervisor *s, struct asker *a)
{
	struct ucred cred;
	const char *why = refusal(s, a->channel.fd, &cred);

	if (why == NULL)
		return false;
	answer(&a->channel, false, why);
	note_refusal(s, &cred, why);
	finish(s, a);
	return true;
}

static struct asker *
free_asker(struct supervisor *s)
{
	for (int i = 0; i < ASKERS_MAX; i++)
		if (s->askers[i].channel.fd == -1)
			return &s->askers[i];
	return NULL;
}

bool
control_has_room(struct supervisor *s)
{
	/* Each of them may need a process for its end. */
	return free_asker(s) != NULL && letgo_left(&s->letgo) < LETGO_MAX / 2;
}

/* A number out of range is none that ntpctl sends. */
static bool
is_sound(const struct msg_ctl_change *m)
{
	if (m->command == CTL_RELOAD)
		return m->step_ns == 0 && m->margin_ns == 0;
	return m->command == CTL_SYNC && m->step_ns >= -CTL_STEP_MAX_NS &&
	    m->step_ns <= CTL_STEP_MAX_NS && m->margin_ns >= 0 &&
	    m->margin_ns <= CTL_MARGIN_NS(m->step_ns);
}

static const char not_running[] = "ntp-clock does not run just now";

/* Why no step can be allowed, whatever it is; NULL: it can. */
static const char *
cannot_release(const struct supervisor *s)
{
	if (s->options->no_clock)
		return "the clock is not controlled (ntpd -x)";
	if (s->clock_known && (s->clock.flags & CLOCK_CONTROLLED) == 0)
		return "the clock is not controlled: ntp-clock lacks "
		       "CAP_SYS_TIME";
	return s->children[PROC_CLOCK].channel.fd == -1 ? not_running : NULL;
}

static void
note_sync(int64_t step_ns, int64_t margin_ns)
{
	journal(LOG_LEVEL_INFO,
	    "an operator asked for sync: step_ns=%" PRId64
	    " margin_ns=%" PRId64,
	    step_ns, margin_ns);
}

/*
 * Refuse at once what would be refused in the end: nobody is to be asked whether
 * he agrees to that.  Returns true if that was so.
 */
static bool
refuse_sync(
    struct supervisor *s, struct asker *a, const struct msg_ctl_change *m)
{
	const char *why = m->command == CTL_SYNC ? cannot_release(s) : NULL;

	if (why == NULL)
		return false;
	note_sync(m->step_ns, m->margin_ns);
	answer(&a->channel, false, why);
	finish(s, a);
	return true;
}

static void
take_question(
    struct supervisor *s, struct asker *a, const struct msg_ctl_change *m)
{
	struct msg_ctl_confirm confirm = { .command = m->command,
		.step_ns = m->step_ns,
		.margin_ns = m->margin_ns };

	if (m->version != CTL_VERSION || !is_sound(m)) {
		answer(&a->channel, false,
		    m->version != CTL_VERSION
			? "ntpctl and ntpd are of different versions"
			: "what is asked for makes no sense");
		finish(s, a);
		return;
	}
	if (refuse_sync(s, a, m))
		return;
	a->asked = true;
	a->command = (enum ctl_command)m->command;
	a->step_ns = m->step_ns;
	a->margin_ns = m->margin_ns;
	a->deadline_ns = clock_read_boot() + CONFIRM_NS;
	if (msg_send(&a->channel, MSG_CTL_CONFIRM, &confirm, -1) == -1)
		finish(s, a);
}

static void
release_clock(struct supervisor *s, struct asker *a)
{
	struct msg_clock_release m = { .step_ns = a->step_ns,
		.margin_ns = a->margin_ns };
	const char *why = cannot_release(s);

	note_sync(m.step_ns, m.margin_ns);
	if (why == NULL &&
	    msg_send(&s->children[PROC_CLOCK].channel, MSG_CLOCK_RELEASE, &m,
		-1) == -1)
		why = not_running;
	answer(&a->channel, why == NULL,
	    why != NULL ? why
			: "the clock is released, the step that was agreed to "
			  "is allowed");
}

static void
reload_asked(struct supervisor *s, struct asker *a)
{
	char text[REASON_LEN];

	if (reload(s) == 0) {
		reload_answer(s, text);
		answer(&a->channel, true, text);
		return;
	}
	answer(&a->channel, false,
	    s->reload_why[0] != '\0'
		? s->reload_why
		: "the configuration cannot be read just now: the old one "
		  "stays in force");
}

/* The asker says once more what it asked for: now it is done. */
static void
take_confirmation(
    struct supervisor *s, struct asker *a, const struct msg_ctl_confirm *m)
{
	if (m->command != (uint32_t)a->command || m->step_ns != a->step_ns ||
	    m->margin_ns != a->margin_ns)
		answer(&a->channel, false, "not what was asked for");
	else if (a->command == CTL_SYNC)
		release_clock(s, a);
	else
		reload_asked(s, a);
	finish(s, a);
}

/* A message of the asker: he must still be one who may. */
static void
hear(struct supervisor *s, struct asker *a, const union msg *m)
{
	if (refuse(s, a))
		return;
	if (!a->asked && m->h.type == MSG_CTL_CHANGE)
		take_question(s, a, &m->ctl_change);
	else if (a->asked && m->h.type == MSG_CTL_CONFIRM)
		take_confirmation(s, a, &m->ctl_confirm);
	else
		finish(s, a);
}

void
control_read(struct supervisor *s, struct asker *a)
{
	union msg m;
	int fd;

	switch (msg_recv(&a->channel, &m, &fd)) {
	case MSG_NOTHING:
		break;
	case MSG_GOT:
		hear(s, a, &m);
		break;
	case MSG_CLOSED:
	case MSG_BAD:
		finish(s, a);
		break;
	}
}

/* One who may not change anything is told so at once, and takes no place. */
void
control_accept(struct supervisor *s)
{
	struct asker *a = free_asker(s);
	union msg question;
	int fd;

	if (a == NULL)
		return;
	fd = accept4(s->change_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd == -1)
		return; /* gone again */
	*a = (struct asker){ .channel = channel_none(PROC_NTPD, PROC_CTL),
		.deadline_ns = clock_read_boot() + CONFIRM_NS };
	a->channel.fd = fd;
	a->channel.guarded = s->change_guarded;
	/* What is left unread would spoil the answer. */
	if (msg_recv(&a->channel, &question, &fd) == MSG_GOT)
		hear(s, a, &question);
	else
		(void)refuse(s, a);
}

void
control_expire(struct supervisor *s, int64_t now_ns)
{
	for (int i = 0; i < ASKERS_MAX; i++)
		if (s->askers[i].channel.fd != -1 &&
		    s->askers[i].deadline_ns <= now_ns)
			finish(s, &s->askers[i]);
}
