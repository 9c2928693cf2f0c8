/*
 * The world of one run: the machine, the network, and on it the two programs
 * ntp-net and ntp-clock, which take turns.  A run needs a process of its own,
 * because the programs keep state in static memory.  There is one world, a
 * global, because system calls have no argument that could lead to it.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"
#include "tests/sim/state.h"

extern struct world world;

/*
 * The end of the month at which the event's leap second happens, UTC; 0: the
 * event is another one.
 */
int64_t world_leap_ns(const struct script_event *e);

/*
 * Run a scenario from start to end; only once in a process.  The result is in
 * world.measure.  log_level: which of the programs' log lines to print; -1 for
 * none.
 */
void world_run(const struct scenario *sc, uint64_t seed, int log_level);

/* Schedule an event at at_ns. */
void world_schedule(int64_t at_ns, enum due kind, uint32_t index);

/* The running program waits until input comes, or until_ns. */
void world_wait(int64_t until_ns);

/* The running program has ended. */
void world_end_program(void);

/* A new descriptor, of which only the number is set; NULL: none is left. */
struct object *world_object(enum object_kind kind, enum program owner);
int world_fd(const struct object *o);

/* The object of the running program's descriptor; NULL: none. */
struct object *world_find(int fd);

/* Send a packet of the machine to the server of its socket. */
void world_send(struct object *o, const uint8_t bytes[NTP_PACKET_LEN]);

/* Put a message into a channel; -1 if it is full. */
int world_put(struct object *to, const void *msg, size_t length, int fd);

/* --- the part of ntpd, ntpd.c -------------------------------------------- */

/* Make the channels, and send what ntpd sends at the start. */
void ntpd_begin(int log_level);

/* The clock was set, or the machine has slept: the kernel reports it. */
void ntpd_clock_set(void);

/* Handle a message from a program. */
void ntpd_hear(const union msg *msg);

#endif
