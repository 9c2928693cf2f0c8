/*
 * The world of one run: the machine, the network, and ntp-net and ntp-clock on
 * it, two programs that take turns.  A run needs a process of its own, since
 * the programs keep what they know in static memory.  There is one world, a
 * global, because system calls take no argument that could lead to it.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"
#include "tests/sim/state.h"

extern struct world world;

/*
 * The end of the month at which the leap second of an event happens, UTC; 0:
 * it is another event.
 */
int64_t world_leap_ns(const struct script_event *e);

/*
 * Play a scenario from its start to its end, once in a process.  What came of
 * it is in world.measure.  log_level: what to print of the programs' log, or
 * -1 for nothing.
 */
void world_run(const struct scenario *sc, uint64_t seed, int log_level);

/* Something will happen at t. */
void world_schedule(int64_t at_ns, enum due kind, uint32_t index);

/* The running program waits: until it is stirred, or t. */
void world_wait(int64_t until_ns);

/* The running program has ended. */
void world_end_program(void);

/* A new descriptor, at first nothing but its number; NULL: there are none. */
struct object *world_object(enum object_kind kind, enum program owner);
int world_fd(const struct object *o);

/* What a descriptor of the running program stands for; NULL: nothing. */
struct object *world_find(int fd);

/* Send a packet of the machine to the server of its socket. */
void world_send(struct object *o, const uint8_t bytes[NTP_PACKET_LEN]);

/* Put a message into a channel; -1 if it is full. */
int world_put(struct object *to, const void *msg, size_t length, int fd);

/* --- the part of ntpd, ntpd.c -------------------------------------------- */

/* Make the channels and say what a supervisor says at the start. */
void ntpd_begin(int log_level);

/* Somebody has set the clock, or the machine has slept: the kernel tells. */
void ntpd_clock_set(void);

/* A program says something. */
void ntpd_hear(const union msg *msg);

#endif
