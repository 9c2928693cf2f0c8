/*
 * Changes that an operator asks for, see control.h.  Run by ntpd only.
 *
 * They arrive on a socket of their own, beside the control socket.  ntpd itself
 * listens on it, so that ntp-observe, which may be broken into, has no part in
 * it.  change.c decides who may ask.  A change that nobody confirms is not
 * made.
 */
#include "ntpd/control.h"

#include <inttypes.h>

#include "common/clock.h"
#include "ntpd/daemon_log.h"
#include "ntpd/reload.h"
#include "ntpd/supervisor.h"

/* ntpctl never sends a number out of range. */
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

/* Why no step at all can be allowed; NULL: one can. */
static const char *
cannot_release(const struct supervisor *s)
{
	if (s->options->no_clock)
		return "the clock is not controlled (ntpd -x)";
	if (s->heard.clock_known &&
	    (s->heard.clock.flags & CLOCK_STATE_CONTROLLED) == 0)
		return "the clock is not controlled: ntp-clock lacks "
		       "CAP_SYS_TIME";
	return s->children.list[PROC_CLOCK].channel.fd == -1 ? not_running
							     : NULL;
}

static void
note_sync(int64_t step_ns, int64_t margin_ns)
{
	daemon_log(LOG_LEVEL_INFO,
	    "an operator asked for sync: step_ns=%" PRId64
	    " margin_ns=%" PRId64,
	    step_ns, margin_ns);
}

/*
 * Refuse at once what would be refused in the end, so that nobody is asked to
 * confirm it.  Returns true if it was refused.
 */
static bool
refuse_sync(
    struct supervisor *s, struct change *a, const struct msg_ctl_change *m)
{
	const char *why = m->command == CTL_SYNC ? cannot_release(s) : NULL;

	if (why == NULL)
		return false;
	note_sync(m->step_ns, m->margin_ns);
	change_answer(a, false, why);
	change_end(a, &s->children.letgo);
	return true;
}

static void
take_question(
    struct supervisor *s, struct change *a, const struct msg_ctl_change *m)
{
	struct msg_ctl_confirm confirm = { .command = m->command,
		.step_ns = m->step_ns,
		.margin_ns = m->margin_ns };

	if (m->version != CTL_VERSION || !is_sound(m)) {
		change_answer(a, false,
		    m->version != CTL_VERSION
			? "ntpctl and ntpd are of different versions"
			: "what is asked for makes no sense");
		change_end(a, &s->children.letgo);
		return;
	}
	if (refuse_sync(s, a, m))
		return;
	a->asked = true;
	a->command = (enum ctl_command)m->command;
	a->step_ns = m->step_ns;
	a->margin_ns = m->margin_ns;
	a->deadline_ns = clock_read_boot() + CHANGE_PATIENCE_NS;
	if (msg_send(&a->channel, MSG_CTL_CONFIRM, &confirm, -1) == -1)
		change_end(a, &s->children.letgo);
}

static void
release_clock(struct supervisor *s, struct change *a)
{
	struct msg_clock_release m = { .step_ns = a->step_ns,
		.margin_ns = a->margin_ns };
	const char *why = cannot_release(s);

	note_sync(m.step_ns, m.margin_ns);
	if (why == NULL &&
	    msg_send(&s->children.list[PROC_CLOCK].channel, MSG_CLOCK_RELEASE,
		&m, -1) == -1)
		why = not_running;
	change_answer(a, why == NULL,
	    why != NULL ? why
			: "the clock is released, the step that was agreed to "
			  "is allowed");
}

static void
reload_asked(struct supervisor *s, struct change *a)
{
	char text[REASON_LEN];
	int rc = reload(s, text);

	change_answer(a, rc == 0, text);
}

/* The peer has confirmed what it asked for: do it. */
static void
take_confirmation(
    struct supervisor *s, struct change *a, const struct msg_ctl_confirm *m)
{
	if (m->command != (uint32_t)a->command || m->step_ns != a->step_ns ||
	    m->margin_ns != a->margin_ns)
		change_answer(a, false, "not what was asked for");
	else if (a->command == CTL_SYNC)
		release_clock(s, a);
	else
		reload_asked(s, a);
	change_end(a, &s->children.letgo);
}

/* A message of the peer, which must still be allowed to ask. */
static void
hear(struct supervisor *s, struct change *a, const union msg *m)
{
	if (change_refuse(&s->changes, a, &s->children, s->control.gid))
		return;
	if (!a->asked && m->h.type == MSG_CTL_CHANGE)
		take_question(s, a, &m->ctl_change);
	else if (a->asked && m->h.type == MSG_CTL_CONFIRM)
		take_confirmation(s, a, &m->ctl_confirm);
	else
		change_end(a, &s->children.letgo);
}

void
control_read(struct supervisor *s, struct change *a)
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
		change_end(a, &s->children.letgo);
		break;
	}
}

/* A peer that may not change anything is told so at once, and takes no slot. */
void
control_accept(struct supervisor *s)
{
	struct change *a = change_accept(&s->changes, &s->control);
	union msg question;
	int fd;

	if (a == NULL)
		return;
	/* Unread data on the connection would spoil the answer. */
	if (msg_recv(&a->channel, &question, &fd) == MSG_GOT)
		hear(s, a, &question);
	else
		(void)change_refuse(
		    &s->changes, a, &s->children, s->control.gid);
}
