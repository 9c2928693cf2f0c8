/* Are the children alive? */
#ifndef NTPD_ALIVE_H
#define NTPD_ALIVE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "common/proc.h"

struct supervisor;
struct children;

/* Probe a child, unless a probe is pending. */
void alive_ask(struct supervisor *s, int child);

/*
 * One child reports that another does not respond: probe it, at a limited rate.
 */
void alive_hint(struct supervisor *s, int from, enum proc of);

/* wait(2) reports that a process was stopped or continued. */
void alive_signal(struct supervisor *s, pid_t pid, int status);

/*
 * Call after a wait for events, before anything is sent: has any child left
 * messages unread?  Looks at most once in 10 s.
 */
void alive_glance(struct children *all, int64_t now_ns);

/*
 * Check the pending probes, end children that hang, and start new probes where
 * there is a cause, each when due.
 */
void alive_due(struct supervisor *s, int64_t now_ns);

/* CLOCK_BOOTTIME at which alive_due() is next due; INT64_MAX: never. */
int64_t alive_deadline(const struct supervisor *s);

/* Is this child unresponsive, as far as is known? */
bool alive_in_doubt(const struct children *all, enum proc p);

#endif
