/*
 * What each part needs of the run, see adv_run.h.
 */
#include "tests/attack/adv_run.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct world world;

int64_t
world_now_ns(void)
{
	return world.machine.raw_ns;
}

double
world_spread(struct rng *r, double low, double high)
{
	return low * exp(rng_uniform(r) * log(high / low));
}

void
world_say(const char *fmt, ...)
{
	va_list ap;

	if (!world.verbose)
		return;
	printf("# %14.6f s, %+.9f s: ",
	    (double)(world_now_ns() - RAW_START_NS) / 1e9,
	    (double)(world.machine.moved_ns - world.check.moved_ns) / 1e9);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

void
world_fail(const char *fmt, ...)
{
	int n = snprintf(world.why, sizeof(world.why),
	    "after %.6f s: ", (double)(world_now_ns() - RAW_START_NS) / 1e9);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(world.why + n, sizeof(world.why) - (size_t)n, fmt, ap);
	va_end(ap);
	world.failed = true;
	world_say("BROKEN: %s", world.why);
	longjmp(world.over, 1);
}

/* --- queues --------------------------------------------------------------- */

void
queue_clear(struct queue *q)
{
	q->head = q->tail = 0;
}

bool
queue_empty(const struct queue *q)
{
	return q->head == q->tail;
}

bool
queue_put(struct queue *q, const void *msg, size_t length, int fd)
{
	if (q->head - q->tail == QUEUE)
		return false;
	if (q == &world.to_ntpd && queue_empty(q) &&
	    world.ntpd.busy_until_ns < world_now_ns() + world.ntpd.delay_ns)
		world.ntpd.busy_until_ns = world_now_ns() + world.ntpd.delay_ns;
	memcpy(&q->msgs[q->head % QUEUE], msg, length);
	q->fds[q->head % QUEUE] = fd;
	q->head++;
	return true;
}

const union msg *
queue_take(struct queue *q, int *fd)
{
	const union msg *msg;

	if (queue_empty(q))
		return NULL;
	msg = &q->msgs[q->tail % QUEUE];
	*fd = q->fds[q->tail % QUEUE];
	q->tail++;
	return msg;
}
