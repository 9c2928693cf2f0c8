/*
 * Are the children alive?
 */
#ifndef NTPD_ALIVE_H
#define NTPD_ALIVE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "common/proc.h"

struct supervisor;
struct children;

/* Ask a child whether it lives, unless it was asked already. */
void alive_ask(struct supervisor *s, int child);

/* One child says that another does not respond: look, but not often. */
void alive_hint(struct supervisor *s, int from, enum proc of);

/* wait(2) says that a process was stopped, or goes on. */
void alive_signal(struct supervisor *s, pid_t pid, int status);

/*
 * After a wait for events, before anything is sent: has anybody left unread
 * what it was sent before?  It looks no more than once in 10 s.
 */
void alive_glance(struct children *all, int64_t now_ns);

/* Look, end who hangs, and ask where there is a cause, each if it is time. */
void alive_due(struct supervisor *s, int64_t now_ns);

/* CLOCK_BOOTTIME at which alive_due() has something to do; INT64_MAX: never. */
int64_t alive_deadline(const struct supervisor *s);

/* Does this child not respond, as far as is known? */
bool alive_in_doubt(const struct children *all, enum proc p);

#endif
