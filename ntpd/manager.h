/*
 * Who has started ntpd, and is told how it goes: a service manager, by the
 * protocol of sd_notify(3), and the process that went into the background.
 */
#ifndef NTPD_MANAGER_H
#define NTPD_MANAGER_H

#include <stdbool.h>
#include <stdint.h>

struct manager {
	int fd;		 /* the service manager, -1: none wants to know */
	int started_fd;	 /* pipe to the foreground process, -1: none */
	bool announced;	 /* readiness */
	int64_t told_ns; /* CLOCK_BOOTTIME, 0: never, and what it was told */
	uint32_t told;	 /* NET_SYNCED, NET_HOLDOVER */
	int64_t due_ns;	 /* CLOCK_BOOTTIME: manager_tell() again; INT64_MAX */
};

/*
 * Connect to what $NOTIFY_SOCKET names, if that is there, and forget the variable;
 * who waits in the foreground is told by started_fd, or nobody does: -1.
 */
void manager_open(struct manager *m, int started_fd);

/* The service is up: tell all that wait for it. */
void manager_announce(struct manager *m);

/* It ends. */
void manager_stop(const struct manager *m);

/*
 * Tell the service manager how the time stands, NET_SYNCED and NET_HOLDOVER of
 * msg_net_state, if that has changed, but not more than once a second.
 */
void manager_tell(struct manager *m, uint32_t state, int64_t now_ns);

#endif
