/*
 * The start of a program in the simulator, in place of common/child.c: there is
 * no sandbox to enter.  Linked into each program's copy.
 */
#include "tests/sim/begin.h"

#include "common/log.h"

bool
child_begin(enum proc self, const struct sandbox_profile *profile,
    struct channel *parent, const struct child_extra *extra)
{
	struct msg_ready ready = { .flags = 0 };

	*parent = channel_none(self, PROC_NTPD);
	parent->fd = PARENT_FD;
	log_to(parent);
	if (extra != NULL)
		sim_give_extra(extra);
	msg_offer(parent, MSG_READY, &ready);
	return profile->keep_sys_time;
}

void
child_drop_channel(struct channel *ch, enum msg_result why)
{
	log_error(
	    "a channel ends: peer=%s result=%d", proc_name(ch->peer), (int)why);
	channel_close(ch);
}
