/*
 * What ntpd -n looks for on the machine, once the configuration is right in
 * itself: what is named there must be.
 */
#ifndef NTPD_CHECKUP_H
#define NTPD_CHECKUP_H

#include "conf.h"

/*
 * Say what is missing, one line each, "FILE:LINE:COLUMN: what".  A group that
 * does not exist, and a control socket or a state directory that cannot be, are
 * errors: returns -1.  A leap file that cannot be used is a warning, since the
 * daemon goes on without it: returns 0.
 */
MUST_CHECK int checkup(const struct conf *c, FILE *report);

#endif
