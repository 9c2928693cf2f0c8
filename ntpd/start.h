/*
 * The start: everything that needs a privilege which ntpd gives up afterwards.
 */
#ifndef NTPD_START_H
#define NTPD_START_H

struct supervisor;

/*
 * Prepare what the configuration and the options in *s ask for, then give up
 * the privileges.  If something essential fails, logs it and ends the process.
 */
void start_prepare(struct supervisor *s);

#endif
