/*
 * The socket of the machine's log daemon, the one that syslog(3) also writes
 * to.  A log daemon that hangs must not stop the clock discipline, so no line
 * waits for long.
 */
#ifndef NTPD_LOGSOCK_H
#define NTPD_LOGSOCK_H

#include <sys/un.h>

#include <stdint.h>

struct logsock {
	int fd; /* -1: not connected */
	struct sockaddr_un at;
	uint32_t unread; /* lines dropped: queue full, or no daemon */
};

/*
 * Connect to the log daemon at path (_PATH_LOG).  If it is absent, the next
 * line tries again.  The time zone is read here, since the lines carry local
 * time.  *l stays the caller's until the process ends.
 */
void logsock_open(struct logsock *l, const char *path);

/*
 * Write one line, stamped with the current time.  priority is that of syslog(3)
 * without a facility (LOG_DAEMON is added); the format is that of RFC 3164
 * section 4.1.  Waits 100 ms at most, and not again until the daemon reads
 * again.  Lines that cannot be written are counted, and the count is written
 * before the next line.
 */
void logsock_write(struct logsock *l, int priority, const char *text);

#endif
