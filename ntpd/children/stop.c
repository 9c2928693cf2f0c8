/*
 * Ending the children.  Run by ntpd only.  A child ends by itself when its
 * channel is closed; a signal is for one that is busy, or does not obey.
 */
#include <sys/wait.h>

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "common/clock.h"
#include "ntpd/supervise.h"

#define STOP_WAIT_MS  500
#define CLOSED_NS     NS_PER_S /* dying takes time on a busy machine */
#define KILL_AGAIN_NS NS_PER_S

/*
 * A child of another user may be signalled with CAP_KILL, which a container
 * need not grant, or by that user: then a process that becomes the user does
 * it, and ends.  It is reaped as all children are; the one that it signals
 * cannot be reaped before, so its number is no other's.
 */
static void
signal_child(const struct supervisor *s, const struct child *c, int sig)
{
	if (c->pid <= 0 || kill(c->pid, sig) == 0 || errno != EPERM ||
	    !s->powers.change_user || fork() != 0)
		return; /* it ends by its closed channel, if by nothing else */
	if (setgroups(0, NULL) == 0 &&
	    setresgid(c->ids.gid, c->ids.gid, c->ids.gid) == 0 &&
	    setresuid(c->ids.uid, c->ids.uid, c->ids.uid) == 0)
		(void)kill(c->pid, sig); /* nobody is there to be told */
	_exit(0);
}

void
stop_child(struct supervisor *s, int p)
{
	letgo_channel(&s->letgo, &s->children[p].channel);
	signal_child(s, &s->children[p], SIGKILL);
	/* There may have been no process for that: spawn_due() tries again. */
	s->children[p].kill_ns = clock_read_boot() + KILL_AGAIN_NS;
}

void
stop_closed(struct supervisor *s, int p)
{
	letgo_channel(&s->letgo, &s->children[p].channel);
	s->children[p].closed = true;
	s->children[p].kill_ns = clock_read_boot() + CLOSED_NS;
}

void
stop_guilty(struct supervisor *s, int p)
{
	s->children[p].guilty = true;
	stop_child(s, p);
}

void
stop_replace(struct supervisor *s, int p)
{
	s->children[p].replaced = s->children[p].pid > 0;
	stop_child(s, p);
}

static bool
any_left(const struct supervisor *s)
{
	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++)
		if (s->children[p].pid > 0)
			return true;
	return false;
}

void
stop_all(struct supervisor *s)
{
	int64_t deadline = clock_read_boot() + STOP_WAIT_MS * NS_PER_MS;
	bool killed = false;
	int status;
	pid_t pid;

	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++) {
		s->children[p].wanted = false;
		letgo_channel(&s->letgo, &s->children[p].channel);
		/* One may be in a look-up. */
		signal_child(s, &s->children[p], SIGTERM);
	}
	while (any_left(s)) {
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			reap_child(s, pid, status);
		if (!any_left(s) || pid == -1)
			return;
		if (clock_read_boot() > deadline && !killed) {
			for (int p = PROC_CLOCK; p < CHILD_COUNT; p++)
				stop_child(s, p);
			killed = true;
			deadline += STOP_WAIT_MS * NS_PER_MS / 2;
		} else if (killed && clock_read_boot() > deadline) {
			return; /* it cannot be killed: leave it */
		}
		(void)poll(NULL, 0, 5);
	}
}
