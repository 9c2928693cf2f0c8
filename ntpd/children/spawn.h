/* Starting and restarting the children. */
#ifndef NTPD_SPAWN_H
#define NTPD_SPAWN_H

#include <stdint.h>

struct supervisor;
struct children;

/*
 * Start every child that is wanted and not running, repeat the kill of a child
 * that should have ended, and renew channels, each when due.
 */
void spawn_due(struct supervisor *s, int64_t now_ns);

/* CLOCK_BOOTTIME at which spawn_due() is next due; INT64_MAX: never. */
int64_t spawn_deadline(const struct children *all);

#endif
