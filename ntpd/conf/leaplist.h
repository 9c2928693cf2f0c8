/*
 * The file that lists leap seconds (leap file in ntpd.conf): read at the start,
 * at every reload and once a day, since a package may replace it.
 */
#ifndef NTPD_LEAPLIST_H
#define NTPD_LEAPLIST_H

#include <stdbool.h>

#include "common/msg.h"
#include "core/leap/leapfile.h"

#define LEAPLIST_WHY_LEN 128

/*
 * Read the file and check its hash.  Returns 0; or -1, *f is zero but for the
 * line, and why says what is wrong, with the line where there is one.
 */
MUST_CHECK int leaplist_read(
    const char *path, struct leapfile *f, char why[LEAPLIST_WHY_LEN]);

/* Words about a file that has expired by then; true if it has. */
bool leaplist_expired(
    const struct leapfile *f, struct wall now, char why[LEAPLIST_WHY_LEN]);

/* What ntp-net has to know of it: the last LEAPS_MAX leap seconds. */
struct msg_leaps leaplist_message(const struct leapfile *f, uint32_t smear_s);

#endif
