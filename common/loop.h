/*
 * One turn of a program's loop: what to wait for, until when, and which
 * functions to call.
 */
#ifndef COMMON_LOOP_H
#define COMMON_LOOP_H

#include <poll.h>
#include <signal.h>
#include <stdint.h>

#include "common/attr.h"

#define LOOP_MAX 72 /* descriptors */

/* Called when p->revents is not 0; argument is the one given to loop_add(). */
typedef void loop_take(void *argument, const struct pollfd *p);

/* Owned by the caller; initialize to zeros or with loop_clear(). */
struct loop {
	struct pollfd pfds[LOOP_MAX];
	struct loop_handler {
		loop_take *take;
		void *argument;
	} handlers[LOOP_MAX];
	nfds_t count;
	int64_t until_ns; /* INT64_MAX: no deadline */
};

/* Remove all descriptors and the deadline. */
void loop_clear(struct loop *l);

/*
 * Also wait for these events of a descriptor.  -1 has no events, but takes a
 * place.  The caller must ensure that there is room (LOOP_MAX).
 */
void loop_add(
    struct loop *l, int fd, short events, loop_take *take, void *argument);

/* Wait no longer than until this time, on the clock that the caller uses. */
void loop_until(struct loop *l, int64_t at_ns);

/*
 * Wait.  now_ns is the time on that clock; mask is that of ppoll(2).  Returns
 * the result of ppoll(2).  After a failure no descriptor is ready.
 */
MUST_CHECK int loop_wait(struct loop *l, int64_t now_ns, const sigset_t *mask);

/*
 * Call the handlers whose descriptors are ready, for the places from first up
 * to but excluding end, in the order in which they were added.
 */
void loop_serve(const struct loop *l, nfds_t first, nfds_t end);

#endif
