/*
 * Descriptors and limits that ntpd got from whoever started it.
 */
#ifndef NTPD_INHERITED_H
#define NTPD_INHERITED_H

/* Close what else is open, but for the one that is needed, or -1. */
void inherited_close(int needed);

/*
 * As many open files as may be: a socket for each address and worker is more than
 * the usual limit allows.  Ends the program where there are too few for any use.
 */
void inherited_limit(void);

#endif
