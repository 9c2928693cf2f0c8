/*
 * What ntpd -n does: it reads the configuration, and if that is right in itself
 * looks on the machine for what is named there.
 */
#ifndef NTPD_CHECKUP_H
#define NTPD_CHECKUP_H

#include "ntpd/options.h"

/*
 * Say what is wrong or missing, one line each, "FILE:LINE:COLUMN: what", and
 * whether all is OK.  What the start goes on without, after a line in the log, is
 * a warning here: a group that does not exist, a control socket, state directory
 * or recording that cannot be, a leap file that cannot be used.  What ends the
 * start is an error, such as an address that nobody can be answered from.
 * Returns the exit status.
 */
int checkup(const struct options *o);

#endif
