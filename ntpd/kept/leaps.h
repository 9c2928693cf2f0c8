/*
 * The leap seconds that ntp-net and ntp-clock are told of: read from their file at
 * the start, at a reload, and each day.
 */
#ifndef NTPD_LEAPS_H
#define NTPD_LEAPS_H

#include "ntpd/conf/conf.h"

struct leaps {
	struct msg_leaps message; /* what the file says, if there is one */
	char path[CONF_PATH_LEN]; /* that it is from */
	bool bad;		  /* the file could not be used */
	int64_t due_ns;		  /* CLOCK_BOOTTIME: read it again */
};

/*
 * Read the file of the configuration, if it names one; one that cannot be used
 * leaves what the same file said before.  Returns true if what there is to tell
 * has changed.
 */
bool leaps_read(struct leaps *l, const struct conf *c);

#endif
