/*
 * The leap seconds that ntp-net and ntp-clock are told of: read from their file
 * at the start, at a reload, and each day.
 */
#ifndef NTPD_LEAPS_H
#define NTPD_LEAPS_H

#include "ntpd/conf/conf.h"

struct leaps {
	struct msg_leaps message; /* what the file says, if there is one */
	char path[CONF_PATH_LEN]; /* of the file it is from */
	bool bad;		  /* the file was unusable */
	int64_t due_ns;		  /* CLOCK_BOOTTIME of the next reading */
};

/*
 * Read the file of the configuration, if it names one.  If it is unusable, keep
 * what the same file said before.  Returns true if the message has changed.
 */
bool leaps_read(struct leaps *l, const struct conf *c);

#endif
