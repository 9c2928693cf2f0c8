/*
 * Status reports to whoever started ntpd: a service manager, by the protocol of
 * sd_notify(3), and the process that waits in the foreground.
 */
#ifndef NTPD_MANAGER_H
#define NTPD_MANAGER_H

#include <stdbool.h>
#include <stdint.h>

struct manager {
	int fd;		 /* the service manager, -1: there is none */
	int started_fd;	 /* pipe to the foreground process, -1: none */
	bool announced;	 /* readiness was reported */
	int64_t told_ns; /* CLOCK_BOOTTIME of the last report, 0: none */
	uint32_t told;	 /* its content: NET_SYNCED, NET_HOLDOVER */
	int64_t due_ns;	 /* CLOCK_BOOTTIME of the next report; INT64_MAX */
};

/*
 * Connect to the socket that $NOTIFY_SOCKET names, if there is one, and unset
 * the variable.  started_fd reports to the process that waits in the
 * foreground; -1: none does.
 */
void manager_open(struct manager *m, int started_fd);

/* The service is up: report it to all that wait. */
void manager_announce(struct manager *m);

/* The service is ending. */
void manager_stop(const struct manager *m);

/*
 * Report the synchronization state (NET_SYNCED and NET_HOLDOVER of
 * msg_net_state) to the service manager if it has changed, at most once a
 * second.
 */
void manager_tell(struct manager *m, uint32_t state, int64_t now_ns);

#endif
