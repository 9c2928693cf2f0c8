/*
 * Telling the service manager, by the protocol of sd_notify(3).
 */
#ifndef NTPD_NOTIFY_H
#define NTPD_NOTIFY_H

/*
 * Connect to what $NOTIFY_SOCKET names and forget the variable.  Returns a
 * descriptor, or -1 where there is no service manager that wants to know.
 */
int notify_open(void);

/* Send one state, "READY=1" for instance; does nothing if fd is -1. */
void notify_send(int fd, const char *state);

#endif
