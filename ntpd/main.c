/*
 * ntpd: keeps the configuration, opens what needs a privilege, starts the
 * programs that do the work, and starts them again when they die.  It parses
 * its configuration and the messages of its children, and nothing from a
 * network.
 */
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/ctlpath.h"
#include "common/sandbox.h"
#include "common/shortage.h"
#include "common/stdfds.h"
#include "ntpd/checkup.h"
#include "ntpd/children/helpers.h"
#include "ntpd/inherited.h"
#include "ntpd/journal.h"
#include "ntpd/kept/epoch.h"
#include "ntpd/kept/lock.h"
#include "ntpd/notify.h"
#include "ntpd/sockets/sockets.h"
#include "ntpd/supervise.h"

#define RUN_DIR	 "/run/ntpd"
#define JAIL_DIR RUN_DIR "/empty"
#define RTC_FILE "/sys/class/rtc/rtc0/since_epoch"

#define SHORTAGE_TRIES	  3
#define SHORTAGE_PAUSE_NS 20000000

/* The one before may be about to end. */
#define LOCK_PATIENCE_NS (3 * NS_PER_S)

/*
 * The folder that the children see as their root: empty, root's, and not
 * writable by others.  Left "" where it cannot be had.
 */
/* Root may without any capability. */
static bool
root_enters(const char *folder)
{
	struct stat st;
	mode_t bit = S_IXOTH;

	if (lstat(folder, &st) == -1 || !S_ISDIR(st.st_mode))
		return false;
	if (st.st_uid == 0)
		bit = S_IXUSR;
	else if (st.st_gid == 0)
		bit = S_IXGRP;
	return (st.st_mode & bit) != 0;
}

static void
make_jail(struct supervisor *s)
{
	struct stat st;

	s->jail[0] = '\0';
	if (!s->powers.chroot || !s->powers.root)
		return;
	(void)mkdir("/run/ntpd", 0755); /* looked at below */
	(void)mkdir(JAIL_DIR, 0755);
	if (lstat(JAIL_DIR, &st) == 0 && S_ISDIR(st.st_mode) &&
	    st.st_uid == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
	    root_enters("/run/ntpd") && root_enters(JAIL_DIR)) {
		(void)snprintf(s->jail, sizeof(s->jail), "%s", JAIL_DIR);
		return;
	}
	journal(LOG_LEVEL_WARNING,
	    "no empty folder %s for chroot: the other walls of the sandbox "
	    "stand alone",
	    JAIL_DIR);
}

static pid_t daemon_pid; /* of the process that waits for it */

static void
pass_on(int sig)
{
	(void)kill(daemon_pid, sig); /* it may have ended */
}

/*
 * The process that was started waits until the daemon says that it is up, so that
 * an init script learns of a failure.  Whoever ends it means the daemon.
 */
static NORETURN void
wait_for_daemon(int fd)
{
	const struct sigaction pass = { .sa_handler = pass_on,
		.sa_flags = SA_RESTART };
	sigset_t none;
	char c;

	(void)sigemptyset(&none); /* none of these can fail */
	(void)sigaction(SIGTERM, &pass, NULL);
	(void)sigaction(SIGINT, &pass, NULL);
	(void)sigaction(SIGQUIT, &pass, NULL);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	_exit(read(fd, &c, 1) == 1 ? 0 : 1);
}

/* Go into the background.  Returns where to say that the daemon is up. */
static int
background(void)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) == -1)
		err(1, "pipe");
	daemon_pid = fork();
	if (daemon_pid == -1)
		err(1, "fork");
	if (daemon_pid > 0) {
		(void)close(fds[1]);
		wait_for_daemon(fds[0]);
	}
	(void)close(fds[0]);
	if (setsid() == -1 || chdir("/") == -1)
		err(1, "cannot leave the terminal");
	return fds[1];
}

/*
 * Where an ordinary user cannot write to /run, as with a read-only container,
 * another place that ntpctl knows will do; but not for what was configured.
 */
static void
open_fallback(struct supervisor *s, int error)
{
	const char *path = s->conf.control_socket;
	bool fitting;

	if (error == EADDRINUSE && !s->options->no_clock) {
		journal(LOG_LEVEL_ERROR,
		    "another ntpd has the control socket %s: two must not set "
		    "one clock; stop it, or start this one with -x",
		    path);
		exit(1);
	}
	fitting = strcmp(path, CTL_PATH) == 0 &&
	    s->conf.control_group[0] == '\0' &&
	    (error == EACCES || error == EROFS || error == ENOENT);

	if (fitting)
		s->control_fd =
		    socket_listen_fallback(s->control_path, s->control_mode);
	if (s->control_fd != -1)
		journal(LOG_LEVEL_INFO,
		    "cannot make the control socket %s: %s: ntpctl finds it as "
		    "%s",
		    path, strerrordesc_np(error), s->control_path);
	else
		journal(LOG_LEVEL_WARNING,
		    "cannot make the control socket %s: %s: ntpctl will not "
		    "work",
		    path, strerrordesc_np(error));
}

/*
 * Where changes are asked for, beside the control socket: ntpd listens itself,
 * and the kernel lets in only whom it would listen to.
 */
static void
open_change(struct supervisor *s)
{
	mode_t who = s->control_gid != (gid_t)-1 ? 0660 : 0600;
	int n = snprintf(s->change_path, sizeof(s->change_path), "%s%s",
	    s->control_path, CTL_CHANGE_SUFFIX);

	errno = ENAMETOOLONG;
	if (n > 0 && (size_t)n < sizeof(s->change_path))
		s->change_fd = socket_listen_control(
		    s->change_path, s->control_mode & who, s->control_gid);
	if (s->change_fd == -1) {
		journal(LOG_LEVEL_WARNING,
		    "cannot make the socket for changes %s: %s: ntpctl cannot "
		    "ask for sync and reload",
		    s->change_path, strerrordesc_np(errno));
		return;
	}
	s->change_guarded = msg_refuse_rights(s->change_fd) == 0;
	file_note(s->change_path, &s->change_file);
}

/* Does this one set the clock, as far as is known so early? */
static bool
sets_clock(const struct supervisor *s)
{
	return !s->options->no_clock &&
	    (s->powers.set_clock || s->powers.by_file);
}

/* Where the lock is not ours, say why; another ntpd is the end of this one. */
static void
heed_lock(
    enum lock_state state, const char *where, const struct lock_owner *other)
{
	switch (state) {
	case LOCK_HELD:
		break;
	case LOCK_BUSY:
		journal(LOG_LEVEL_ERROR,
		    "another ntpd sets this clock: pid=%d uid=%u: two must not "
		    "set one clock; stop it, or start this one with -x",
		    (int)other->pid, (unsigned int)other->uid);
		exit(1);
	case LOCK_SQUATTED:
		journal(LOG_LEVEL_WARNING,
		    "pid=%d uid=%d has the name %s and cannot set the clock: "
		    "another ntpd may not see this one",
		    (int)other->pid, (int)other->uid, where);
		break;
	case LOCK_NONE:
		journal(LOG_LEVEL_DEBUG, "no lock %s: %s", where,
		    strerrordesc_np(errno));
		break;
	}
}

static void
take_name(struct supervisor *s)
{
	struct lock_owner other = { 0, 0 };

	if (sets_clock(s))
		heed_lock(lock_take_name(
			      LOCK_NAME, LOCK_PATIENCE_NS, &s->lock_fd, &other),
		    LOCK_NAME, &other);
}

/* What it opens stays open as long as the process lives. */
static void
take_file(const struct supervisor *s, const char *folder)
{
	struct lock_owner other = { 0, 0 };
	char path[CONF_PATH_LEN + sizeof(LOCK_FILE) + 1];
	int fd;

	if (!sets_clock(s))
		return;
	(void)snprintf(path, sizeof(path), "%s/%s", folder, LOCK_FILE);
	heed_lock(
	    lock_take_file(path, LOCK_PATIENCE_NS, &fd, &other), path, &other);
}

static void
take_run_file(const struct supervisor *s)
{
	if (s->powers.root)
		(void)mkdir(RUN_DIR, 0755); /* if it is not there */
	take_file(s, RUN_DIR);
}

static int
listen_control(const struct supervisor *s, const char *path)
{
	const struct timespec pause = { .tv_nsec = SHORTAGE_PAUSE_NS };
	int fd = -1;

	for (int i = 0; i < SHORTAGE_TRIES && fd == -1; i++) {
		if (i > 0 && !is_shortage(errno))
			break;
		if (i > 0)
			(void)nanosleep(&pause, NULL); /* shorter will do */
		fd = socket_listen_control(
		    path, s->control_mode, s->control_gid);
	}
	return fd;
}

/*
 * A group that is not there, or that a directory service does not tell yet, lets
 * nobody in: root may still look.
 */
static void
find_group(struct supervisor *s)
{
	const struct group *g;

	s->control_gid = (gid_t)-1;
	if (s->conf.control_group[0] == '\0')
		return;
	g = getgrnam(s->conf.control_group);
	if (g != NULL) {
		s->control_gid = g->gr_gid;
		return;
	}
	journal(LOG_LEVEL_ERROR,
	    "there is no group %s (%s:%u): nobody but this user may use the "
	    "control socket until ntpd is started again",
	    s->conf.control_group, s->conf.group_place.file,
	    s->conf.group_place.line);
	s->control_mode &= S_IRWXU;
}

static void
open_control(struct supervisor *s)
{
	const char *path = s->conf.control_socket;

	s->control_mode = s->conf.control_mode;
	if (path[0] == '\0')
		return;
	find_group(s);
	s->control_fd = listen_control(s, path);
	(void)snprintf(s->control_path, sizeof(s->control_path), "%s", path);
	if (s->control_fd == -1)
		open_fallback(s, errno);
	if (s->control_fd == -1)
		return;
	file_note(s->control_path, &s->control_file);
	open_change(s);
}

/* The time goes before: without its files nothing is recorded. */
static void
open_record(struct supervisor *s)
{
	const char *path = s->conf.record;

	if (path[0] == '\0' || recording_open(&s->recording, path) == 0)
		return;
	journal(LOG_LEVEL_ERROR,
	    "cannot record to %s and %s.1: %s: nothing is recorded", path, path,
	    errno == EEXIST ? "there is a file that is no recording"
			    : strerrordesc_np(errno));
}

static void
open_fast(struct supervisor *s)
{
	struct fast_gate gate;

	if (fast_gate_init(&gate, &s->conf) == -1)
		err(1, NULL);
	fast_open(&s->fast, &s->conf, &gate);
	fast_gate_clear(&gate); /* the kernel has it */
}

/* Where nothing can be kept for good, until the next boot is better than not. */
static void
open_state(struct supervisor *s)
{
	const char *path = s->conf.state_directory, *other;
	int error;

	if (state_open_volatile(&s->spare_dir, path, &other) == -1)
		s->spare_dir.fd = -1;
	if (state_open(&s->state_dir, path) == 0)
		return;
	error = errno;
	s->state_dir = s->spare_dir;
	s->spare_dir.fd = -1;
	if (s->state_dir.fd != -1)
		journal(LOG_LEVEL_WARNING,
		    "no state directory %s: %s: drift, budget and time are "
		    "kept in %s, until the next boot",
		    path, strerrordesc_np(error), other);
	else
		journal(LOG_LEVEL_WARNING,
		    "no state directory %s: %s: drift, budget and time are not "
		    "kept",
		    path, strerrordesc_np(error));
	s->said_no_state = s->state_dir.fd == -1;
}

/*
 * The real-time clock shows a pause of a virtual machine, see core/steer/resume.h, if
 * ntp-clock looks at it every few seconds; no other machine is paused.  It may be
 * set to local time; the C library does not tell that any more.
 */
static void
open_rtc(struct supervisor *s)
{
	struct timezone zone = { .tz_minuteswest = 0 };

	if (!view_is_virtual())
		return;
	s->rtc_fd = open(RTC_FILE, O_RDONLY | O_CLOEXEC);
	if (s->rtc_fd != -1 && syscall(SYS_gettimeofday, NULL, &zone) == 0)
		s->rtc_behind_ns = zone.tz_minuteswest * 60 * NS_PER_S;
}

/* Without notices ntp-net has to look itself, which wakes it up. */
static void
open_ways(struct supervisor *s)
{
	ways_open(&s->ways);
	if (s->ways.fd == -1)
		journal(LOG_LEVEL_DEBUG,
		    "no notices of the network: %s: it is looked for now and "
		    "then",
		    strerrordesc_np(errno));
}

static void
choose_users(struct supervisor *s, struct user_ids ids[PROC_COUNT])
{
	struct idspace *space = malloc(sizeof(*space));

	if (space == NULL)
		err(1, NULL);
	idspace_read(space);
	if (users_choose(ids, s->options->user, &s->powers, space) == -1)
		errx(1,
		    "cannot run as user %s: it does not exist, is root, has no "
		    "number in this user namespace, or is not the one that "
		    "ntpd was started as",
		    s->options->user);
	free(space);
	if (s->powers.few_ids)
		journal(LOG_LEVEL_WARNING,
		    "this user namespace has too few users, or keeps groups: "
		    "all programs run as this one, if with no capability; map "
		    "more numbers (/proc/self/uid_map) for a user each");
	else if (s->powers.root && !s->powers.change_user)
		journal(LOG_LEVEL_WARNING,
		    "without CAP_SETUID and CAP_SETGID all programs run as "
		    "root, if with no capability: add SETUID and SETGID, or "
		    "start ntpd as an ordinary user");
}

/* Everything that needs a privilege which ntpd gives up afterwards. */
static void
prepare(struct supervisor *s)
{
	struct user_ids ids[PROC_COUNT];

	take_name(s);
	take_run_file(s);
	if (listens_begin(s) == -1)
		exit(1);
	open_fast(s);
	links_watch(s);
	open_control(s);
	open_state(s);
	if (s->state_dir.fd != -1)
		take_file(s, s->conf.state_directory);
	open_record(s); /* it may be in that directory */
	s->state_lost =
	    state_load_later(&s->state_dir, &s->spare_dir, &s->state) == -1;
	if (s->state_lost)
		journal(LOG_LEVEL_WARNING, "what is kept in %s is not used: %s",
		    s->conf.state_directory, strerrordesc_np(errno));
	s->epoch_noted_ns = clock_read_boot();
	open_rtc(s);
	open_ways(s);
	view_open(s);
	epoch_check_clock(&s->state);
	choose_users(s, ids);
	for (int p = 0; p < CHILD_COUNT; p++) {
		s->children[p].channel = channel_none(PROC_NTPD, child_proc(p));
		s->children[p].ids = ids[child_proc(p)];
	}
	(void)leaps_read(s); /* nobody is to be told yet */
	make_jail(s);
	if (powers_reduce(s->powers.set_clock && !s->options->no_clock) != 0)
		err(1, "cannot give up capabilities");
	for (enum proc p = 0; p < PROC_COUNT; p++)
		s->children[p].wanted = proc_start(p) == PROC_ALWAYS;
	reload_want_workers(s);
	s->children[PROC_OBSERVE].wanted = s->control_fd != -1;
}

static void
nothing_open(struct supervisor *s)
{
	fast_none(&s->fast);
	s->lock_fd = s->links_fd = -1;
	s->control_fd = s->change_fd = -1;
	s->page_writer = s->page_reader = -1;
	s->prefixes_fd = -1;
	for (int i = 0; i < WORKERS_MAX; i++)
		s->counts_writer[i] = s->counts_reader[i] = -1;
	s->ways.fd = -1;
	s->notify_fd = s->started_fd = -1;
	s->state_dir.fd = s->spare_dir.fd = s->rtc_fd = -1;
	s->view_fd = s->clock_writer = s->clock_reader = -1;
	for (int i = 0; i < RECORD_FILES; i++)
		s->recording.fds[i] = -1;
	for (int i = 0; i < ASKERS_MAX; i++)
		s->askers[i].channel = channel_none(PROC_NTPD, PROC_CTL);
}

/* Files must be found again, wherever the daemon then is. */
static const char *
absolute(const char *path, char buf[PATH_MAX])
{
	char here[PATH_MAX / 2];

	if (path == NULL || path[0] == '/' ||
	    getcwd(here, sizeof(here)) == NULL || strlen(path) >= PATH_MAX / 2)
		return path;
	(void)snprintf(buf, PATH_MAX, "%s/%s", here, path);
	return buf;
}

/* An init script may miss it; the clock is kept all the same. */
static void
write_pid(struct supervisor *s, const char *path)
{
	if (file_write_pid(path) == -1)
		journal(LOG_LEVEL_ERROR,
		    "cannot write the pid file %s: %s: ntpd goes on without",
		    path, strerrordesc_np(errno));
	else
		file_note(path, &s->pid_file);
}

int
main(int argc, char **argv)
{
	static struct options options;
	static struct supervisor s;
	static char file[PATH_MAX], pidfile[PATH_MAX];
	char listens[LISTENS_TEXT];
	bool foreground;

	/* From the first line on: whoever reads the log may be gone. */
	(void)signal(SIGPIPE, SIG_IGN); /* cannot fail for this one */
	supervise_block_signals();
	if (sandbox_hide() == -1) /* before it knows a key */
		err(1, "cannot hide from other processes");
	stdfds_open();
	options_parse(argc, argv, &options);
	inherited_close(options_descriptor(&options));
	inherited_limit();
	if (options.check)
		return checkup(&options);
	if (options.read_file)
		options.file = options.texts[0].name =
		    absolute(options.file, file);
	options.pidfile = absolute(options.pidfile, pidfile);
	foreground = options.debug || options.once || getpid() == 1;
	nothing_open(&s);
	s.options = &options;
	helpers_find(s.helpers, sizeof(s.helpers));
	s.powers = powers_now(s.helpers);
	if (reload_read(&options, &s.conf, stderr) == -1)
		return 1;
	inherited_close(-1);
	journal_open(JOURNAL_STDERR, s.conf.log_level);
	if (!foreground)
		s.started_fd = background();
	s.notify_fd = notify_open();
	if (!options.read_file && access(options.file, F_OK) == 0)
		journal(LOG_LEVEL_INFO,
		    "%s is not read, since -p or -c is given, and no -f",
		    options.file);
	prepare(&s);
	if (options.pidfile != NULL)
		write_pid(&s, options.pidfile);
	if (!foreground)
		journal_open(JOURNAL_SYSLOG, s.conf.log_level);
	journal_watched(!foreground);
	listens_text(&s, listens);
	journal(LOG_LEVEL_INFO, "ntpd %s starts: %u source%s, %s%s", VERSION,
	    s.conf.source_count, s.conf.source_count == 1 ? "" : "s", listens,
	    options.no_clock ? ", the clock is not touched" : "");
	if (s.conf.source_count == 0 && s.conf.local_stratum == 0)
		journal(LOG_LEVEL_WARNING,
		    "no source is configured: the clock will not be kept");
	return supervise(&s);
}
