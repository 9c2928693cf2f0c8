/*
 * How every child of ntpd begins: it takes its first message, gives up its
 * privileges, and says that it is ready.
 */
#ifndef COMMON_CHILD_H
#define COMMON_CHILD_H

#include "common/sandbox.h"

/*
 * What ntpd may give a program at its start beside its channel: descriptors, each
 * with a message.  They get the numbers from EXTRA_FD on, by which filters know
 * them.
 */
struct child_extra {
	enum msg_type type;
	int count;
	/* in place of the usual one where they are given */
	const struct sandbox_profile *profile;
	/* for each of them; returns how long no file may ever get, in bytes */
	uint64_t (*take)(int which, const union msg *m);
};

/*
 * Begin: check that ntpd is on PARENT_FD, read MSG_START from it, close
 * everything else, enter the sandbox of the profile, send the log to *parent,
 * and tell ntpd.  Does not return on failure: it says why on standard error
 * and exits with 1.  extra is what else the program can take, or NULL.  Returns
 * true if the process may set the clock.
 */
bool child_begin(enum proc self, const struct sandbox_profile *profile,
    struct channel *parent, const struct child_extra *extra);

/*
 * ppoll(2) has failed, as errno says, tries[0] times in a row before.  Returns
 * if it is worth another try: after a signal, and a thousand times where memory
 * is short; else says so and ends the process with 1.
 */
void child_wait_failed(uint32_t *tries);

/*
 * The other end is gone, or broke the rules: close the channel, and of MSG_BAD
 * say so and tell ntpd.  A new channel comes from there, with the next process
 * at the other end or with the same one.
 */
void child_drop_channel(struct channel *ch, enum msg_result why);

#endif
