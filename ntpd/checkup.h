/*
 * ntpd -n: read the configuration.  If it is valid, look for what it names on
 * this machine.
 */
#ifndef NTPD_CHECKUP_H
#define NTPD_CHECKUP_H

#include "ntpd/options.h"

/*
 * Report what is wrong or missing, one line each, as "FILE:LINE:COLUMN: what",
 * and whether all is OK.  A problem that a start only logs is a warning: a
 * group that does not exist; a control socket, state directory or recording
 * that cannot be made; a leap file that cannot be used.  A problem that ends
 * the start is an error, for example an address from which nobody can be
 * answered.  Returns the exit status.
 */
int checkup(const struct options *o);

#endif
