/*
 * One clock, one ntpd: a lock that holds until the process ends, however it
 * ends.
 *
 * It has two parts, for no single one does.  A name in the abstract space of
 * sockets is seen by every user's ntpd, whatever its folders are, but by those
 * of the same network name space alone.  A file is seen by all that share its
 * folder.  Anybody may take the name: so whoever finds it taken looks at who
 * has it, and heeds only one that can set the clock.  Nobody but its owner may
 * open the file.
 */
#ifndef NTPD_LOCK_H
#define NTPD_LOCK_H

#include <sys/types.h>

#include <stdint.h>

#include "common/attr.h"

#define LOCK_NAME "ntpd/clock"
#define LOCK_FILE "clock.lock"

enum lock_state {
	LOCK_HELD,     /* by us */
	LOCK_BUSY,     /* by another that can set the clock */
	LOCK_SQUATTED, /* the name alone: by one that cannot, or hides */
	LOCK_NONE      /* it cannot be had here: errno */
};

/* Who has it; pid 0: one that is not to be seen from here. */
struct lock_owner {
	pid_t pid;
	uid_t uid;
};

/*
 * Take the abstract name, or the file of the absolute path, which is made.  Of
 * one that is busy wait for its end, so long at most.  *fd is the lock, which
 * is close-on-exec and stays the caller's, or -1; *other is set if it is busy
 * or squatted.
 */
MUST_CHECK enum lock_state lock_take_name(
    const char *name, int64_t patience_ns, int *fd, struct lock_owner *other);
MUST_CHECK enum lock_state lock_take_file(
    const char *path, int64_t patience_ns, int *fd, struct lock_owner *other);

/*
 * Let go those that have asked who holds the name, a bounded number of them, or
 * anybody could make the queue full and so hide its holder.
 */
void lock_drain(int fd);

#endif
