/*
 * The socket of the machine's log daemon, which syslog(3) writes to as well.
 * A log daemon that hangs must not stop what keeps the clock, so no line waits
 * for long.
 */
#ifndef NTPD_LOGSOCK_H
#define NTPD_LOGSOCK_H

#include <sys/un.h>

#include <stdint.h>

struct logsock {
	int fd; /* -1: not connected */
	struct sockaddr_un at;
	uint32_t unread; /* lines that did not fit, or found nobody */
};

/*
 * Connect to the log daemon at path (_PATH_LOG).  One that is not there is
 * looked for again at the next line.  The time zone is read here, since the
 * lines have local time.  *l stays the caller's, until the process ends.
 */
void logsock_open(struct logsock *l, const char *path);

/*
 * One line, whose time is now: priority as of syslog(3), without a facility
 * (LOG_DAEMON is added), as RFC 3164 section 4.1 has it.  Waits for 100 ms at
 * most, and no more until it is read again; what cannot be written is counted,
 * and the number is said before the next line.
 */
void logsock_write(struct logsock *l, int priority, const char *text);

#endif
