/*
 * Interfaces that come, go, and get other addresses, where the configuration
 * names any: when to look at them.
 */
#ifndef NTPD_LINKS_H
#define NTPD_LINKS_H

#include <stdint.h>

#include "ntpd/conf/conf.h"

struct links {
	int fd;		/* the kernel's notices, -1: none */
	int64_t due_ns; /* CLOCK_BOOTTIME: look at them; INT64_MAX: never */
};

/*
 * Where the configuration names such interfaces: have the kernel tell of them
 * (rtnetlink(7)), or look every 10 s where it may not.
 */
void links_open(struct links *l, const struct conf *c);

/* The same for another configuration. */
void links_watch(struct links *l, const struct conf *c);

/* The kernel has told: l->due_ns is when to act. */
void links_hear(struct links *l, int64_t now_ns);

#endif
