/*
 * ntpd: keeps the configuration, opens what needs a privilege, starts the
 * programs that do the work, and restarts them when they die.  It parses its
 * configuration and the messages of its children, and nothing from a network.
 */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/sandbox.h"
#include "common/stdfds.h"
#include "ntpd/checkup.h"
#include "ntpd/children/helpers.h"
#include "ntpd/daemon_log.h"
#include "ntpd/inherited.h"
#include "ntpd/reload.h"
#include "ntpd/start.h"
#include "ntpd/supervise.h"
#include "ntpd/supervisor.h"

static pid_t daemon_pid; /* the process that the foreground waits for */

static void
pass_on(int sig)
{
	(void)kill(daemon_pid, sig); /* it may have ended */
}

/*
 * The foreground process waits until the daemon reports that it is up, so that
 * an init script sees a failure.  A signal to end it is passed on to the
 * daemon.
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

/*
 * Go into the background.  Returns the descriptor to report on that the daemon
 * is up.
 */
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
 * Make a path absolute, so that the file is found from any working directory.
 */
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

/* Not fatal: an init script may miss the file, but the clock is kept. */
static void
write_pid(struct supervisor *s, const char *path)
{
	if (file_write_pid(path) == -1)
		daemon_log(LOG_LEVEL_ERROR,
		    "cannot write the pid file %s: %s: continuing without it",
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

	/* Before the first log line: the reader of the log may be gone. */
	(void)signal(SIGPIPE, SIG_IGN); /* cannot fail for this one */
	supervise_block_signals();
	if (sandbox_hide() == -1) /* before it holds a key */
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
	s.options = &options;
	helpers_find(s.children.helpers, sizeof(s.children.helpers));
	s.children.privileges = privileges_now(s.children.helpers);
	if (reload_read(&options, &s.conf, stderr) == -1)
		return 1;
	inherited_close(-1);
	daemon_log_open(DAEMON_LOG_STDERR, s.conf.log_level);
	manager_open(&s.manager, foreground ? -1 : background());
	if (!options.read_file && access(options.file, F_OK) == 0)
		daemon_log(LOG_LEVEL_INFO,
		    "not reading %s, since -p or -c is given, and no -f",
		    options.file);
	start_prepare(&s);
	if (options.pidfile != NULL)
		write_pid(&s, options.pidfile);
	if (!foreground)
		daemon_log_open(DAEMON_LOG_SYSLOG, s.conf.log_level);
	daemon_log_watched(!foreground);
	listens_text(&s.listeners, &s.conf, listens);
	daemon_log(LOG_LEVEL_INFO, "ntpd %s starts: %u source%s, %s%s", VERSION,
	    s.conf.source_count, s.conf.source_count == 1 ? "" : "s", listens,
	    options.no_clock ? ", the clock is not touched" : "");
	if (s.conf.source_count == 0 && s.conf.local_stratum == 0)
		daemon_log(LOG_LEVEL_WARNING,
		    "no source is configured: the clock will not be kept");
	return supervise(&s);
}
