/*
 * One turn of a program's loop, see loop.h.  Linked into ntpd, ntp-net and the
 * other programs that wait for several descriptors.  Must never allocate or
 * log.
 */
#include "common/loop.h"

#include "core/types.h"

void
loop_clear(struct loop *l)
{
	l->count = 0;
	l->until_ns = INT64_MAX;
}

void
loop_add(struct loop *l, int fd, short events, loop_take *take, void *argument)
{
	l->pfds[l->count] = (struct pollfd){ .fd = fd, .events = events };
	l->handlers[l->count++] = (struct loop_handler){ take, argument };
}

void
loop_until(struct loop *l, int64_t at_ns)
{
	if (at_ns < l->until_ns)
		l->until_ns = at_ns;
}

int
loop_wait(struct loop *l, int64_t now_ns, const sigset_t *mask)
{
	int64_t left_ns = l->until_ns > now_ns ? l->until_ns - now_ns : 0;
	struct timespec left = { .tv_sec = left_ns / NS_PER_S,
		.tv_nsec = left_ns % NS_PER_S };
	int ready = ppoll(
	    l->pfds, l->count, l->until_ns == INT64_MAX ? NULL : &left, mask);

	for (nfds_t i = 0; i < l->count && ready == -1; i++)
		l->pfds[i].revents = 0;
	return ready;
}

void
loop_serve(const struct loop *l, nfds_t first, nfds_t end)
{
	for (nfds_t i = first; i < end; i++)
		if (l->pfds[i].revents != 0)
			l->handlers[i].take(
			    l->handlers[i].argument, &l->pfds[i]);
}
