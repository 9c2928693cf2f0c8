/*
 * How every child of ntpd begins, see child.h.
 */
#include "child.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define START_WAIT_MS 10000

/* The first message: nothing but ntpd could have put it there. */
static void
read_start(struct channel *parent, struct msg_start *start)
{
	struct pollfd pfd = { .fd = parent->fd, .events = POLLIN };
	union msg msg;
	int fd;

	if (poll(&pfd, 1, START_WAIT_MS) != 1 ||
	    msg_recv(parent, &msg, &fd) != MSG_GOT || msg.h.type != MSG_START)
		errx(1, "is started by ntpd(8) and not by hand");
	*start = msg.start;
	if (!msg_text_ok(start->root, sizeof(start->root)))
		errx(1, "bad first message");
}

/* Standard input, output and error lead nowhere from now on. */
static void
close_stdio(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 0; i < PARENT_FD; i++) {
		if (fd == -1)
			(void)close(i); /* no /dev at all: closed will do */
		else if (dup2(fd, i) == -1)
			_exit(1);
	}
	if (fd >= PARENT_FD)
		(void)close(fd);
}

void
child_begin(enum proc self, const struct sandbox_profile *profile,
    struct channel *parent, bool *sys_time)
{
	struct msg_ready ready = { .flags = 0 };
	struct sandbox_identity id;
	struct msg_start start;
	const char *what = NULL;
	bool may_set_clock = false;

	*parent = channel_none(self, PROC_NTPD);
	parent->fd = PARENT_FD;
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		err(1, "signal");
	read_start(parent, &start);
	if (fcntl(PARENT_FD, F_SETFD, FD_CLOEXEC) == -1)
		err(1, "fcntl");
	log_to(parent);
	log_set_level((enum log_level)start.log_level);
	closefrom(PARENT_FD + 1);
	id = (struct sandbox_identity){ start.uid, start.gid, start.flags,
		start.root };
	close_stdio();
	if (sandbox_enter(profile, &id, &may_set_clock, &what) == -1) {
		log_error("cannot enter the sandbox: %s: %s", what,
		    strerrordesc_np(errno));
		_exit(1);
	}
	if (may_set_clock)
		ready.flags |= READY_CLOCK;
	if (msg_send(parent, MSG_READY, &ready, -1) == -1)
		_exit(1);
	if (sys_time != NULL)
		*sys_time = may_set_clock;
}

bool
child_common_message(const union msg *msg)
{
	if (msg->h.type != MSG_LEVEL)
		return false;
	log_set_level((enum log_level)msg->level.log_level);
	return true;
}

void
child_drop_channel(struct channel *ch, enum msg_result why)
{
	if (why == MSG_BAD)
		log_error("%s sent a message that it may not send: "
			  "its channel is closed",
		    proc_name(ch->peer));
	channel_close(ch);
}
