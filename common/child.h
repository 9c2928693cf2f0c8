/*
 * How every child of ntpd begins: it takes its first message, gives up its
 * privileges, and says that it is ready.
 */
#ifndef COMMON_CHILD_H
#define COMMON_CHILD_H

#include "common/sandbox.h"

/* The files of a recording, at RECORD_FD, which ntp-net may be given. */
struct child_records {
	bool given;
	struct msg_record record[RECORD_FILES];
};

/*
 * Begin: check that ntpd is on PARENT_FD, read MSG_START from it, close
 * everything else, enter the sandbox of the profile, send the log to *parent,
 * and tell ntpd.  Does not return on failure: it says why on standard error
 * and exits with 1.  Where ntpd gives files to record to, the sandbox is that
 * of profile->recording; *records is set if it is not NULL.  Returns true if
 * the process may set the clock.
 */
bool child_begin(enum proc self, const struct sandbox_profile *profile,
    struct channel *parent, struct child_records *records);

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
