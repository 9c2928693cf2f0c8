/*
 * Ending the children, see stop.h.  Run by ntpd only.  A child ends by itself
 * when its channel is closed; a signal is for one that is busy or does not
 * obey.
 */
#include "ntpd/children/stop.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <unistd.h>

#include "common/clock.h"

#define CLOSED_NS     NS_PER_S /* dying takes time on a busy machine */
#define KILL_AGAIN_NS NS_PER_S

/*
 * Signalling a child of another user needs CAP_KILL, which a container need not
 * grant, or that user.  Without CAP_KILL, a forked process becomes the user,
 * sends the signal, and ends.  It is reaped like all children.  The child that
 * it signals cannot be reaped before, so its pid cannot have been reused.
 */
static void
signal_child(const struct children *all, const struct child *c, int sig)
{
	if (c->pid <= 0 || kill(c->pid, sig) == 0 || errno != EPERM ||
	    !all->privileges.change_user || fork() != 0)
		return; /* its closed channel must end it */
	if (setgroups(0, NULL) == 0 &&
	    setresgid(c->ids.gid, c->ids.gid, c->ids.gid) == 0 &&
	    setresuid(c->ids.uid, c->ids.uid, c->ids.uid) == 0)
		(void)kill(c->pid, sig); /* nobody is there to be told */
	_exit(0);
}

void
stop_child(struct children *all, int p)
{
	letgo_channel(&all->letgo, &all->list[p].channel);
	signal_child(all, &all->list[p], SIGKILL);
	/* The fork may have failed: spawn_due() tries again. */
	all->list[p].kill_ns = clock_read_boot() + KILL_AGAIN_NS;
}

void
stop_closed(struct children *all, int p)
{
	letgo_channel(&all->letgo, &all->list[p].channel);
	all->list[p].closed = true;
	all->list[p].kill_ns = clock_read_boot() + CLOSED_NS;
}

void
stop_guilty(struct children *all, int p)
{
	all->list[p].guilty = true;
	stop_child(all, p);
}

void
stop_replace(struct children *all, int p)
{
	all->list[p].replaced = all->list[p].pid > 0;
	stop_child(all, p);
}

void
stop_ask(struct children *all, int p)
{
	all->list[p].wanted = false;
	letgo_channel(&all->letgo, &all->list[p].channel);
	/* It may be in a look-up. */
	signal_child(all, &all->list[p], SIGTERM);
}
