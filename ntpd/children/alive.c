/*
 * Are the children alive?  Run by ntpd only.  One that was stopped by a signal
 * or does not come back to its loop is noticed, said, and started anew; until
 * then the status says so.
 *
 * Nobody is asked without a cause, so that an idle machine sleeps on.  Causes
 * are: a signal has stopped it; another child waits for it and says so, which
 * is not believed but looked into; it has left something unread; a datagram
 * waits for ntp-serve; of ntp-net, that there is no time yet.  Asked is by
 * MSG_LEVEL, which says nothing new, and answered by reading it: whoever
 * controls a child gains nothing by doing so, for it has said nothing, and
 * nothing by not doing so but to be ended.
 */
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "common/clock.h"
#include "ntpd/journal.h"
#include "ntpd/supervise.h"

#define GLANCE_NS     (10 * NS_PER_S)
#define CAUSE_NS      (60 * NS_PER_S)
#define NO_TIME_FIRST (20 * NS_PER_S) /* for ntp-net to find it in */

/* What one child says of others costs no more than this. */
static const struct pace_rate hint_rate = { 10 * NS_PER_S, 3 };

static bool
runs(const struct child *c)
{
	return c->pid > 0 && c->channel.fd != -1;
}

void
alive_ask(struct supervisor *s, int p)
{
	struct child *c = &s->children[p];
	struct msg_level m = { .log_level = (uint32_t)s->conf.log_level };

	if (!runs(c) || c->watch.asked)
		return;
	/* If there is no room for it, there is enough to read. */
	msg_offer(&c->channel, MSG_LEVEL, &m);
	watch_begin(&c->watch, clock_read_boot());
}

void
alive_hint(struct supervisor *s, int from, enum proc of)
{
	struct child *c = &s->children[from];

	if (pace_take(&c->hints, &hint_rate, clock_read_boot()))
		alive_ask(s, (int)of);
}

void
alive_signal(struct supervisor *s, pid_t pid, int status)
{
	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++) {
		struct child *c = &s->children[p];

		if (c->pid != pid)
			continue;
		c->watch.stopped = WIFSTOPPED(status);
		if (!c->watch.stopped || c->watch.silent)
			continue;
		journal_about(p, LOG_LEVEL_WARNING,
		    "%s pid=%d was stopped by signal %d: unless it goes on, it "
		    "is started anew",
		    proc_name(child_proc(p)), (int)pid, WSTOPSIG(status));
		c->watch.silent = true;
		relay_process(s, p);
		alive_ask(s, p);
	}
}

void
alive_glance(struct supervisor *s, int64_t now_ns)
{
	if (now_ns < s->glance_ns)
		return;
	s->glance_ns = now_ns + GLANCE_NS;
	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++)
		if (runs(&s->children[p]) &&
		    msg_unread(&s->children[p].channel))
			watch_begin(&s->children[p].watch, now_ns);
}

/* Does a client of this ntp-serve wait? */
static bool
clients_wait(const struct supervisor *s, int p)
{
	const int *fds = s->listen_fds[child_worker(p)];
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
		if (child_proc(p) == PROC_SERVE && runs(&s->children[p]))
			return true;
	return false;
}

/* Is the time still to be found? */
static bool
wants_time(const struct supervisor *s)
{
	return s->conf.source_count > 0 && runs(&s->children[PROC_NET]) &&
	    (s->net.flags & NET_SYNCED) == 0;
}

static void
look_for_causes(struct supervisor *s, int64_t now_ns)
{
	s->causes_ns = now_ns + CAUSE_NS;
	if (wants_time(s) &&
	    now_ns - s->children[PROC_NET].started_ns >= NO_TIME_FIRST)
		alive_ask(s, PROC_NET);
	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++)
		if (child_proc(p) == PROC_SERVE && runs(&s->children[p]) &&
		    clients_wait(s, p))
			alive_ask(s, p);
}

/*
 * Its end.  A wrong guess of an attacker may end in a loop as well as in a
 * fault, so it counts like one; but not where others have stopped it, nor where
 * name servers can do the same to ntp-resolve.
 */
static void
end_hung(struct supervisor *s, int p)
{
	struct child *c = &s->children[p];
	enum proc proc = child_proc(p);

	journal_about(p, LOG_LEVEL_ERROR,
	    "%s pid=%d has not responded for %u s: it is ended and started anew",
	    proc_name(proc), (int)c->pid, c->watch.looks);
	if (c->watch.stopped || proc == PROC_RESOLVE)
		stop_child(s, p);
	else
		stop_guilty(s, p);
}

static void
look(struct supervisor *s, int p, int64_t now_ns)
{
	struct child *c = &s->children[p];
	enum proc proc = child_proc(p);

	switch (watch_look(&c->watch, proc, msg_unread(&c->channel), now_ns)) {
	case WATCH_NOTHING:
		break;
	case WATCH_SILENT:
		journal_about(p, LOG_LEVEL_WARNING, "%s does not respond",
		    proc_name(proc));
		relay_process(s, p);
		break;
	case WATCH_BACK:
		journal_about(
		    p, LOG_LEVEL_INFO, "%s responds again", proc_name(proc));
		relay_process(s, p);
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
		if (runs(&s->children[p]) && s->children[p].watch.asked)
			look(s, p, now_ns);
	if (now_ns >= s->causes_ns)
		look_for_causes(s, now_ns);
}

int64_t
alive_deadline(const struct supervisor *s)
{
	int64_t first = INT64_MAX;

	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++) {
		const struct child *c = &s->children[p];

		if (runs(c) && c->watch.asked && c->watch.look_ns < first)
			first = c->watch.look_ns;
	}
	if (s->causes_ns < first && (wants_time(s) || any_serves(s)))
		first = s->causes_ns;
	return first;
}

bool
alive_in_doubt(const struct supervisor *s, enum proc p)
{
	return s->children[p].watch.silent;
}
