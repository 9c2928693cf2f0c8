/*
 * The files of a recording, which ntpd opens for ntp-net: FILE and FILE.1,
 * each for half of the bound.
 */
#ifndef NTPD_RECORDING_H
#define NTPD_RECORDING_H

#include "common/msg.h"

struct recording {
	int fds[RECORD_FILES]; /* -1: nothing is recorded */
};

/*
 * Open both, made if they are not there (mode 0600), to append to; none for a path
 * of "".  Returns 0; or -1 with errno, where one cannot be had, or is there and no recording
 * (EEXIST): then none is open.
 */
MUST_CHECK int recording_open(struct recording *r, const char *path);

/* What there is to say about one of the files; bytes: the bound of both. */
void recording_describe(
    const struct recording *r, int which, int64_t bytes, struct msg_record *m);

#endif
