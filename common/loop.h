/*
 * One turn of a program's loop: what it waits for, until when, and who is called
 * then.
 */
#ifndef COMMON_LOOP_H
#define COMMON_LOOP_H

#include <poll.h>
#include <signal.h>
#include <stdint.h>

#include "common/attr.h"

#define LOOP_MAX 72 /* descriptors */

/* Called where p->revents are not 0; argument is that of loop_add(). */
typedef void loop_take(void *argument, const struct pollfd *p);

/* Owned by the caller; start from zeros, or with loop_clear(). */
struct loop {
	struct pollfd pfds[LOOP_MAX];
	struct loop_handler {
		loop_take *take;
		void *argument;
	} handlers[LOOP_MAX];
	nfds_t count;
	int64_t until_ns; /* INT64_MAX: for ever */
};

/* Wait for nothing, and for ever. */
void loop_clear(struct loop *l);

/*
 * Wait for these events of a descriptor as well; of -1 there are none, but it has
 * its place.  There must be room.
 */
void loop_add(
    struct loop *l, int fd, short events, loop_take *take, void *argument);

/* Wait no longer than until then, by whichever clock the caller counts in. */
void loop_until(struct loop *l, int64_t at_ns);

/*
 * Wait; now_ns is the time of that clock, and mask is as for ppoll(2), whose
 * result it returns.  After a failure nothing is ready.
 */
MUST_CHECK int loop_wait(struct loop *l, int64_t now_ns, const sigset_t *mask);

/*
 * Call those whose descriptors are ready, of the places first to before end, in
 * the order in which they were added.
 */
void loop_serve(const struct loop *l, nfds_t first, nfds_t end);

#endif
