/*
 * The main loop of ntpd: it waits for signals, for its children, for operators
 * who ask for a change, and for the kernel's notices about the clock and the
 * network; it reads nothing else.
 */
#include "ntpd/supervise.h"

#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "ntpd/children/alive.h"
#include "ntpd/children/clock.h"
#include "ntpd/children/inbox.h"
#include "ntpd/children/net.h"
#include "ntpd/children/reap.h"
#include "ntpd/children/spawn.h"
#include "ntpd/children/tell.h"
#include "ntpd/control.h"
#include "ntpd/journal.h"
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
	bool by_file = s->children.powers.by_file && !s->options->no_clock;
	const char *what = NULL;

	s->confined = true;
	if (profile_enter(by_file, &what) == -1) {
		journal(LOG_LEVEL_ERROR, "cannot confine ntpd: %s: %s", what,
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
		journal(LOG_LEVEL_ERROR, "not every program has started");
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

/* There may be a new route now. */
static void
read_ways(struct supervisor *s)
{
	if (ways_read(&s->ways, clock_read_boot()))
		net_hurry(s);
}

/* The clock was set: ntp-clock has to look. */
static void
read_view(struct supervisor *s)
{
	struct msg_clock_set m = { .h = { 0, 0 } };

	/* If the channel is full, ntp-clock is awake anyway. */
	if (view_was_set(&s->view))
		tell_offer(&s->children, PROC_CLOCK, MSG_CLOCK_SET, &m);
}

/* Time until the next event is due, 1 h at most. */
static struct timespec
time_left(const struct supervisor *s, int64_t now_ns)
{
	int64_t first = now_ns + 3600 * NS_PER_S;
	int64_t due = spawn_deadline(&s->children);
	int64_t look = alive_deadline(s);
	int64_t asked = askers_deadline(&s->askers);

	if (due < first)
		first = due;
	if (look < first)
		first = look;
	if (s->leaps.due_ns < first)
		first = s->leaps.due_ns;
	if (s->links.due_ns < first)
		first = s->links.due_ns;
	if (s->listeners.awaited.due_ns < first)
		first = s->listeners.awaited.due_ns;
	if (s->kept.charge != 0 && s->kept.again_ns < first)
		first = s->kept.again_ns;
	if (s->lock_due_ns > now_ns && s->lock_due_ns < first)
		first = s->lock_due_ns;
	if (searches(s) && s->ways.due_ns > now_ns && s->ways.due_ns < first)
		first = s->ways.due_ns;
	if (s->manager.due_ns < first)
		first = s->manager.due_ns;
	if (!s->manager.announced && now_ns + 100000000 < first)
		first = now_ns + 100000000;
	if (asked < first)
		first = asked;
	if (s->options->once && now_ns + 1000000000 < first)
		first = now_ns + 1000000000;
	if (first < now_ns)
		first = now_ns;
	return (struct timespec){ .tv_sec = (first - now_ns) / 1000000000,
		.tv_nsec = (first - now_ns) % 1000000000 };
}

/* Their indexes follow those of the children and the askers. */
#define AT_LOCK	  (CHILD_COUNT + ASKERS_MAX)
#define AT_CHANGE (AT_LOCK + 1)
#define AT_WAYS	  (AT_LOCK + 2)
#define AT_LINKS  (AT_LOCK + 3)
#define AT_VIEW	  (AT_LOCK + 4)
#define WATCHED	  (AT_LOCK + 5)

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
		journal(LOG_LEVEL_ERROR, "ppoll: %s: it is tried again",
		    strerrordesc_np(errno));
	if (s->no_waits >= NO_WAIT_MAX) {
		journal(LOG_LEVEL_ERROR, "ppoll: %s", strerrordesc_np(errno));
		s->ending = ENDING_FAILED;
	}
	(void)nanosleep(&pause, NULL); /* shorter is fine */
}

/* One turn: wait, then read all that is readable. */
static void
turn(struct supervisor *s, const sigset_t *waiting)
{
	int64_t now = clock_read_boot();
	struct timespec ts = time_left(s, now);
	struct pollfd pfds[WATCHED] = {
		[AT_LOCK] = { .fd = now >= s->lock_due_ns ? s->lock_fd : -1,
		    .events = POLLIN },
		[AT_CHANGE] = { .fd = askers_have_room(
					  &s->askers, &s->children.letgo)
			? s->control.change_fd
			: -1,
		    .events = POLLIN },
		[AT_WAYS] = { .fd = searches(s) && ways_listens(&s->ways, now)
			? s->ways.fd
			: -1,
		    .events = POLLIN },
		[AT_LINKS] = { .fd = s->links.fd, .events = POLLIN },
		[AT_VIEW] = { .fd = s->view.set_fd, .events = POLLIN }
	};
	int n;

	for (int p = 0; p < CHILD_COUNT; p++)
		pfds[p] = (struct pollfd){ .fd = s->children.list[p].channel.fd,
			.events = POLLIN };
	for (int i = 0; i < ASKERS_MAX; i++)
		pfds[CHILD_COUNT + i] =
		    (struct pollfd){ .fd = s->askers.list[i].channel.fd,
			    .events = POLLIN };
	n = ppoll(pfds, WATCHED, &ts, waiting);
	if (n == -1)
		heed_no_wait(s);
	else
		s->no_waits = 0;
	if (n <= 0)
		return;
	alive_glance(&s->children, now);
	for (int p = 0; p < CHILD_COUNT; p++)
		if (pfds[p].revents != 0 &&
		    pfds[p].fd == s->children.list[p].channel.fd)
			inbox_read(s, p);
	for (int i = 0; i < ASKERS_MAX; i++)
		if (pfds[CHILD_COUNT + i].revents != 0 &&
		    pfds[CHILD_COUNT + i].fd == s->askers.list[i].channel.fd)
			control_read(s, &s->askers.list[i]);
	if (pfds[AT_CHANGE].revents != 0)
		control_accept(s);
	if (pfds[AT_WAYS].revents != 0)
		read_ways(s);
	if (pfds[AT_LINKS].revents != 0)
		links_hear(&s->links, now);
	if (pfds[AT_VIEW].revents != 0)
		read_view(s);
	if (pfds[AT_LOCK].revents != 0) {
		lock_drain(s->lock_fd);
		s->lock_due_ns = now + LOCK_PAUSE_NS;
	}
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
	journal(LOG_LEVEL_INFO, "ntpd ends");
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
		journal(LOG_LEVEL_ERROR, "signals: %s", strerrordesc_np(errno));
		return 1;
	}
	s->children.list[PROC_NTPD].started_ns = started;
	while (s->ending == ENDING_NONE) {
		spawn_due(s, now);
		alive_due(s, now);
		if (!s->confined)
			confine(s);
		announce(s, now, started);
		turn(s, &waiting);
		handle_signals(s);
		now = clock_read_boot();
		askers_expire(&s->askers, &s->children.letgo, now);
		if (s->kept.charge != 0 && now >= s->kept.again_ns)
			clock_keep_again(s);
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
