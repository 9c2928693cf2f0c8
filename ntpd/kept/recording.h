/*
 * The files of a recording, which ntpd opens for ntp-net: FILE and FILE.1, each
 * up to half of the size limit.
 */
#ifndef NTPD_RECORDING_H
#define NTPD_RECORDING_H

#include "common/msg.h"

struct recording {
	int fds[RECORD_FILES]; /* -1: no recording */
};

/*
 * Open both for appending, created if absent (mode 0600); none for a path of
 * "".  Returns 0.  Returns -1 with errno, and none is open, if one cannot be
 * opened, or exists and is not a recording (EEXIST).
 */
MUST_CHECK int recording_open(struct recording *r, const char *path);

/* Describe one of the files for the log; bytes: the size limit of both. */
void recording_describe(
    const struct recording *r, int which, int64_t bytes, struct msg_record *m);

#endif
