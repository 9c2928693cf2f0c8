/*
 * Descriptors and limits that ntpd inherits from the process that started it.
 */
#ifndef NTPD_INHERITED_H
#define NTPD_INHERITED_H

/* Close all inherited descriptors except stdio and `needed` (-1: none). */
void inherited_close(int needed);

/*
 * Raise the limit of open files as far as possible: one socket for each address
 * and worker is more than the usual limit allows.  Ends the program if there
 * are too few for any use.
 */
void inherited_limit(void);

#endif
