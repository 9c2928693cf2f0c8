/*
 * One clock, one ntpd: a lock that is held until the process ends, however it
 * ends.
 *
 * It has two parts, since neither is enough alone.  A name in the abstract
 * socket namespace is visible to every user's ntpd, whatever its folders are,
 * but only within one network namespace.  A file is visible to all that share
 * its folder.  Anybody may take the name, so an ntpd that finds it taken checks
 * its owner, and respects only one that can set the clock.  Nobody but its
 * owner may open the file.
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
	LOCK_BUSY,     /* by another process that can set the clock */
	LOCK_SQUATTED, /* name only: owner cannot set the clock, or hides */
	LOCK_NONE      /* not available here: errno */
};

/* The owner of the lock; pid 0: it is not visible from here. */
struct lock_owner {
	pid_t pid;
	uid_t uid;
};

/*
 * Take the abstract name, or the file at the absolute path, which is created.
 * If it is busy, wait at most patience_ns for its owner to end.  *fd is the
 * lock, which is close-on-exec and stays the caller's, or -1; *other is set if
 * it is busy or squatted.
 */
MUST_CHECK enum lock_state lock_take_name(
    const char *name, int64_t patience_ns, int *fd, struct lock_owner *other);
MUST_CHECK enum lock_state lock_take_file(
    const char *path, int64_t patience_ns, int *fd, struct lock_owner *other);

/*
 * Accept and close a bounded number of the connections that ask who owns the
 * name.  Otherwise anybody could fill the queue and so hide the owner.
 */
void lock_drain(int fd);

#endif
