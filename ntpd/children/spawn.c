/*
 * Starting the children, see spawn.h.  Run by ntpd only.  A child is started by
 * fork and exec with one descriptor, its channel, and gets all else by message.
 */
#include "ntpd/children/spawn.h"

#include <sys/prctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "ntpd/children/connect.h"
#include "ntpd/children/program.h"
#include "ntpd/children/stop.h"
#include "ntpd/children/tell.h"
#include "ntpd/daemon_log.h"
#include "ntpd/supervisor.h"

#define NO_FORK_NS    NS_PER_S /* until the next try */
#define CHANNEL_BYTES (256 * 1024)

/* The child's side after fork: nothing here may return. */
static NORETURN void
become(const struct supervisor *s, enum proc p, int fd)
{
	char path[sizeof(s->children.helpers) + 16];
	char name[16];
	char *const argv[] = { name, NULL };
	char *const envp[] = { NULL };
	sigset_t none;

	(void)snprintf(name, sizeof(name), "%s", proc_name(p));
	(void)snprintf(path, sizeof(path), "%s/%s", s->children.helpers, name);
	/* An ambient CAP_SYS_TIME is for ntp-clock alone. */
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1 &&
	    errno != EINVAL)
		_exit(126);
	if (p == PROC_CLOCK && !s->children.privileges.root &&
	    s->children.privileges.set_clock && !s->options->no_clock)
		(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_TIME,
		    0, 0); /* if it fails, a file capability may do */
	if (fd == PARENT_FD) {
		if (fcntl(fd, F_SETFD, 0) == -1)
			_exit(126);
	} else if (dup2(fd, PARENT_FD) == -1) {
		_exit(126);
	}
	/*
	 * A terminal's Ctrl-C is for ntpd, which ends the children in good
	 * order.
	 */
	if (setpgid(0, 0) == -1)
		_exit(126);
	if (sigemptyset(&none) == -1 ||
	    sigprocmask(SIG_SETMASK, &none, NULL) == -1)
		_exit(126);
	execve(path, argv, envp);
	_exit(death_no_exec(errno));
}

static void
send_start(struct supervisor *s, int p)
{
	struct msg_start m = { .uid = s->children.list[p].ids.uid,
		.gid = s->children.list[p].ids.gid,
		.log_level = (uint32_t)s->conf.log_level };

	if (s->children.privileges.change_user)
		m.flags |= START_DROP_UID;
	if (s->children.privileges.chroot && s->children.chroot_dir[0] != '\0')
		m.flags |= START_CHROOT;
	if (s->options->no_clock)
		m.flags |= START_NO_CLOCK;
	if (program_of(p)->start_flags != NULL)
		m.flags |= program_of(p)->start_flags(s);
	(void)snprintf(m.root, sizeof(m.root), "%s", s->children.chroot_dir);
	tell(&s->children, p, MSG_START, &m, -1);
}

/* Make room for a whole configuration and a log of events before it is read. */
static void
widen(int fd)
{
	const int bytes = CHANNEL_BYTES;

	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes,
	    sizeof(bytes)); /* a smaller buffer usually works */
}

/* Start a child, connect it to the other children and send it what it needs. */
static void
start(struct supervisor *s, int p)
{
	struct child *c = &s->children.list[p];
	int fds[2];
	pid_t pid;

	c->started_ns = clock_read_boot();
	c->retry_ns = c->started_ns + NO_FORK_NS;
	c->ready = c->guilty = c->closed = false;
	c->messages = (struct pace){ 0 };
	c->watch = (struct watch){ .asked = false };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		0, fds) == -1)
		goto failed;
	c->channel.guarded = msg_refuse_rights(fds[0]) == 0;
	pid = fork();
	if (pid == 0)
		become(s, child_proc(p), fds[1]);
	(void)close(fds[1]); /* the child's end */
	if (pid == -1) {
		(void)close(fds[0]);
		goto failed;
	}
	c->pid = pid;
	c->channel.fd = fds[0];
	widen(fds[0]);
	send_start(s, p);
	if (program_of(p)->give != NULL)
		program_of(p)->give(s, p);
	connect_child(&s->children, p);
	tell_process(&s->children, p);
	return;
failed:
	daemon_log_about(p, LOG_LEVEL_ERROR, "cannot start %s: %s",
	    proc_name(child_proc(p)), strerrordesc_np(errno));
}

void
spawn_due(struct supervisor *s, int64_t now_ns)
{
	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++) {
		struct child *c = &s->children.list[p];

		if (c->wanted && c->pid == 0 && c->retry_ns <= now_ns)
			start(s, p);
		else if (c->pid > 0 && c->channel.fd == -1 &&
		    c->kill_ns <= now_ns) {
			c->guilty |= c->closed;
			stop_child(&s->children, p);
		}
	}
	connect_due(&s->children, now_ns);
}

int64_t
spawn_deadline(const struct children *all)
{
	int64_t first = connect_deadline(all);

	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++) {
		const struct child *c = &all->list[p];

		if (c->wanted && c->pid == 0 && c->retry_ns < first)
			first = c->retry_ns;
		if (c->pid > 0 && c->channel.fd == -1 && c->kill_ns < first)
			first = c->kill_ns;
	}
	return first;
}
