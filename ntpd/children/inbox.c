/*
 * Messages from the children, see inbox.h.  Run by ntpd only.  It reads
 * fixed-size messages that msg_recv() has checked, a few at a time, and never
 * waits for a child.
 */
#include "ntpd/children/inbox.h"

#include "common/clock.h"
#include "ntpd/children/accuse.h"
#include "ntpd/children/alive.h"
#include "ntpd/children/connect.h"
#include "ntpd/children/program.h"
#include "ntpd/children/stop.h"
#include "ntpd/daemon_log.h"
#include "ntpd/supervisor.h"

#define MESSAGES_PER_TURN 64

/*
 * Far beyond any honest program.  The most that was measured, with hostile
 * servers and log level debug, is 42 messages in a program's first second and
 * 17 in a later one; ntp-observe passes on at most 200 questions a second.
 */
static const struct pace_rate message_rate = { 1000000, 10000 };

/* A child broke the rules. */
static void
punish(struct supervisor *s, int p, const char *what)
{
	daemon_log_about(p, LOG_LEVEL_ERROR, "%s %s: restarting it",
	    proc_name(child_proc(p)), what);
	stop_guilty(&s->children, p);
}

static void
take_ready(struct supervisor *s, int p, union msg *m)
{
	struct child *c = &s->children.list[p];

	(void)m;
	if (c->ready) {
		punish(s, p, "said twice that it is ready");
		return;
	}
	c->ready = c->worked = true;
	c->said_no_start = 0;
	daemon_log_about(p, LOG_LEVEL_DEBUG, "%s is ready pid=%d uid=%u",
	    proc_name(child_proc(p)), (int)c->pid, c->ids.uid);
}

static void
take_line(struct supervisor *s, int p, union msg *m)
{
	(void)s;
	daemon_log_child(p, &m->log);
}

/* One child says that another broke the rules: see accuse.c. */
static void
take_accusation(struct supervisor *s, int p, union msg *m)
{
	struct child *c = &s->children.list[p];
	enum proc from = child_proc(p);
	enum proc to =
	    m->accuse.peer < PROC_COUNT ? (enum proc)m->accuse.peer : PROC_NTPD;
	enum sentence sentence =
	    accuse_judge(from, to, &c->believed, clock_read_boot());

	switch (sentence) {
	case SENTENCE_LIAR:
		punish(s, p, "accused a program that it has no channel to");
		break;
	case SENTENCE_RENEW:
		if (c->renew[to])
			break; /* logged above */
		daemon_log_about(p, LOG_LEVEL_WARNING,
		    "%s reports an invalid message from %s: giving them a new channel",
		    proc_name(from), proc_name(to));
		connect_anew(&s->children, from, to);
		break;
	case SENTENCE_REPLACE:
	case SENTENCE_GUILTY:
		daemon_log_about((int)to, LOG_LEVEL_ERROR,
		    "%s sent an invalid message, says %s: restarting it",
		    proc_name(to), proc_name(from));
		if (sentence == SENTENCE_REPLACE)
			stop_child(&s->children, (int)to);
		else
			stop_guilty(&s->children, (int)to);
		break;
	}
}

static void
take_silent(struct supervisor *s, int p, union msg *m)
{
	enum proc of =
	    m->silent.peer < PROC_COUNT ? (enum proc)m->silent.peer : PROC_NTPD;

	if (watch_may_hint(child_proc(p), of))
		alive_hint(s, p, of);
	else
		punish(s, p, "reported on a program that it has no channel to");
}

/* Messages that every program may send, if messages.def allows it. */
static const struct said common[] = {
	{ MSG_READY, take_ready },
	{ MSG_LOG, take_line },
	{ MSG_ACCUSE, take_accusation },
	{ MSG_SILENT, take_silent },
	{ .take = NULL },
};

static void
hear(struct supervisor *s, int p, const struct said *row, union msg *m)
{
	for (; row->take != NULL; row++)
		if ((uint32_t)row->type == m->h.type)
			row->take(s, p, m);
}

/* A child that is punished for the message is not heard by its own table. */
static void
hear_all(struct supervisor *s, int p, union msg *m)
{
	const struct said *own = program_of(p)->says;

	hear(s, p, common, m);
	if (own != NULL && s->children.list[p].channel.fd != -1)
		hear(s, p, own, m);
}

void
inbox_read(struct supervisor *s, int p)
{
	struct child *c = &s->children.list[p];
	int64_t now = clock_read_boot();
	union msg m;
	int fd;

	for (int i = 0; i < MESSAGES_PER_TURN && c->channel.fd != -1; i++) {
		switch (msg_recv(&c->channel, &m, &fd)) {
		case MSG_GOT:
			hear_all(s, p, &m);
			if (!pace_take(&c->messages, &message_rate, now))
				punish(s, p, "flooded ntpd with messages");
			break;
		case MSG_NOTHING:
			return;
		case MSG_CLOSED:
			stop_closed(&s->children, p);
			return;
		case MSG_BAD:
			punish(s, p, "sent an invalid message");
			return;
		}
	}
}
