/*
 * The leap second file (leap file in ntpd.conf).  It is read at the start, at
 * every reload and once a day, since a package may replace it.
 */
#ifndef NTPD_LEAPFILE_H
#define NTPD_LEAPFILE_H

#include <stdbool.h>

#include "common/msg.h"
#include "core/leap/leapfile.h"

#define LEAPFILE_WHY_LEN 128

/*
 * Read the file and check its hash.  Returns 0.  On failure returns -1: *f is
 * then zero except for the line, and why says what is wrong, with the line if
 * there is one.
 */
MUST_CHECK int leapfile_read(
    const char *path, struct leapfile *f, char why[LEAPFILE_WHY_LEN]);

/* True if the file has expired by `now`; why then says so in words. */
bool leapfile_expired(
    const struct leapfile *f, struct wall now, char why[LEAPFILE_WHY_LEN]);

/* The message for ntp-net: the last LEAPS_MAX leap seconds. */
struct msg_leaps leapfile_message(const struct leapfile *f, uint32_t smear_s);

#endif
