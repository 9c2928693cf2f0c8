/* Reading the configuration, at the start and again at SIGHUP. */
#ifndef NTPD_RELOAD_H
#define NTPD_RELOAD_H

#include "ntpd/options.h"

struct supervisor;

/* Read the configuration that the options name into *c; errors go to report. */
MUST_CHECK int reload_read(
    const struct options *o, struct conf *c, FILE *report);

/*
 * Read the configuration again.  On an error, logs it, changes nothing and
 * returns -1; otherwise returns 0.  answer is the text for whoever asked for
 * the reload: the error, or what was done and what was not.
 */
int reload(struct supervisor *s, char answer[REASON_LEN]);

#endif
