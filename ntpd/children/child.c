/*
 * The children, see child.h.  Run by ntpd only.
 */
#include "ntpd/children/child.h"

void
children_init(struct children *c, const struct user_ids ids[PROC_COUNT])
{
	for (int p = 0; p < CHILD_COUNT; p++) {
		c->list[p].channel = channel_none(PROC_NTPD, child_proc(p));
		c->list[p].ids = ids[child_proc(p)];
	}
}

bool
child_runs(const struct child *c)
{
	return c->pid > 0 && c->channel.fd != -1;
}

int
child_with(const struct children *c, pid_t pid)
{
	for (int p = PROC_CLOCK; p < CHILD_COUNT; p++)
		if (pid > 0 && c->list[p].pid == pid)
			return p;
	return -1;
}
