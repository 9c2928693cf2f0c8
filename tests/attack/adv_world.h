/*
 * The adversary's world: a machine, ntpd as far as it matters to ntp-clock, a
 * hostile ntp-net, and whoever kills, hangs, pauses, reloads and releases.  The
 * real ntp-clock runs in it, as one process that is begun anew after each of
 * its ends; its system calls are adv_calls.c.  Time passes when it waits, and
 * while it is not there.
 */
#ifndef TESTS_ATTACK_ADV_WORLD_H
#define TESTS_ATTACK_ADV_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/attack/adv_state.h"

#define EARLIEST_S                                                             \
	INT64_C(1767225600) /* 2026-01-01, as in ntpd/kept/known_time.c */

/* Play a run; afterwards world.failed and world.check say how it was. */
void world_run(uint64_t seed, const struct genome *g, bool verbose);

/* One of the moments has come; ntp-clock may not return from this. */
void world_moment(enum moment m);

/* Time passes until then, or until ntp-clock has something to read. */
void world_wait(int64_t until_ns, bool (*ready)(void));

/* adv_ntpd.c */
void ntpd_start(void);
void ntpd_connect_net(void);
void ntpd_spawn_clock(void);
void ntpd_configure_clock(void);
/* It takes one message. */
void ntpd_take(void);
void ntpd_killed(void);
void ntpd_stopped(void);
void ntpd_clock_gone(void);

/* main() of ntp-clock. */
int adv_clock_main(void);

#endif
