/*
 * What happens to a child that has ended, see reap.h.  Run by ntpd only.  A
 * program that is still wanted is restarted; the more often it fails, the
 * later.
 */
#include "ntpd/children/reap.h"

#include <sys/wait.h>

#include <bsd/string.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "ntpd/children/inbox.h"
#include "ntpd/children/program.h"
#include "ntpd/children/stop.h"
#include "ntpd/children/tell.h"
#include "ntpd/daemon_log.h"
#include "ntpd/supervisor.h"

#define SAID_WAIT_NS (60 * NS_PER_S)
#define STOP_WAIT_NS (500 * NS_PER_MS)
#define NO_START_MAX 3 /* failed executions until ntpd gives up */

/* Plan the next start; log a long wait. */
static void
plan_restart(struct child *c, int p, int status)
{
	int64_t now = clock_read_boot();
	int64_t wait_ns = death_wait_ns(&c->deaths,
	    death_kind(status, c->guilty), now - c->started_ns, now);

	c->restarts++;
	c->retry_ns = now + wait_ns;
	if (wait_ns > SAID_WAIT_NS)
		daemon_log_about(p, LOG_LEVEL_ERROR,
		    "%s has failed repeatedly: restarting it in %lld s",
		    proc_name(child_proc(p)), (long long)(wait_ns / NS_PER_S));
}

static bool
ends_well(int p, struct child *c, int status)
{
	const struct program *program = program_of(p);

	return program->ends_well != NULL && program->ends_well(c, status);
}

/*
 * The other children that cannot be executed for the same reason, as ", and not
 * NAME, NAME", so that it need not be logged for each.
 */
static void
others_too(struct children *all, int p, int status, char *text, size_t size)
{
	char path[sizeof(all->helpers) + 16];
	const char *before = ", and not ";

	text[0] = '\0';
	for (int o = PROC_CLOCK; o < CHILD_COUNT; o++) {
		const char *name = proc_name(child_proc(o));

		(void)snprintf(path, sizeof(path), "%s/%s", all->helpers, name);
		if (!all->list[o].wanted || all->list[o].ready ||
		    all->list[o].said_no_start == WEXITSTATUS(status) ||
		    access(path, X_OK) == 0 ||
		    errno != death_exec_error(status))
			continue;
		all->list[o].said_no_start = WEXITSTATUS(status);
		if (child_proc(o) == child_proc(p) || o >= PROC_COUNT)
			continue; /* named already */
		(void)strlcat(text, before, size);
		(void)strlcat(text, name, size);
		before = ", ";
	}
}

/* It could not be executed: log each reason once. */
static void
say_no_start(struct children *all, int p, int status)
{
	int error = death_exec_error(status);
	char others[128];

	if (all->list[p].said_no_start == WEXITSTATUS(status))
		return;
	others_too(all, p, status, others, sizeof(others));
	all->list[p].said_no_start = WEXITSTATUS(status);
	if (error != 0)
		daemon_log_about(p, LOG_LEVEL_ERROR,
		    "cannot execute %s/%s%s: %s", all->helpers,
		    proc_name(child_proc(p)), others, strerrordesc_np(error));
	else
		daemon_log_about(p, LOG_LEVEL_ERROR,
		    "%s/%s ended with status %d before it began: does it lack "
		    "a library?",
		    all->helpers, proc_name(child_proc(p)),
		    WEXITSTATUS(status));
}

/* It ended unasked: restart it, if it can be started at all. */
static void
restart(struct supervisor *s, int p, pid_t pid, int status)
{
	struct child *c = &s->children.list[p];

	if (c->replaced || ends_well(p, c, status)) {
		c->replaced = false;
		c->retry_ns = 0;
		return;
	}
	if (death_at_start(status) && !c->ready)
		say_no_start(&s->children, p, status);
	else
		daemon_log_death(p, pid, status);
	plan_restart(c, p, status);
	if (death_at_start(status) && !c->worked &&
	    ++c->no_starts >= NO_START_MAX)
		s->ending = ENDING_FAILED;
}

void
reap_child(struct supervisor *s, pid_t pid, int status)
{
	struct children *all = &s->children;
	int p = child_with(all, pid);
	struct child *c;

	letgo_reap(&all->letgo, pid);
	if (p == -1)
		return;
	c = &all->list[p];
	c->pid = 0; /* the number may be reused from now on */
	c->ended_ns = clock_read_boot();
	c->ended_wall_ns = clock_read_real();
	c->watch = (struct watch){ .asked = false };
	if (c->channel.fd != -1)
		inbox_read(s, p); /* its last messages */
	letgo_channel(&all->letgo, &c->channel);
	kin_note_dead(&all->dead, pid);
	tell_process(all, p);
	if (s->ending == ENDING_NONE && c->wanted)
		restart(s, p, pid, status);
}

static bool
any_left(const struct children *all)
{
	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++)
		if (all->list[p].pid > 0)
			return true;
	return false;
}

void
reap_all(struct supervisor *s)
{
	int64_t deadline = clock_read_boot() + STOP_WAIT_NS;
	bool killed = false;
	int status;
	pid_t pid;

	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++)
		stop_ask(&s->children, p);
	while (any_left(&s->children)) {
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			reap_child(s, pid, status);
		if (!any_left(&s->children) || pid == -1)
			return;
		if (clock_read_boot() > deadline && !killed) {
			for (int p = PROC_CLOCK; p < CHILD_COUNT; p++)
				stop_child(&s->children, p);
			killed = true;
			deadline += STOP_WAIT_NS / 2;
		} else if (killed && clock_read_boot() > deadline) {
			return; /* it cannot be killed: leave it */
		}
		(void)poll(NULL, 0, 5);
	}
}
