/* The direct channels between two children.  common/programs.def lists them. */
#ifndef NTPD_CONNECT_H
#define NTPD_CONNECT_H

#include "ntpd/children/child.h"

/* A child has started: give it its channels to the running children. */
void connect_child(struct children *all, int child);

/* Schedule a new channel for two children. */
void connect_anew(struct children *all, enum proc a, enum proc b);

/* Make the new channels that are due. */
void connect_due(struct children *all, int64_t now_ns);

/* CLOCK_BOOTTIME at which connect_due() is next due; INT64_MAX: never. */
int64_t connect_deadline(const struct children *all);

#endif
