/*
 * Reading the configuration, at the start and again at SIGHUP.
 */
#ifndef NTPD_RELOAD_H
#define NTPD_RELOAD_H

#include "ntpd/options.h"

struct supervisor;

/* Read the configuration that the options name into *c, errors to report. */
MUST_CHECK int reload_read(
    const struct options *o, struct conf *c, FILE *report);

/*
 * Read the configuration again.  On an error, which it logs, everything stays
 * as it is and -1 is returned, else 0.  The answer is for who asked for it: what
 * is wrong, or what was done and what of it was not.
 */
int reload(struct supervisor *s, char answer[REASON_LEN]);

#endif
