/* The start of every child of ntpd, see child.h. */
#include "common/child.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/shortage.h"
#include "common/stdfds.h"

#define START_WAIT_MS 10000
#define WAIT_TRIES    1000

/* The channel to ntpd, the same as in log.c. */
static struct channel *to_ntpd;

/* Read one of the first messages.  Only ntpd can have put it in the queue. */
static int
read_first(struct channel *parent, enum msg_type type, union msg *msg)
{
	struct pollfd pfd = { .fd = parent->fd, .events = POLLIN };
	int fd;

	if (poll(&pfd, 1, START_WAIT_MS) != 1 ||
	    msg_recv(parent, msg, &fd) != MSG_GOT ||
	    msg->h.type != (uint32_t)type)
		errx(1, "is started by ntpd(8) and not by hand");
	return fd;
}

static void
read_start(struct channel *parent, struct msg_start *start)
{
	union msg msg;

	(void)read_first(parent, MSG_START, &msg); /* carries no descriptor */
	*start = msg.start;
	if (!msg_text_ok(start->root, sizeof(start->root)))
		errx(1, "bad first message");
}

/* Take the extra descriptors; returns how many there were. */
static int
take_extra(struct channel *parent, const struct child_extra *extra,
    uint64_t *file_bytes)
{
	union msg msg;

	if (extra == NULL)
		errx(1, "was given what it has no use for");
	for (int i = 0; i < extra->count; i++) {
		int fd = read_first(parent, extra->type, &msg);

		*file_bytes = extra->take(i, &msg);
		if (fd == EXTRA_FD + i)
			continue;
		if (dup3(fd, EXTRA_FD + i, O_CLOEXEC) == -1)
			err(1, "dup3");
		(void)close(fd); /* the copy stays */
	}
	return extra->count;
}

bool
child_begin(enum proc self, const struct sandbox_profile *profile,
    struct channel *parent, const struct child_extra *extra)
{
	struct msg_ready ready = { .flags = 0 };
	struct sandbox_identity id;
	struct msg_start start;
	const char *what = NULL;
	bool may_set_clock = false;
	int given = 0;

	*parent = channel_none(self, PROC_NTPD);
	parent->fd = PARENT_FD;
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		err(1, "signal");
	read_start(parent, &start);
	if (fcntl(PARENT_FD, F_SETFD, FD_CLOEXEC) == -1)
		err(1, "fcntl");
	log_to(parent);
	to_ntpd = parent;
	log_set_level((enum log_level)start.log_level);
	id = (struct sandbox_identity){ .uid = start.uid,
		.gid = start.gid,
		.flags = start.flags,
		.root = start.root };
	if ((start.flags & START_EXTRA) != 0) {
		given = take_extra(parent, extra, &id.file_bytes);
		profile = extra->profile;
	}
	closefrom(EXTRA_FD + given);
	if (!stdfds_leave()) /* no /dev at all: close them */
		for (int i = 0; i < PARENT_FD; i++)
			(void)close(i);
	if (sandbox_enter(profile, &id, &may_set_clock, &what) == -1) {
		log_error("cannot enter the sandbox: %s: %s", what,
		    strerrordesc_np(errno));
		_exit(1);
	}
	if (may_set_clock)
		ready.flags |= READY_CLOCK;
	if (msg_send(parent, MSG_READY, &ready, -1) == -1)
		_exit(1);
	return may_set_clock;
}

void
child_wait_failed(uint32_t *tries)
{
	if (errno == EINTR)
		return;
	if (is_shortage(errno) && ++*tries < WAIT_TRIES)
		return;
	log_error("ppoll: %s", strerrordesc_np(errno));
	_exit(1);
}

void
child_drop_channel(struct channel *ch, enum msg_result why)
{
	struct msg_accuse accuse = { .peer = (uint32_t)ch->peer };

	channel_close(ch);
	if (why != MSG_BAD || ch->peer == PROC_NTPD)
		return; /* it has exited, or the caller exits */
	log_error("invalid message from %s: closing its channel",
	    proc_name(ch->peer));
	/* ntpd reads every message, so there is room. */
	if (to_ntpd != NULL)
		msg_offer(to_ntpd, MSG_ACCUSE, &accuse);
}
