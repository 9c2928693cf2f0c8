/*
 * How every child of ntpd starts: it reads its first message, drops its
 * privileges, and reports that it is ready.
 */
#ifndef COMMON_CHILD_H
#define COMMON_CHILD_H

#include "common/sandbox.h"

/*
 * Descriptors that ntpd may pass to a program at its start, in addition to its
 * channel.  Each comes with a message.  They are numbered from EXTRA_FD on, and
 * seccomp filters refer to them by these numbers.
 */
struct child_extra {
	enum msg_type type;
	int count;
	/* used instead of the usual one if they are given */
	const struct sandbox_profile *profile;
	/* called for each; returns the maximum size of any file, in bytes */
	uint64_t (*take)(int which, const union msg *m);
};

/*
 * Start the child: check that ntpd is on PARENT_FD, read MSG_START from it,
 * close everything else, enter the profile's sandbox, send the log to *parent,
 * and report to ntpd.  On failure it does not return: it prints the reason on
 * standard error and exits with 1.  extra says what else the program accepts,
 * or is NULL.  Returns true if the process may set the clock.
 */
bool child_begin(enum proc self, const struct sandbox_profile *profile,
    struct channel *parent, const struct child_extra *extra);

/*
 * Call this after ppoll(2) has failed with errno.  *tries counts the failures
 * in a row.  Returns if another try makes sense: after a signal, and up to a
 * thousand times if memory is short.  Otherwise logs the error and exits with
 * 1.
 */
void child_wait_failed(uint32_t *tries);

/*
 * The peer is gone or broke the rules: close the channel.  For MSG_BAD, log it
 * and tell ntpd as well.  ntpd sends a new channel later, to the next process
 * or to the same one.
 */
void child_drop_channel(struct channel *ch, enum msg_result why);

#endif
