/*
 * When to look at the configured interfaces again: they come, go, and change
 * their addresses.
 */
#ifndef NTPD_LINKS_H
#define NTPD_LINKS_H

#include <stdint.h>

#include "ntpd/conf/conf.h"

struct links {
	int fd;		/* the kernel's notices, -1: none */
	int64_t due_ns; /* CLOCK_BOOTTIME of the next look; INT64_MAX: never */
};

/*
 * If the configuration names such interfaces, ask the kernel for notices
 * (rtnetlink(7)), or look every 10 s if it allows none.
 */
void links_open(struct links *l, const struct conf *c);

/* The same for another configuration. */
void links_watch(struct links *l, const struct conf *c);

/* The kernel has sent notices: sets l->due_ns to the time to act. */
void links_hear(struct links *l, int64_t now_ns);

#endif
