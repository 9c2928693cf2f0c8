/*
 * The start: everything that needs a privilege which ntpd gives up afterwards.
 */
#ifndef NTPD_START_H
#define NTPD_START_H

struct supervisor;

/*
 * Make ready what the configuration and the options in *s ask for, then give up
 * the privileges.  What the start cannot do without ends the process, after a line
 * of log.
 */
void start_prepare(struct supervisor *s);

#endif
