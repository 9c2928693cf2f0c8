/*
 * Starting the children, and starting them again.
 */
#ifndef NTPD_SPAWN_H
#define NTPD_SPAWN_H

#include <stdint.h>

struct supervisor;
struct children;

/*
 * Start every child that is wanted and does not run, kill again what should
 * have ended, and renew channels, each if its time has come.
 */
void spawn_due(struct supervisor *s, int64_t now_ns);

/* CLOCK_BOOTTIME at which spawn_due() has something to do; INT64_MAX: never. */
int64_t spawn_deadline(const struct children *all);

#endif
