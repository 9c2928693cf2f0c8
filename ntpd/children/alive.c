/*
 * Are the children alive, see alive.h?  Run by ntpd only.  A child that was
 * stopped by a signal, or does not return to its loop, is detected, logged, and
 * restarted; until then the status shows it.
 *
 * No child is probed without a cause, so that an idle machine stays asleep.
 * Causes are: a signal has stopped the child; another child reports that it
 * waits for it (the report is not believed, but leads to a probe); it has left
 * a message unread; a datagram waits for ntp-serve; ntp-net has not found the
 * time yet.  The probe is MSG_LEVEL, which carries nothing new, and reading it
 * is the answer.  So an attacker who controls a child gains nothing by reading
 * it, since that says nothing, and is ended for not reading it.
 */
#include "ntpd/children/alive.h"

#include <sys/ioctl.h>
#include <sys/wait.h>

#include "common/clock.h"
#include "ntpd/children/stop.h"
#include "ntpd/children/tell.h"
#include "ntpd/daemon_log.h"
#include "ntpd/supervisor.h"

#define GLANCE_NS     (10 * NS_PER_S)
#define CAUSE_NS      (60 * NS_PER_S)
#define NO_TIME_FIRST (20 * NS_PER_S) /* time that ntp-net has to synchronize */

/* Limits the cost of one child's reports about others. */
static const struct pace_rate hint_rate = { 10 * NS_PER_S, 3 };

void
alive_ask(struct supervisor *s, int p)
{
	struct child *c = &s->children.list[p];
	struct msg_level m = { .log_level = (uint32_t)s->conf.log_level };

	if (!child_runs(c) || c->watch.asked)
		return;
	/* If the channel is full, there is enough to read already. */
	msg_offer(&c->channel, MSG_LEVEL, &m);
	watch_begin(&c->watch, clock_read_boot());
}

void
alive_hint(struct supervisor *s, int from, enum proc of)
{
	struct child *c = &s->children.list[from];

	if (pace_take(&c->hints, &hint_rate, clock_read_boot()))
		alive_ask(s, (int)of);
}

void
alive_signal(struct supervisor *s, pid_t pid, int status)
{
	int p = child_with(&s->children, pid);
	struct watch *w;

	if (p == -1)
		return;
	w = &s->children.list[p].watch;
	w->stopped = WIFSTOPPED(status);
	if (!w->stopped || w->silent)
		return;
	daemon_log_about(p, LOG_LEVEL_WARNING,
	    "%s pid=%d was stopped by signal %d: restarting it unless it continues",
	    proc_name(child_proc(p)), (int)pid, WSTOPSIG(status));
	w->silent = true;
	tell_process(&s->children, p);
	alive_ask(s, p);
}

void
alive_glance(struct children *all, int64_t now_ns)
{
	if (now_ns < all->glance_ns)
		return;
	all->glance_ns = now_ns + GLANCE_NS;
	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++)
		if (child_runs(&all->list[p]) &&
		    msg_unread(&all->list[p].channel))
			watch_begin(&all->list[p].watch, now_ns);
}

/* Is a client's request waiting for this ntp-serve? */
static bool
clients_wait(const struct supervisor *s, int p)
{
	const int *fds = s->listeners.fds[child_worker(p)];
	int bytes;

	for (uint32_t i = 0; i < s->conf.listen_count; i++)
		if (ioctl(fds[i], FIONREAD, &bytes) == 0 && bytes > 0)
			return true;
	return false;
}

static bool
any_serves(const struct supervisor *s)
{
	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++)
		if (child_proc(p) == PROC_SERVE &&
		    child_runs(&s->children.list[p]))
			return true;
	return false;
}

/* Is ntp-net still to find the time? */
static bool
wants_time(const struct supervisor *s)
{
	return s->conf.source_count > 0 &&
	    child_runs(&s->children.list[PROC_NET]) &&
	    (s->heard.net.flags & NET_SYNCED) == 0;
}

static void
look_for_causes(struct supervisor *s, int64_t now_ns)
{
	s->children.causes_ns = now_ns + CAUSE_NS;
	if (wants_time(s) &&
	    now_ns - s->children.list[PROC_NET].started_ns >= NO_TIME_FIRST)
		alive_ask(s, PROC_NET);
	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++)
		if (child_proc(p) == PROC_SERVE &&
		    child_runs(&s->children.list[p]) && clients_wait(s, p))
			alive_ask(s, p);
}

/*
 * End a child that hangs.  An attacker's wrong guess may end in a loop as well
 * as in a fault, so this counts as a crash.  It does not if somebody else has
 * stopped the child, or for ntp-resolve, which silent name servers can block.
 */
static void
end_hung(struct supervisor *s, int p)
{
	struct child *c = &s->children.list[p];
	enum proc proc = child_proc(p);

	daemon_log_about(p, LOG_LEVEL_ERROR,
	    "%s pid=%d has not responded for %u s: restarting it",
	    proc_name(proc), (int)c->pid, c->watch.looks);
	if (c->watch.stopped || proc == PROC_RESOLVE)
		stop_child(&s->children, p);
	else
		stop_guilty(&s->children, p);
}

static void
look(struct supervisor *s, int p, int64_t now_ns)
{
	struct child *c = &s->children.list[p];
	enum proc proc = child_proc(p);

	switch (watch_look(&c->watch, proc, msg_unread(&c->channel), now_ns)) {
	case WATCH_NOTHING:
		break;
	case WATCH_SILENT:
		daemon_log_about(p, LOG_LEVEL_WARNING, "%s does not respond",
		    proc_name(proc));
		tell_process(&s->children, p);
		break;
	case WATCH_BACK:
		daemon_log_about(
		    p, LOG_LEVEL_INFO, "%s responds again", proc_name(proc));
		tell_process(&s->children, p);
		break;
	case WATCH_HUNG:
		end_hung(s, p);
		break;
	}
}

void
alive_due(struct supervisor *s, int64_t now_ns)
{
	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++)
		if (child_runs(&s->children.list[p]) &&
		    s->children.list[p].watch.asked)
			look(s, p, now_ns);
	if (now_ns >= s->children.causes_ns)
		look_for_causes(s, now_ns);
}

int64_t
alive_deadline(const struct supervisor *s)
{
	int64_t first = INT64_MAX;

	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++) {
		const struct child *c = &s->children.list[p];

		if (child_runs(c) && c->watch.asked && c->watch.look_ns < first)
			first = c->watch.look_ns;
	}
	if (s->children.causes_ns < first && (wants_time(s) || any_serves(s)))
		first = s->children.causes_ns;
	return first;
}

bool
alive_in_doubt(const struct children *all, enum proc p)
{
	return all->list[p].watch.silent;
}
