/*
 * The main loop of ntpd: it waits for signals, for its children, for operators
 * who ask for a change, and for the kernel's notices about the clock and the
 * network; it reads nothing else.
 */
#include "ntpd/supervise.h"

#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "ntpd/children/alive.h"
#include "ntpd/children/clock.h"
#include "ntpd/children/inbox.h"
#include "ntpd/children/net.h"
#include "ntpd/children/reap.h"
#include "ntpd/children/spawn.h"
#include "ntpd/children/tell.h"
#include "ntpd/control.h"
#include "ntpd/daemon_log.h"
#include "ntpd/kept/lock.h"
#include "ntpd/profile.h"
#include "ntpd/relisten.h"
#include "ntpd/reload.h"
#include "ntpd/summary.h"
#include "ntpd/supervisor.h"

#define ONCE_LIMIT_NS	 (120 * NS_PER_S)
#define START_LIMIT_NS	 (30 * NS_PER_S)
#define LOCK_PAUSE_NS	 (64 * NS_PER_MS) /* between its answers */
#define NO_WAIT_MAX	 100		  /* failed waits in a row, */
#define NO_WAIT_PAUSE_NS 100000000	  /* 10 s in total */

/* Flags that signal handlers set for the loop. */
static volatile sig_atomic_t got_stop, got_reload, got_child, got_summary;

static void
on_signal(int sig)
{
	switch (sig) {
	case SIGTERM:
	case SIGINT:
	case SIGQUIT:
		got_stop = 1;
		break;
	case SIGHUP:
		got_reload = 1;
		break;
	case SIGUSR1:
		got_summary = 1;
		break;
	case SIGCHLD:
		got_child = 1;
		break;
	default: /* no meaning: see is_caught() */
		break;
	}
}

/*
 * Signals that have a meaning, and those that have none but would end ntpd
 * silently; not those that report a fault, nor those that stop a process.  They
 * are caught rather than ignored, since an ignored signal stays ignored after
 * exec.
 */
static bool
is_caught(int sig)
{
	static const int caught[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1,
		SIGCHLD, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGPWR,
		SIGSTKFLT, SIGXFSZ };

	for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
		if (sig == caught[i])
			return true;
	return sig >= SIGRTMIN;
}

void
supervise_block_signals(void)
{
	sigset_t blocked;

	(void)sigemptyset(&blocked); /* these cannot fail for valid signals */
	for (int sig = 1; sig <= SIGRTMAX; sig++)
		if (is_caught(sig))
			(void)sigaddset(&blocked, sig);
	(void)sigprocmask(SIG_BLOCK, &blocked, NULL);
}

/* Signals are delivered only while the loop waits. */
static int
catch_signals(sigset_t *waiting)
{
	struct sigaction sa = { .sa_handler = on_signal };

	(void)sigemptyset(waiting); /* cannot fail */
	for (int sig = 1; sig <= SIGRTMAX; sig++)
		if (is_caught(sig) && sigaction(sig, &sa, NULL) == -1)
			return -1;
	return signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -1 : 0;
}

/*
 * Give up the privileges of the start.  If an ordinary user's ntp-clock has its
 * capability from its file, no_new_privs would take it away from a restarted
 * ntp-clock: see profile_enter().
 */
static void
confine(struct supervisor *s)
{
	bool by_file = s->children.privileges.by_file && !s->options->no_clock;
	const char *what = NULL;

	s->confined = true;
	if (profile_enter(by_file, &what) == -1) {
		daemon_log(LOG_LEVEL_ERROR, "cannot confine ntpd: %s: %s", what,
		    strerrordesc_np(errno));
		s->ending = ENDING_FAILED;
	}
}

static bool
all_ready(const struct supervisor *s)
{
	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++)
		if (s->children.list[p].wanted && !s->children.list[p].ready)
			return false;
	return true;
}

/* Report to whoever started us that the service is up. */
static void
announce(struct supervisor *s, int64_t now_ns, int64_t started_ns)
{
	if (s->manager.announced)
		return;
	if (!all_ready(s)) {
		if (now_ns - started_ns < START_LIMIT_NS)
			return;
		daemon_log(LOG_LEVEL_ERROR, "not every program has started");
		s->ending = ENDING_FAILED;
		return;
	}
	manager_announce(&s->manager);
}

/* A process has ended, was stopped, or was continued. */
static void
heed_child(struct supervisor *s, pid_t pid, int status)
{
	if (WIFSTOPPED(status) || WIFCONTINUED(status))
		alive_signal(s, pid, status);
	else
		reap_child(s, pid, status);
}

static void
handle_signals(struct supervisor *s)
{
	char answer[REASON_LEN]; /* nobody asked */
	int status;
	pid_t pid;

	if (got_stop != 0 && s->ending == ENDING_NONE)
		s->ending = ENDING_ASKED;
	if (got_child != 0) {
		got_child = 0;
		while ((pid = waitpid(
			    -1, &status, WNOHANG | WUNTRACED | WCONTINUED)) > 0)
			heed_child(s, pid, status);
	}
	if (got_reload != 0) {
		got_reload = 0;
		(void)reload(s, answer); /* it logs an error */
	}
	if (got_summary != 0) {
		got_summary = 0;
		clock_look(s);
		summary_log(s);
	}
}

/* Does ntp-net search for a route to its sources?  If not, notices can wait. */
static bool
searches(const struct supervisor *s)
{
	return s->ways.fd != -1 && (s->heard.net.flags & NET_SEARCHES) != 0;
}

/* When the next event is due. */
static void
wait_until(const struct supervisor *s, struct loop *l, int64_t now_ns)
{
	loop_until(l, now_ns + 3600 * NS_PER_S);
	loop_until(l, spawn_deadline(&s->children));
	loop_until(l, alive_deadline(s));
	loop_until(l, s->leaps.due_ns);
	loop_until(l, s->links.due_ns);
	loop_until(l, s->listeners.awaited.due_ns);
	loop_until(l, s->manager.due_ns);
	loop_until(l, changes_deadline(&s->changes));
	if (s->kept.charge != 0)
		loop_until(l, s->kept.again_ns);
	if (s->lock_due_ns > now_ns)
		loop_until(l, s->lock_due_ns);
	if (searches(s) && s->ways.due_ns > now_ns)
		loop_until(l, s->ways.due_ns);
	if (!s->manager.announced)
		loop_until(l, now_ns + NS_PER_S / 10);
	if (s->options->once)
		loop_until(l, now_ns + NS_PER_S);
}

/* --- what is waited for --------------------------------------------------- */

/* The first places are those of the children, by their numbers; then changes. */
static int
place_of(const struct supervisor *s, const struct pollfd *p)
{
	return (int)(p - s->loop.pfds);
}

/* What was handled before it may have ended a child, or replaced one. */
static void
on_child(void *argument, const struct pollfd *p)
{
	struct supervisor *s = argument;
	int child = place_of(s, p);

	if (p->fd == s->children.list[child].channel.fd)
		inbox_read(s, child);
}

static void
on_change_request(void *argument, const struct pollfd *p)
{
	struct supervisor *s = argument;
	struct change *a = &s->changes.list[place_of(s, p) - CHILD_COUNT];

	if (p->fd == a->channel.fd)
		control_read(s, a);
}

static void
on_change(void *argument, const struct pollfd *p)
{
	(void)p;
	control_accept(argument);
}

/* There may be a new route now. */
static void
on_way(void *argument, const struct pollfd *p)
{
	struct supervisor *s = argument;

	(void)p;
	if (ways_read(&s->ways, clock_read_boot()))
		net_hurry(s);
}

static void
on_link(void *argument, const struct pollfd *p)
{
	struct supervisor *s = argument;

	(void)p;
	links_hear(&s->links, s->turned_ns);
}

/* The clock was set: ntp-clock has to look. */
static void
on_view(void *argument, const struct pollfd *p)
{
	struct supervisor *s = argument;
	struct msg_clock_set m = { .h = { 0, 0 } };

	(void)p;
	/* If the channel is full, ntp-clock is awake anyway. */
	if (view_was_set(&s->view))
		tell_offer(&s->children, PROC_CLOCK, MSG_CLOCK_SET, &m);
}

static void
on_lock(void *argument, const struct pollfd *p)
{
	struct supervisor *s = argument;

	lock_drain(p->fd);
	s->lock_due_ns = s->turned_ns + LOCK_PAUSE_NS;
}

_Static_assert(CHILD_COUNT + CHANGES_MAX + 5 <= LOOP_MAX, "room for them all");

static void
wait_for(struct supervisor *s, struct loop *l, int64_t now_ns)
{
	bool room = changes_have_room(&s->changes, &s->children.letgo);
	bool way = searches(s) && ways_listens(&s->ways, now_ns);

	for (int p = 0; p < CHILD_COUNT; p++)
		loop_add(
		    l, s->children.list[p].channel.fd, POLLIN, on_child, s);
	for (int i = 0; i < CHANGES_MAX; i++)
		loop_add(l, s->changes.list[i].channel.fd, POLLIN,
		    on_change_request, s);
	loop_add(l, room ? s->control.change_fd : -1, POLLIN, on_change, s);
	loop_add(l, way ? s->ways.fd : -1, POLLIN, on_way, s);
	loop_add(l, s->links.fd, POLLIN, on_link, s);
	loop_add(l, s->view.set_fd, POLLIN, on_view, s);
	loop_add(
	    l, now_ns >= s->lock_due_ns ? s->lock_fd : -1, POLLIN, on_lock, s);
}

/*
 * The wait has failed.  Memory may be available again in a moment; if it stays
 * out, ntpd ends.
 */
static void
heed_no_wait(struct supervisor *s)
{
	const struct timespec pause = { .tv_nsec = NO_WAIT_PAUSE_NS };

	if (errno == EINTR)
		return;
	if (s->no_waits++ == 0)
		daemon_log(LOG_LEVEL_ERROR, "ppoll: %s: trying again",
		    strerrordesc_np(errno));
	if (s->no_waits >= NO_WAIT_MAX) {
		daemon_log(
		    LOG_LEVEL_ERROR, "ppoll: %s", strerrordesc_np(errno));
		s->ending = ENDING_FAILED;
	}
	(void)nanosleep(&pause, NULL); /* shorter is fine */
}

/* One turn: wait, then read all that is readable. */
static void
turn(struct supervisor *s, const sigset_t *waiting)
{
	struct loop *l = &s->loop;
	int64_t now = s->turned_ns = clock_read_boot();
	int ready;

	loop_clear(l);
	wait_until(s, l, now);
	wait_for(s, l, now);
	ready = loop_wait(l, now, waiting);
	if (ready == -1)
		heed_no_wait(s);
	else
		s->no_waits = 0;
	if (ready <= 0)
		return;
	alive_glance(&s->children, now);
	loop_serve(l, 0, l->count);
}

/* The row of ntpd itself, for the status. */
static void
note_self(struct child *self, int64_t now_ns)
{
	self->pid = getpid();
	self->ids.uid = geteuid();
	self->wanted = true;
	self->started_ns = now_ns;
}

static int
finish(struct supervisor *s)
{
	if (s->options->once)
		summary_once(s);
	manager_stop(&s->manager);
	fast_close(&s->fast);
	reap_all(s);
	clock_look(s);
	(void)kept_save(&s->kept, heard_clock(&s->heard), true); /* logs it */
	control_socket_remove(&s->control);
	if (s->options->pidfile != NULL)
		file_remove(s->options->pidfile, &s->pid_file);
	daemon_log(LOG_LEVEL_INFO, "ntpd ends");
	switch (s->ending) {
	case ENDING_VIOLATION:
		return 2;
	case ENDING_ONCE_FAILED:
	case ENDING_FAILED:
		return 1;
	case ENDING_NONE:
	case ENDING_ASKED:
	case ENDING_ONCE_DONE:
		break;
	}
	return 0;
}

int
supervise(struct supervisor *s)
{
	int64_t started = clock_read_boot(), now = started;
	sigset_t waiting;

	if (catch_signals(&waiting) == -1) {
		daemon_log(
		    LOG_LEVEL_ERROR, "signals: %s", strerrordesc_np(errno));
		return 1;
	}
	note_self(&s->children.list[PROC_NTPD], started);
	while (s->ending == ENDING_NONE) {
		spawn_due(s, now);
		alive_due(s, now);
		if (!s->confined)
			confine(s);
		announce(s, now, started);
		turn(s, &waiting);
		handle_signals(s);
		now = clock_read_boot();
		changes_expire(&s->changes, &s->children.letgo, now);
		if (s->kept.charge != 0 && now >= s->kept.again_ns)
			clock_keep(s);
		if (now >= s->links.due_ns)
			relisten_interfaces(s);
		if (now >= s->listeners.awaited.due_ns)
			relisten_awaited(s);
		if (s->heard.net_known)
			manager_tell(&s->manager, summary_standing(s), now);
		if (now >= s->leaps.due_ns && leaps_read(&s->leaps, &s->conf)) {
			net_tell_leaps(s);
			clock_configure(s); /* it has the list too */
		}
		if (s->options->once && now - started > ONCE_LIMIT_NS &&
		    s->ending == ENDING_NONE)
			s->ending = ENDING_ONCE_FAILED;
	}
	return finish(s);
}
