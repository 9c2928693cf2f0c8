/*
 * The channels that two children have to each other, without ntpd: which there
 * are is in common/programs.def.
 */
#ifndef NTPD_CONNECT_H
#define NTPD_CONNECT_H

#include "ntpd/children/child.h"

/* A child has started: it gets its channels to those that run. */
void connect_child(struct children *all, int child);

/* Two children that talk to each other get a new channel soon. */
void connect_anew(struct children *all, enum proc a, enum proc b);

/* Make those new channels whose time has come. */
void connect_due(struct children *all, int64_t now_ns);

/* CLOCK_BOOTTIME at which connect_due() has something to do; INT64_MAX: never. */
int64_t connect_deadline(const struct children *all);

#endif
